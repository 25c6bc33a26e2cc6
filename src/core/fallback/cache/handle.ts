import {
  AddStatus,
  type CacheEngine,
  CompareStatus,
  type EngineStats,
  Kind,
  type OnLanded,
  State,
  type Stored,
  TICK_MILLISECONDS,
} from '../../cache/engine';
import { EngineStatus, type Job } from '../../jobs/job';
import { startJob } from '../steps';
import { readDump, writeDump } from './dump';
import { Flights } from './flights';
import type { Entry } from './queue';
import { expiryAt, type NewEntry, type OnLeave, Store, type StoreOptions } from './store';

interface Shared {
  readonly store: Store;
  readonly flights: Flights;
  handles: number;
}

/** The named caches of this thread. */
const registry = new Map<string, Shared>();

/** One handle on a cache in plain TypeScript. See engine.ts for what its functions mean. */
class FallbackHandle implements CacheEngine {
  readonly #store: Store;
  readonly #flights: Flights;
  readonly #jobs = new Set<Job>();
  readonly #left: (Stored | number)[] = [];
  readonly #onLeave: OnLeave;
  #time: number | undefined;

  constructor(
    private readonly shared: Shared,
    private readonly name: string,
    watching: boolean,
    private readonly state: Uint32Array,
    private readonly onLanded: OnLanded,
  ) {
    this.#store = shared.store;
    this.#flights = shared.flights;
    if (watching) {
      this.#onLeave = ({ key, kind, stored }, why) => {
        this.#left.push(key, kind, given(stored), why);
        this.state[State.LEFT] = this.#left.length / 4;
      };
    }
  }

  get(key: string, known: number): Stored | undefined {
    const entry = this.#find(key);
    const { counts } = this.#store;
    if (entry === undefined) counts.misses++;
    else {
      if (this.#stale(entry)) counts.staleHits++;
      else counts.hits++;
      this.#store.touch(entry);
    }
    return this.#answer(entry, known);
  }

  peek(key: string, known: number): Stored | undefined {
    return this.#answer(this.#find(key), known);
  }

  remaining(key: string): number {
    const entry = this.#find(key);
    if (entry === undefined) return 0;
    if (entry.expiry === undefined) return Infinity;
    return Math.max(0, entry.expiry * TICK_MILLISECONDS - this.#now());
  }

  set(key: string, kind: number, value: Stored, ttl: number, tags: string | undefined): number {
    const entry = this.#make(key, kind, value, ttl, tags);
    if (!this.#store.fits(entry)) return EngineStatus.INVALID_ARGUMENT;
    this.#store.set(entry, this.#tick(), this.#onLeave);
    return EngineStatus.OK;
  }

  delete(key: string): boolean {
    const entry = this.#find(key);
    if (entry !== undefined) this.#store.remove(entry);
    return entry !== undefined;
  }

  increment(key: string, by: number, ttl: number, tags: string | undefined): number {
    const found = this.#find(key);
    const entry = found !== undefined && !this.#stale(found) ? found : undefined;
    const tell = (status: number, sum: number): number => {
      this.state[State.STATUS] = status;
      return sum;
    };
    if (entry !== undefined && entry.kind !== Kind.NUMBER) return tell(AddStatus.NOT_A_NUMBER, 0);
    const sum = (entry === undefined ? 0 : (entry.stored as number)) + by;
    if (!Number.isSafeInteger(sum)) return tell(AddStatus.NOT_SAFE, sum);
    if (entry !== undefined) {
      this.#store.changeNumber(entry, sum);
      return tell(AddStatus.OK, sum);
    }
    const status = this.set(key, Kind.NUMBER, sum, ttl, tags);
    return tell(status === EngineStatus.OK ? AddStatus.OK : AddStatus.TOO_LARGE, sum);
  }

  compareAndSet(
    key: string,
    expectedKind: number,
    expected: Stored | undefined,
    kind: number,
    value: Stored,
    ttl: number,
    tags: string | undefined,
  ): number {
    const made = this.#make(key, kind, value, ttl, tags);
    if (!this.#store.fits(made)) return CompareStatus.TOO_LARGE;
    const found = this.#find(key);
    const entry = found !== undefined && !this.#stale(found) ? found : undefined;
    const same =
      entry === undefined ? expectedKind < 0 : entry.kind === expectedKind && sameStored(entry.stored, expected);
    if (!same) return CompareStatus.DIFFERENT;
    this.#store.set(made, this.#tick(), this.#onLeave);
    return CompareStatus.SET;
  }

  getMany(keys: string | readonly string[], count: number): (Stored | undefined)[] | undefined {
    const list = split(keys, count);
    return list?.map((key, i) => {
      const entry = this.#fresh(key);
      this.state[State.KINDS + i] = entry === undefined ? Kind.NONE : entry.kind;
      return entry === undefined ? undefined : given(entry.stored);
    });
  }

  getManyJson(keys: string | readonly string[], count: number): Buffer | undefined {
    const parts = split(keys, count)?.map((key) => {
      const entry = this.#fresh(key);
      if (entry === undefined) return 'null';
      if (entry.kind === Kind.BYTES) return entry.stored as Uint8Array;
      return entry.kind === Kind.JSON ? (entry.stored as string) : JSON.stringify(entry.stored);
    });
    if (parts === undefined) return undefined;
    if (parts.every((part) => typeof part === 'string')) return Buffer.from(`[${parts.join(',')}]`);
    const pieces = parts.flatMap((part, i) => [Buffer.from(i === 0 ? '[' : ','), Buffer.from(part)]);
    return Buffer.concat([...pieces, Buffer.from(']')]);
  }

  invalidateTag(tag: string): void {
    this.#store.invalidateTag(tag);
  }

  clear(): void {
    this.#store.clear();
  }

  stats(): EngineStats {
    return this.#store.stats();
  }

  takeLeft(): (Stored | number)[] {
    this.state[State.LEFT] = 0;
    return this.#left.splice(0);
  }

  join(key: string, anyway: boolean): number {
    return this.#flights.join(key, this.onLanded, () => !anyway && this.remaining(key) > 0);
  }

  land(flight: number, outcome: number, kind: number, value: Stored | undefined): void {
    this.#flights.land(flight, outcome, kind, value === undefined ? undefined : given(value));
  }

  dump(path: string, wallClock: number): Job {
    const [now, tick] = [this.#now(), this.#tick()];
    return this.#start(async (cancellation) => {
      const records = [...this.#store.entries()].flatMap((entry) => {
        if (this.#store.gone(entry, tick)) return [];
        const remaining = entry.expiry === undefined ? Infinity : entry.expiry * TICK_MILLISECONDS - now;
        return [{ ...entry, remaining }];
      });
      await writeDump(path, records, wallClock, cancellation);
    });
  }

  load(path: string, wallClock: number): Job {
    const [now, tick] = [this.#now(), this.#tick()];
    return this.#start(async (cancellation) => {
      const { records, savedAt } = await readDump(path, cancellation);
      const age = Math.max(0, wallClock - savedAt);
      this.#store.clear();
      for (const { key, kind, stored, tags, main, frequency, remaining } of records) {
        const left = remaining - age;
        if (Math.ceil(left) + this.#store.options.stale <= 0) continue;
        const entry = { key, kind, stored, tags, expiry: left === Infinity ? undefined : expiryAt(now + left) };
        if (this.#store.fits(entry)) this.#store.restore(entry, main, frequency, tick);
      }
    });
  }

  setTime(milliseconds: number): void {
    this.#time = milliseconds;
  }

  close(): void {
    for (const job of this.#jobs) job.cancel();
    this.#flights.leave(this.onLanded);
    if (--this.shared.handles === 0 && this.name !== '') registry.delete(this.name);
  }

  #now(): number {
    return this.#time ?? performance.now();
  }

  #tick(): number {
    return Math.floor(this.#now() / TICK_MILLISECONDS);
  }

  #find(key: string): Entry | undefined {
    return this.#store.find(key, this.#tick(), this.#onLeave);
  }

  #stale(entry: Entry): boolean {
    return entry.expiry !== undefined && entry.expiry <= this.#tick();
  }

  #fresh(key: string): Entry | undefined {
    const entry = this.#find(key);
    if (entry === undefined || this.#stale(entry)) {
      this.#store.counts.misses++;
      return undefined;
    }
    this.#store.counts.hits++;
    this.#store.touch(entry);
    return entry;
  }

  #answer(entry: Entry | undefined, known: number): Stored | undefined {
    const { state } = this;
    if (entry === undefined) {
      state[State.KIND] = Kind.NONE;
      return undefined;
    }
    state[State.STALE] = this.#stale(entry) ? 1 : 0;
    state[State.VERSION] = entry.version;
    state[State.UNCHANGED] = known !== 0 && known === entry.version ? 1 : 0;
    if (state[State.UNCHANGED] === 1) return undefined;
    state[State.KIND] = entry.kind;
    return given(entry.stored);
  }

  #make(key: string, kind: number, value: Stored, ttl: number, tags: string | undefined): NewEntry {
    const stored = typeof value === 'object' ? Uint8Array.from(value) : value;
    return { key, kind, stored, expiry: ttl > 0 ? expiryAt(this.#now() + ttl) : undefined, tags };
  }

  #start(work: Parameters<typeof startJob>[0]): Job {
    const job = startJob(work, (ended) => this.#jobs.delete(ended));
    this.#jobs.add(job);
    return job;
  }
}

/** Bytes are given out as a copy. */
function given(stored: Stored): Stored {
  return typeof stored === 'object' ? Buffer.from(stored) : stored;
}

function sameStored(a: Stored, b: Stored | undefined): boolean {
  return typeof a === 'object' ? typeof b === 'object' && Buffer.compare(a, b) === 0 : a === b;
}

function split(keys: string | readonly string[], count: number): readonly string[] | undefined {
  if (typeof keys !== 'string') return keys;
  const list = keys.split('\0');
  return list.length === count ? list : undefined;
}

/** A handle on the cache of that name in this thread; null when it is open with other options. */
export function createFallbackCache(
  name: string,
  policy: number,
  max: number,
  maxBytes: number,
  shards: number,
  ttl: number,
  stale: number,
  watching: boolean,
  state: Uint32Array,
  onLanded: OnLanded,
): CacheEngine | null {
  const options: StoreOptions = { policy, max, maxBytes, shards, ttl, stale };
  let shared = name === '' ? undefined : registry.get(name);
  if (shared !== undefined && JSON.stringify(shared.store.options) !== JSON.stringify(options)) return null;
  if (shared === undefined) {
    shared = { store: new Store(options), flights: new Flights(), handles: 0 };
    if (name !== '') registry.set(name, shared);
  }
  shared.handles++;
  return new FallbackHandle(shared, name, watching, state, onLanded);
}
