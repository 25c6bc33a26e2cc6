import { Cache } from '../../core';
import type { Projection } from './projection';

/** Longer queries are nobody's keystrokes: they would only push out what is asked for again. */
const LONGEST_KEPT = 200;
/** Nor are larger answers worth the room of dozens of others. */
const LARGEST_KEPT = 1 << 18;

/** Makes an answer of a kind: "suggestions" or "results". */
export type Render = (projection: Projection | undefined, queryString: string) => string;

/**
 * Answers as bytes, ready to send. Each is kept under the revision of the projection that it was made from, so whatever
 * changes in the catalogue is asked anew at once; what was kept before that is not met again and leaves first.
 */
export class Answers<Kind extends string> {
  readonly #kept: Cache<Buffer> | undefined;

  /** Keeps at most `maxBytes`; 0 keeps nothing. */
  constructor(
    maxBytes: number,
    private readonly renders: Readonly<Record<Kind, Render>>,
  ) {
    this.#kept = maxBytes > 0 ? new Cache<Buffer>({ maxBytes }) : undefined;
  }

  /** The answer of a kind to the query part of an address. Throws Problem as its render does; that is never kept. */
  to(kind: Kind, queryString: string, projection: Projection | undefined): Buffer {
    const render = this.renders[kind];
    if (!this.#kept || !projection || queryString.length > LONGEST_KEPT)
      return Buffer.from(render(projection, queryString));
    const key = `${kind}${projection.revision}?${queryString}`;
    const kept = this.#kept.get(key);
    if (kept) return kept;
    const answer = Buffer.from(render(projection, queryString));
    if (answer.length < LARGEST_KEPT) this.#kept.set(key, answer);
    return answer;
  }

  hits(): number {
    return this.#kept?.stats().hits ?? 0;
  }

  close(): void {
    this.#kept?.close();
  }
}
