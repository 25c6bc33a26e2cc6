import { type EngineStats, ENTRY_CHARGE, Kind, Left, Policy, type Stored, TICK_MILLISECONDS } from '../../cache/engine';
import { textBytes } from '../../cache/values';
import { Ghosts } from './ghosts';
import { type Entry, Queue } from './queue';
import { tagCount, Tags } from './tags';

export interface StoreOptions {
  readonly policy: number;
  readonly max: number;
  readonly maxBytes: number;
  readonly shards: number;
  readonly ttl: number;
  readonly stale: number;
}

export interface NewEntry {
  readonly key: string;
  readonly kind: number;
  readonly stored: Stored;
  readonly expiry: number | undefined;
  readonly tags: string | undefined;
}

/** Hears of what leaves by itself. */
export type OnLeave = ((entry: Entry, why: number) => void) | undefined;

export function valueBytes(kind: number, stored: Stored): number {
  if (kind === Kind.NUMBER) return 8;
  if (kind === Kind.BYTES) return (stored as Uint8Array).length;
  return kind === Kind.JSON ? Buffer.byteLength(stored as string) : textBytes(stored as string);
}

/** The tick at which something that lives until `milliseconds` is stale: never early. */
export function expiryAt(milliseconds: number): number {
  return Math.max(0, Math.ceil(milliseconds / TICK_MILLISECONDS));
}

/** One cache: the entries, their order, and what is counted. Times are ticks. The same policy as native/src/cache. */
export class Store {
  readonly small = new Queue();
  readonly main = new Queue();
  readonly counts = { hits: 0, misses: 0, staleHits: 0, evictions: 0, expirations: 0 };
  readonly #entries = new Map<string, Entry>();
  readonly #ghosts = new Ghosts();
  readonly #tags = new Tags();
  readonly #lru: boolean;
  readonly #staleTicks: number;
  #version = 0;

  constructor(readonly options: StoreOptions) {
    this.#lru = options.policy === Policy.LRU;
    this.#staleTicks = Math.ceil(options.stale / TICK_MILLISECONDS);
  }

  /** A living entry: one past its stale window or invalidated is taken out on the way. */
  find(key: string, tick: number, onLeave: OnLeave): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !this.gone(entry, tick)) return entry;
    this.#leave(entry, Left.EXPIRED, onLeave);
    return undefined;
  }

  gone(entry: Entry, tick: number): boolean {
    if (entry.expiry !== undefined && entry.expiry + this.#staleTicks <= tick) return true;
    return this.#tags.invalid(entry.tags, entry.stamp);
  }

  touch(entry: Entry): void {
    if (this.#lru) {
      this.main.remove(entry);
      this.main.push(entry);
    } else if (entry.frequency < 3) {
      entry.frequency++;
    }
  }

  changeNumber(entry: Entry, sum: number): void {
    entry.stored = sum;
    entry.version = this.#nextVersion();
    this.touch(entry);
  }

  fits(entry: NewEntry): boolean {
    const { maxBytes, shards } = this.options;
    return maxBytes === 0 || this.#chargeOf(entry) <= Math.floor(maxBytes / shards);
  }

  set(entry: NewEntry, tick: number, onLeave: OnLeave): void {
    let main = this.#lru;
    let frequency = 0;
    const old = this.find(entry.key, tick, onLeave);
    if (old !== undefined) {
      // A replaced entry was used, and stays in its queue, as the newest.
      main = old.main;
      frequency = this.#lru ? 0 : Math.min(3, old.frequency + 1);
      this.remove(old);
    } else if (!this.#lru && this.#ghosts.take(entry.key)) {
      main = true;
    }
    this.#put(entry, main, frequency, tick, onLeave);
  }

  /** Puts an entry of a dump behind the newest of its queue. */
  restore(entry: NewEntry, main: boolean, frequency: number, tick: number): void {
    const old = this.#entries.get(entry.key);
    if (old !== undefined) this.remove(old);
    this.#put(entry, main || this.#lru, this.#lru ? 0 : frequency, tick, undefined);
  }

  remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#tags.release(entry.tags);
    (entry.main ? this.main : this.small).remove(entry);
  }

  /** From the oldest to the newest: the small queue first, then the main one. */
  *entries(): Generator<Entry> {
    yield* this.small;
    yield* this.main;
  }

  invalidateTag(tag: string): void {
    this.#tags.invalidate(tag);
  }

  clear(): void {
    for (const entry of [...this.entries()]) this.remove(entry);
    this.#ghosts.clear();
  }

  stats(): EngineStats {
    const bytes = this.small.charge + this.main.charge;
    return { ...this.counts, entries: this.#entries.size, bytes, heldBytes: bytes };
  }

  #chargeOf({ key, kind, stored, tags }: NewEntry): number {
    const content = textBytes(key) + valueBytes(kind, stored) + (tags === undefined ? 0 : 8 + 4 * tagCount(tags));
    return ENTRY_CHARGE + content + (this.#lru ? Math.floor(content / 8) : 0);
  }

  #put(entry: NewEntry, main: boolean, frequency: number, tick: number, onLeave: OnLeave): void {
    const charge = this.#chargeOf(entry);
    this.#makeRoom(charge, tick, onLeave);
    const version = this.#nextVersion();
    const stamp = this.#tags.take(entry.tags);
    const links = { newer: undefined, older: undefined };
    const made: Entry = { ...entry, ...links, charge, stamp, version, frequency, main };
    this.#entries.set(made.key, made);
    (main ? this.main : this.small).push(made);
  }

  #nextVersion(): number {
    this.#version = this.#version === 0xffffffff ? 1 : this.#version + 1;
    return this.#version;
  }

  #makeRoom(needed: number, tick: number, onLeave: OnLeave): void {
    const { max, maxBytes } = this.options;
    const { small, main } = this;
    while (
      small.count + main.count > 0 &&
      ((max > 0 && small.count + main.count + 1 > max) ||
        (maxBytes > 0 && small.charge + main.charge + needed > maxBytes))
    ) {
      if (this.#lru) {
        const victim = main.oldest as Entry;
        this.#leave(victim, this.gone(victim, tick) ? Left.EXPIRED : Left.EVICTED, onLeave);
      } else if (small.count > 0 && (main.count === 0 || this.#smallIsOver())) {
        this.#step(small, tick, onLeave);
      } else {
        this.#step(main, tick, onLeave);
      }
    }
  }

  /** The small queue is to take a tenth. */
  #smallIsOver(): boolean {
    const { max, maxBytes } = this.options;
    return (
      (max > 0 && this.small.count >= Math.max(1, Math.floor(max / 10))) ||
      (maxBytes > 0 && this.small.charge >= Math.floor(maxBytes / 10))
    );
  }

  /** S3-FIFO: what was used goes to the end of the main queue, what was not leaves; from the small one as a ghost. */
  #step(queue: Queue, tick: number, onLeave: OnLeave): void {
    const entry = queue.oldest as Entry;
    if (this.gone(entry, tick)) {
      this.#leave(entry, Left.EXPIRED, onLeave);
    } else if (entry.frequency > 0) {
      queue.remove(entry);
      entry.frequency = queue === this.small ? 0 : entry.frequency - 1;
      entry.main = true;
      this.main.push(entry);
    } else {
      this.#leave(entry, Left.EVICTED, onLeave);
      if (queue === this.small) this.#ghosts.add(entry.key, Math.floor((this.#entries.size * 9) / 10));
    }
  }

  #leave(entry: Entry, why: number, onLeave: OnLeave): void {
    if (why === Left.EVICTED) this.counts.evictions++;
    else this.counts.expirations++;
    this.remove(entry);
    onLeave?.(entry, why);
  }
}
