import type { IncomingMessage, ServerResponse } from 'node:http';
import { Cache } from '../../core';
import { isFresh, versionTag } from '../../platform/http/etag';
import { sendJson, sendUnchanged } from '../../platform/http/send-json';
import type { Log } from '../../platform/log';
import type { Follower, Outbox, PublishedEvent } from '../../platform/outbox';

/** How long a product may be shown though its events do not arrive: as long as other caches may keep it anyway. */
const FRESH_MS = 60_000;
const PATH = '/v1/products/';
const ID = /^prd_[0-9a-f-]{36}$/;
const NEWLINE = 10;

export interface DetailsOptions {
  readonly outbox: Pick<Outbox, 'follow' | 'positions'>;
  readonly log: Log;
  /** Keeps at most so many bytes; 0 keeps nothing. */
  readonly cacheBytes: number;
}

/**
 * Products as bytes of JSON, ready to send. An event of a product leaves behind nothing but its version, so that a reader
 * who is just bringing an older row from the database cannot put it back.
 */
export class ProductDetails {
  readonly #kept: Cache<Buffer> | undefined;
  #follower: Follower | undefined;
  #closed = false;
  readonly #starting: Promise<void>;

  constructor({ outbox, log, cacheBytes }: DetailsOptions) {
    this.#kept = cacheBytes > 0 ? new Cache<Buffer>({ maxBytes: cacheBytes, ttl: FRESH_MS }) : undefined;
    this.#starting = this.#kept ? this.#follow(outbox, log) : Promise.resolve();
  }

  /** Undefined when it is not kept. O(size). */
  find(id: string): { readonly version: number; readonly body: Buffer } | undefined {
    const kept = this.#kept?.get(id);
    if (!kept) return undefined;
    const end = kept.indexOf(NEWLINE);
    if (end === kept.length - 1) return undefined;
    return { version: Number(kept.toString('latin1', 0, end)), body: kept.subarray(end + 1) };
  }

  /** Keeps a product as it was read, unless a later version of it has been heard of. */
  keep(product: { readonly id: string; readonly version: number }): void {
    // Until the log is followed nothing would take it out again.
    if (!this.#kept || !this.#follower || this.#closed) return;
    const heardOf = this.#kept.peek(product.id);
    if (heardOf && versionIn(heardOf) > product.version) return;
    const value = Buffer.from(`${product.version}\n${JSON.stringify(product)}`);
    // What does not fit is not worth a refusal.
    if (value.length < LARGEST) this.#kept.set(product.id, value);
  }

  /** There is this version of the product now: what is older goes, and does not come back. */
  forget(id: string, version: number): void {
    const kept = this.#kept?.peek(id);
    if (!kept || versionIn(kept) < version) this.#kept?.set(id, Buffer.from(`${version}\n`));
  }

  apply(events: readonly PublishedEvent[]): void {
    for (const { subject, version } of events) this.forget(subject, version);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#starting;
    await this.#follower?.close();
    this.#kept?.close();
  }

  async #follow(outbox: DetailsOptions['outbox'], log: Log): Promise<void> {
    try {
      this.#follower = outbox.follow({
        name: 'product-details',
        kind: 'product',
        from: await outbox.positions(),
        onEvents: (events) => this.apply(events),
        onBehind: async () => {
          const from = await outbox.positions();
          this.#kept?.clear();
          return from;
        },
      });
    } catch (error) {
      log.warn({ err: error }, 'Products are read from the database each time: their events cannot be followed');
    }
  }
}

/** No product is this large; the budget of one part of the cache may be. */
const LARGEST = 1 << 19;

const versionIn = (kept: Buffer): number => Number(kept.toString('latin1', 0, kept.indexOf(NEWLINE)));

/** Answers GET /v1/products/{id} from what is kept, and returns true; leaves every other request alone and returns false. */
export function productFastPath(
  details: Pick<ProductDetails, 'find'>,
  cacheControl: string,
  onAnswered: (method: string, status: number, seconds: number) => void,
): (req: IncomingMessage, res: ServerResponse) => boolean {
  return (req, res) => {
    const { url = '', method = '' } = req;
    if (!url.startsWith(PATH) || (method !== 'GET' && method !== 'HEAD')) return false;
    const start = process.hrtime.bigint();
    const id = url.slice(PATH.length);
    const found = ID.test(id) ? details.find(id) : undefined;
    if (!found) return false;
    const options = { cacheControl, etag: versionTag(found.version) };
    if (isFresh(req, options.etag)) sendUnchanged(req, res, options);
    else sendJson(req, res, found.body, options);
    onAnswered(method, res.statusCode, Number(process.hrtime.bigint() - start) / 1e9);
    return true;
  };
}
