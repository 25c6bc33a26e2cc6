import { ApiError, isPassing } from '../api/client';
import type { EventStore } from './event-store';
import type { ShopEvent } from './happenings';

/** Events gather for so long: a page and its first click are one request. */
export const GATHER_MS = 3_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
/** Fewer than 64 KiB, however long the words are that were searched for: more is not sent when a page is left. */
const PER_REQUEST = 50;

export interface QueueOptions {
  readonly store: EventStore;
  /** Whether the shopper agrees, now. */
  readonly allowed: () => boolean;
  /** Resolves when the shop has judged the events. Rejects with ApiError. */
  readonly send: (events: readonly ShopEvent[]) => Promise<void>;
  /** Hands text to the browser, to be sent though the page goes; false where it will not. */
  readonly beacon: (lines: string) => boolean;
  /** Does a task after so many milliseconds. */
  readonly later: (milliseconds: number, task: () => void) => void;
  /** From 0 to below 1: browsers that were all turned away at once do not all come back at once. */
  readonly random: () => number;
}

/**
 * Brings events to the shop: gathered for a few seconds, again after trouble, and once more when the page is left. An event waits
 * in the store until the shop has answered for it, so that none is lost with a page; one that reaches the shop twice is the same
 * event by its id, and counts once.
 */
export class ShopEventQueue {
  readonly #options: QueueOptions;
  #waiting = false;
  #sending: Promise<void> | undefined;
  /** Handed to the browser when the page was left; nobody knows whether they arrived. */
  readonly #handedOver = new Set<string>();
  #failures = 0;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Takes up what an earlier page left behind. */
  start(): void {
    if (this.#options.store.list().length > 0) this.#sendLater(GATHER_MS);
  }

  add(event: ShopEvent): void {
    if (!this.#options.allowed()) return;
    this.#options.store.put(event);
    this.#sendLater(GATHER_MS);
  }

  /** Sends what waits. Never rejects: what could not be sent is sent again after a pause. */
  async flush(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  /** The page is being left, or put aside: hands what waits to the browser. It stays in the store: a beacon has no answer. */
  leave(): void {
    const { store, allowed, beacon } = this.#options;
    if (!allowed()) return;
    const events = store.list().filter(({ id }) => !this.#handedOver.has(id));
    const some = events.slice(0, PER_REQUEST);
    if (some.length === 0 || !beacon(some.map((event) => JSON.stringify(event)).join('\n'))) return;
    for (const { id } of some) this.#handedOver.add(id);
  }

  /** Forgets what waits: the shopper has refused. */
  drop(): void {
    const { store } = this.#options;
    store.remove(store.list().map(({ id }) => id));
    this.#handedOver.clear();
  }

  async #sendAll(): Promise<void> {
    const { store, allowed, send } = this.#options;
    for (;;) {
      const events = allowed() ? store.list().slice(0, PER_REQUEST) : [];
      if (events.length === 0) return;
      const failure = await send(events).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      // What the shop refuses as a whole it would refuse again.
      if (failure && isPassing(failure.error)) return this.#sendLater(this.#pauseAfter(failure.error));
      this.#failures = 0;
      for (const { id } of events) this.#handedOver.delete(id);
      store.remove(events.map(({ id }) => id));
    }
  }

  #pauseAfter(error: unknown): number {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures++, LONGEST_PAUSE_MS) * (1 + this.#options.random() / 2);
    return Math.max(pause, error instanceof ApiError ? error.retryAfterMs : 0);
  }

  #sendLater(milliseconds: number): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#options.later(milliseconds, () => {
      this.#waiting = false;
      void this.flush();
    });
  }
}
