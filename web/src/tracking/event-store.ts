import type { ShopEvent } from './happenings';

/** Where events wait until the shop has them. */
export interface EventStore {
  put(event: ShopEvent): void;
  /** What waits, the oldest first. */
  list(): readonly ShopEvent[];
  remove(ids: readonly string[]): void;
}

const PREFIX = 'easy11.event.';

/** More than a shopper does while a shop is away for an hour. */
export const MOST_KEPT = 300;

/**
 * Keeps each event under a key of its own, so that windows of one browser, which share the storage, never write over each other.
 * Beyond `most` the oldest go. Where the browser keeps nothing they wait until the page is left.
 */
export class BrowserEventStore implements EventStore {
  readonly #held = new Map<string, ShopEvent>();

  /** `storage` throws where the browser forbids it, also when it is only looked at. */
  constructor(
    private readonly storage: () => Storage,
    private readonly most = MOST_KEPT,
  ) {}

  put(event: ShopEvent): void {
    try {
      this.storage().setItem(PREFIX + event.id, JSON.stringify(event));
    } catch {
      this.#held.set(event.id, event); // forbidden or full
    }
    const ids = this.#ids();
    if (ids.length > this.most) this.remove(ids.slice(0, ids.length - this.most));
  }

  list(): readonly ShopEvent[] {
    return this.#ids().flatMap((id) => this.#read(id) ?? []);
  }

  remove(ids: readonly string[]): void {
    for (const id of ids) {
      this.#held.delete(id);
      try {
        this.storage().removeItem(PREFIX + id);
      } catch {
        return; // forbidden: then nothing is in it
      }
    }
  }

  /** By rising id, which is by time. */
  #ids(): string[] {
    const ids = [...this.#held.keys()];
    try {
      const storage = this.storage();
      for (let index = 0; index < storage.length; index++) {
        const key = storage.key(index);
        if (key?.startsWith(PREFIX)) ids.push(key.slice(PREFIX.length));
      }
    } catch {
      return ids.sort(); // forbidden
    }
    return ids.sort();
  }

  #read(id: string): ShopEvent | undefined {
    const held = this.#held.get(id);
    if (held) return held;
    try {
      const event = JSON.parse(this.storage().getItem(PREFIX + id) ?? 'null') as ShopEvent | null;
      if (event?.id === id) return event;
    } catch {
      this.remove([id]); // written by somebody else
    }
    return undefined;
  }
}
