import { Problem } from '../../kernel/errors';
import type { TrackedEvent } from './schemas';

/** Stores events and resolves, when they are durable, to the ids of those that were there before. Each id comes once. */
export type WriteEvents = (events: readonly TrackedEvent[]) => Promise<ReadonlySet<string>>;

export interface QueueOptions {
  readonly write: WriteEvents;
  /** Events that may wait or be on their way to the database. Beyond it whoever comes is turned away. */
  readonly capacity: number;
  /** A write takes the batches that wait, until it has so many events. */
  readonly perWrite?: number;
}

interface Waiting {
  readonly events: readonly TrackedEvent[];
  readonly stored: (duplicates: number) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * Brings the batches of many requests to the database together: while one write is under way the next ones gather. One write at
 * a time, so that a busy process makes larger writes, not more of them.
 */
export class EventQueue {
  readonly #options: Required<QueueOptions>;
  #waiting: Waiting[] = [];
  #held = 0;
  #writing: Promise<void> | undefined;

  constructor(options: QueueOptions) {
    this.#options = { perWrite: 2_000, ...options };
  }

  /** Events that wait or are on their way. */
  get held(): number {
    return this.#held;
  }

  /**
   * Resolves when the events are durable, to how many of them had been before (or are in here twice). Throws `overloaded` when
   * there is no room, and what the write throws: then nothing is known to be stored, and the batch may be sent again.
   */
  async add(events: readonly TrackedEvent[]): Promise<number> {
    if (events.length === 0) return 0;
    if (this.#held + events.length > this.#options.capacity)
      throw new Problem('overloaded', 'More events wait to be stored than there is room for; nothing was taken');
    this.#held += events.length;
    try {
      return await new Promise<number>((stored, failed) => {
        this.#waiting.push({ events, stored, failed });
        this.#writing ??= this.#run();
      });
    } finally {
      this.#held -= events.length;
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#writeNext();
    this.#writing = undefined;
  }

  async #writeNext(): Promise<void> {
    let size = 0;
    let taken = 0;
    while (taken < this.#waiting.length && (taken === 0 || size < this.#options.perWrite))
      size += this.#waiting[taken++]?.events.length ?? 0;
    const batches = this.#waiting.splice(0, taken);
    // Each id once, by rising id: two writers with the same events cannot wait for each other in a circle.
    const unique = new Map<string, { readonly event: TrackedEvent; readonly batch: number }>();
    const duplicates = batches.map(({ events }, batch) => {
      let repeated = 0;
      for (const event of events) {
        if (unique.has(event.id)) repeated++;
        else unique.set(event.id, { event, batch });
      }
      return repeated;
    });
    const sorted = [...unique.values()].map(({ event }) => event).sort((a, b) => (a.id < b.id ? -1 : 1));
    try {
      for (const id of await this.#options.write(sorted)) {
        const batch = unique.get(id)?.batch ?? 0;
        duplicates[batch] = (duplicates[batch] ?? 0) + 1;
      }
      batches.forEach(({ stored }, batch) => stored(duplicates[batch] ?? 0));
    } catch (error) {
      for (const { failed } of batches) failed(error);
    }
  }
}
