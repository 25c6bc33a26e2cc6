import { Easy11Error } from '../errors';
import { checkJobOptions, checkPath, runJob, snapshotError, throwIfAborted, type JobOptions } from '../jobs/run-job';
import { EngineStatus } from '../jobs/job';
import { show } from '../show';
import { AddStatus, type CacheEngine, CompareStatus, Kind, Left, MOST_AT_ONCE, State, type Stored } from './engine';
import { Fetcher } from './fetcher';
import { openEngine } from './open-engine';
import { ParsedObjects } from './parsed-objects';
import type { CacheOptions, CacheStats, FetchMethod, FetchOptions, GetOptions, SetOptions } from './types';
import {
  checkFlag,
  checkKey,
  checkKeys,
  checkOptions,
  checkSetOptions,
  checkTag,
  checkTtl,
  invalidOption,
  joinTags,
} from './validate';
import { decode, encode } from './values';

/**
 * A cache outside the JavaScript heap that all worker threads of the process share by its name. Values are strings, bytes
 * (Buffer, Uint8Array), numbers, and whatever has a JSON form; what comes back is a copy, or a text that never changes.
 *
 * Names are those of lru-cache where the meaning is the same. Every method checks its arguments, throws Easy11Error with a
 * `code`, and after an error leaves the cache as it was. `close` it (or declare it with `using`): the memory is given back
 * when the last handle of a name is closed.
 */
export class Cache<V = unknown> {
  readonly backend: 'native' | 'fallback';
  readonly name: string | undefined;
  readonly policy: 's3-fifo' | 'lru';
  readonly max: number | undefined;
  readonly maxBytes: number | undefined;
  readonly ttl: number;
  readonly staleWhileRevalidate: number;
  readonly allowStale: boolean;
  readonly #engine: CacheEngine;
  readonly #state: Uint32Array;
  readonly #now: (() => number) | undefined;
  readonly #onEvict: CacheOptions<V>['onEvict'];
  readonly #fetchMethod: FetchMethod<V> | undefined;
  readonly #fetcher: Fetcher<V>;
  readonly #parsed: ParsedObjects | undefined;
  #closed = false;

  /**
   * Opens the cache of `options.name`, or makes it.
   * Throws ERR_EASY11_INVALID_OPTION, ERR_EASY11_INVALID_TTL, ERR_EASY11_NAME_IN_USE when it is open with another policy,
   * size or time to live, ERR_EASY11_OUT_OF_MEMORY, and ERR_EASY11_NATIVE_UNAVAILABLE.
   */
  constructor(options: CacheOptions<V>) {
    const checked = checkOptions(options);
    const opened = openEngine(checked, options.onEvict !== undefined, (flight, outcome, kind, value) =>
      this.#fetcher.landed(flight, outcome, kind, value),
    );
    this.#engine = opened.engine;
    this.#state = opened.state;
    this.backend = opened.backend;
    this.name = options.name;
    this.policy = checked.policy;
    this.max = options.max;
    this.maxBytes = options.maxBytes;
    this.ttl = checked.ttl;
    this.staleWhileRevalidate = checked.stale;
    this.allowStale = options.allowStale ?? false;
    this.#now = options.now;
    this.#onEvict = options.onEvict;
    this.#fetchMethod = options.fetchMethod;
    this.#parsed = options.parsedObjects ? new ParsedObjects(options.parsedObjects) : undefined;
    this.#fetcher = new Fetcher<V>({
      join: (key, anyway) => this.#open().join(key, anyway),
      land: (flight, outcome, kind, value) => {
        if (!this.#closed) this.#engine.land(flight, outcome, kind, value);
      },
      peek: (key) => this.peek(key),
      keep: (key, value, setting) => this.#keep(key, value, setting),
      ...(options.onRefreshError === undefined ? {} : { onRefreshError: options.onRefreshError }),
    });
  }

  /** The number of entries, those included that are expired but have not been met since. O(shards). */
  get size(): number {
    return this.#open().stats().entries;
  }

  /**
   * The value, or undefined. A stale one only with `allowStale`. O(key + value); an object is parsed anew, unless the
   * cache keeps `parsedObjects`. Throws ERR_EASY11_INVALID_KEY.
   */
  get(key: string, options?: GetOptions): V | undefined {
    const engine = this.#open();
    checkKey(key);
    const allowStale = this.#allowsStale(options);
    const parsed = this.#parsed;
    const known = parsed === undefined ? 0 : parsed.versionOf(key);
    const stored = engine.get(key, known);
    const value = this.#given(key, stored, known, allowStale);
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    return value;
  }

  /** The value without counting a hit or a miss, and without use for the policy. Stale ones only with `allowStale`. */
  peek(key: string, options?: GetOptions): V | undefined {
    const engine = this.#open();
    checkKey(key);
    const value = this.#given(key, engine.peek(key, 0), 0, this.#allowsStale(options));
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    return value;
  }

  /** Whether a fresh value is there. */
  has(key: string): boolean {
    return this.getRemainingTTL(key) > 0;
  }

  /** Milliseconds until the value is stale, Infinity for never, 0 when it is stale or absent. */
  getRemainingTTL(key: string): number {
    const remaining = this.#open().remaining(checkKey(key));
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    return remaining;
  }

  /**
   * Sets a value, for all threads. What has to leave for it leaves.
   * Throws ERR_EASY11_INVALID_KEY, _VALUE, _TTL, _TAG, and ERR_EASY11_VALUE_TOO_LARGE when it exceeds the budget: `maxBytes`,
   * divided by the number of shards (one for each full 4,096 entries or 1 MiB, at most 256).
   */
  set(key: string, value: V, options?: SetOptions): this {
    const engine = this.#open();
    checkKey(key);
    const { kind, stored } = encode(value);
    const ttl = this.#ttlOf(options);
    const status = engine.set(key, kind, stored, ttl, options === undefined ? undefined : joinTags(options.tags));
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    if (status !== EngineStatus.OK) throw this.#refusal(status === EngineStatus.INVALID_ARGUMENT, key);
    return this;
  }

  /** Returns whether it was there. */
  delete(key: string): boolean {
    const deleted = this.#open().delete(checkKey(key));
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    return deleted;
  }

  clear(): void {
    this.#open().clear();
  }

  /** The values in the order of the keys, fresh ones only. Several times as fast as `get` for each. */
  getMany(keys: readonly string[]): (V | undefined)[] {
    const engine = this.#open();
    checkKeys(keys);
    const values: (V | undefined)[] = [];
    for (let from = 0; from < keys.length; from += MOST_AT_ONCE) {
      const part = keys.length > MOST_AT_ONCE ? keys.slice(from, from + MOST_AT_ONCE) : keys;
      const stored = (engine.getMany(part.join('\0'), part.length) ?? engine.getMany(part, part.length)) as Stored[];
      for (let i = 0; i < part.length; i++) {
        const kind = this.#state[State.KINDS + i] as number;
        values.push(kind === Kind.NONE ? undefined : (decode(kind, stored[i] as Stored) as V));
      }
    }
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    return values;
  }

  /**
   * The bytes of a JSON array of the values in the order of the keys, null for what is missing: a response body without an
   * object in between. Strings are quoted; bytes are taken to be JSON already.
   */
  getManyJson(keys: readonly string[]): Buffer {
    const engine = this.#open();
    checkKeys(keys);
    if (keys.length === 0) return Buffer.from('[]');
    const bytes = engine.getManyJson(keys.join('\0'), keys.length) ?? engine.getManyJson(keys, keys.length);
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    return bytes as Buffer;
  }

  /** Sets many. Checks all before it sets the first; ERR_EASY11_VALUE_TOO_LARGE may come after some were set. */
  setMany(entries: Iterable<readonly [key: string, value: V]>, options?: SetOptions): this {
    const engine = this.#open();
    if (typeof entries !== 'object' || entries === null || !(Symbol.iterator in entries)) {
      throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `Entries must be iterable, not ${show(entries)}`);
    }
    const ttl = this.#ttlOf(options);
    const tags = options === undefined ? undefined : joinTags(options.tags);
    const checked = Array.from(entries, ([key, value]) => ({ key: checkKey(key), ...encode(value) }));
    for (const { key, kind, stored } of checked) {
      const status = engine.set(key, kind, stored, ttl, tags);
      if (this.#state[State.LEFT] !== 0) this.#tellLeft();
      if (status !== EngineStatus.OK) throw this.#refusal(status === EngineStatus.INVALID_ARGUMENT, key);
    }
    return this;
  }

  /**
   * Adds to a number at once for all threads and returns the sum; what is absent or stale counts as 0 and gets `options`. A
   * number that is there keeps its expiry. Throws ERR_EASY11_NOT_A_NUMBER when the value is no whole number within 2^53,
   * ERR_EASY11_INVALID_VALUE when `by` or the sum is none.
   */
  incr(key: string, by = 1, options?: SetOptions): number {
    const engine = this.#open();
    checkKey(key);
    if (!Number.isSafeInteger(by)) throw notSafe(by);
    const ttl = this.#ttlOf(options);
    const sum = engine.increment(key, by, ttl, options === undefined ? undefined : joinTags(options.tags));
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    const status = this.#state[State.STATUS];
    if (status === AddStatus.OK) return sum;
    if (status === AddStatus.NOT_SAFE) throw notSafe(sum);
    if (status !== AddStatus.NOT_A_NUMBER) throw this.#refusal(status === AddStatus.TOO_LARGE, key);
    throw new Easy11Error('ERR_EASY11_NOT_A_NUMBER', `The value of ${show(key)} is no whole number within 2^53`);
  }

  /**
   * Sets the value if it is `expected` now (undefined: if none is there or it is stale), and says whether it did. Objects are
   * compared by their JSON text.
   */
  compareAndSet(key: string, expected: V | undefined, value: V, options?: SetOptions): boolean {
    const engine = this.#open();
    checkKey(key);
    const before = expected === undefined ? undefined : encode(expected);
    const after = encode(value);
    const ttl = this.#ttlOf(options);
    const tags = options === undefined ? undefined : joinTags(options.tags);
    const status = engine.compareAndSet(key, before?.kind ?? -1, before?.stored, after.kind, after.stored, ttl, tags);
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    if (status === CompareStatus.SET || status === CompareStatus.DIFFERENT) return status === CompareStatus.SET;
    throw this.#refusal(status === CompareStatus.TOO_LARGE, key);
  }

  /** Every entry that carries the tag now is gone, for all threads. O(1). Throws ERR_EASY11_INVALID_TAG. */
  invalidateTag(tag: string): void {
    this.#open().invalidateTag(checkTag(tag));
  }

  /**
   * The value, loaded by `fetchMethod` if it is not there: once, however many callers and worker threads ask, who all get
   * its value or its error. A stale value within `staleWhileRevalidate` is given out at once, and loaded anew beside.
   * What is too large to keep, or undefined, is given out and not kept.
   *
   * Rejects with ERR_EASY11_INVALID_OPTION without a fetchMethod, ERR_EASY11_ABORTED (name 'AbortError') when `signal` aborts,
   * ERR_EASY11_CLOSED when the cache is closed meanwhile, and with what fetchMethod throws; from another thread that arrives as an Error with
   * the same name, message, code and stack.
   */
  async fetch(key: string, options: FetchOptions<V> = {}): Promise<V | undefined> {
    this.#open();
    checkKey(key);
    if (typeof options !== 'object' || options === null)
      throw invalidOption(`Options must be an object, not ${show(options)}`);
    const { fetchMethod = this.#fetchMethod, signal, forceRefresh = false, ...rest } = options;
    if (typeof fetchMethod !== 'function')
      throw invalidOption('fetch needs a fetchMethod, here or in the options of the cache');
    checkFlag(forceRefresh, 'forceRefresh');
    if (signal !== undefined) checkJobOptions({ signal });
    const ttl = this.#ttlOf(rest);
    const setting = { ttl, tags: joinTags(rest.tags) };
    throwIfAborted(signal);
    if (!forceRefresh) {
      const found = this.get(key, { allowStale: true });
      if (found !== undefined && this.#state[State.STALE] === 0) return found;
      if (found !== undefined) {
        this.#fetcher.refresh(key, fetchMethod, setting, found);
        return found;
      }
    }
    return this.#fetcher.load(key, fetchMethod, setting, signal, forceRefresh);
  }

  /** What happened since the cache was made, in all threads, and what it holds. O(shards). */
  stats(): CacheStats {
    return { backend: this.backend, ...this.#open().stats() };
  }

  /**
   * Writes all entries to a file that is put in place only when it is whole: docs/cache-dump-format.md. Runs beside the event loop (native) or in slices
   * (fallback); the cache stays in use. Rejects with ERR_EASY11_IO, ERR_EASY11_ABORTED or ERR_EASY11_OUT_OF_MEMORY.
   */
  async dump(path: string, options: JobOptions<never> = {}): Promise<void> {
    const engine = this.#open();
    checkPath(path);
    checkJobOptions(options);
    await runJob(
      () => engine.dump(path, Date.now()),
      options,
      never,
      (status) => snapshotError(status, path, 'save', WHAT),
    );
  }

  /**
   * Replaces the content by that of a file that `dump` wrote, on either backend; entries have aged meanwhile. A file that is damaged or of
   * another version is refused, and the cache is as it was: ERR_EASY11_CORRUPT_SNAPSHOT, ERR_EASY11_SNAPSHOT_VERSION, ERR_EASY11_IO.
   */
  async load(path: string, options: JobOptions<never> = {}): Promise<void> {
    const engine = this.#open();
    checkPath(path);
    checkJobOptions(options);
    await runJob(
      () => engine.load(path, Date.now()),
      options,
      never,
      (status) => snapshotError(status, path, 'load', WHAT),
    );
  }

  /** Ends this handle: whoever waits in `fetch` here is refused with ERR_EASY11_CLOSED. Closing twice is no error. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.close();
    this.#fetcher.close();
    this.#parsed?.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): CacheEngine {
    if (this.#closed) throw new Easy11Error('ERR_EASY11_CLOSED', 'The cache is closed');
    if (this.#now !== undefined) this.#engine.setTime(this.#now());
    return this.#engine;
  }

  #allowsStale(options: GetOptions | undefined): boolean {
    if (options === undefined) return this.allowStale;
    if (typeof options !== 'object' || options === null)
      throw invalidOption(`Options must be an object, not ${show(options)}`);
    for (const name in options) if (name !== 'allowStale') throw invalidOption(`There is no option ${show(name)} here`);
    if (options.allowStale === undefined) return this.allowStale;
    checkFlag(options.allowStale, 'allowStale');
    return options.allowStale;
  }

  #ttlOf(options: SetOptions | undefined): number {
    if (options === undefined) return this.ttl;
    checkSetOptions(options);
    return options.ttl === undefined ? this.ttl : checkTtl(options.ttl, 'ttl');
  }

  /** Turns what the engine answered into the caller's value. */
  #given(key: string, stored: Stored | undefined, known: number, allowStale: boolean): V | undefined {
    const state = this.#state;
    if (stored === undefined) {
      if (known !== 0 && state[State.UNCHANGED] === 1) {
        state[State.UNCHANGED] = 0;
        if (allowStale || state[State.STALE] === 0) return this.#parsed?.get(key) as V;
      }
      return undefined;
    }
    if (state[State.STALE] === 1 && !allowStale) return undefined;
    const kind = state[State.KIND] as number;
    if (kind !== Kind.JSON) return stored as V;
    const value = decode(kind, stored);
    this.#parsed?.keep(key, state[State.VERSION] as number, value);
    return value as V;
  }

  #keep(key: string, value: V, setting: { ttl: number; tags: string | undefined }): void {
    const { kind, stored } = encode(value);
    if (this.#closed) return;
    const status = this.#open().set(key, kind, stored, setting.ttl, setting.tags);
    if (this.#state[State.LEFT] !== 0) this.#tellLeft();
    if (status === EngineStatus.OUT_OF_MEMORY) throw this.#refusal(false, key);
  }

  #tellLeft(): void {
    // The callback may use this cache: what the call that is under way has still to read must survive that.
    const { [State.STALE]: stale = 0, [State.STATUS]: status = 0 } = this.#state;
    const left = this.#engine.takeLeft();
    for (let i = 0; i < left.length; i += 4) {
      const value = decode(left[i + 1] as number, left[i + 2] as Stored) as V;
      this.#onEvict?.(value, left[i] as string, left[i + 3] === Left.EVICTED ? 'evict' : 'expire');
    }
    Object.assign(this.#state, { [State.STALE]: stale, [State.STATUS]: status });
  }

  #refusal(tooLarge: boolean, key: string): Easy11Error {
    return tooLarge
      ? new Easy11Error(
          'ERR_EASY11_VALUE_TOO_LARGE',
          `The value for ${show(key)} is larger than the cache's budget allows`,
        )
      : new Easy11Error('ERR_EASY11_OUT_OF_MEMORY', 'The cache ran out of memory');
  }
}

const WHAT = 'a Cache';
function never(): never {
  throw new Easy11Error('ERR_EASY11_INTERNAL', 'dump and load report no progress');
}

function notSafe(value: number): Easy11Error {
  return new Easy11Error('ERR_EASY11_INVALID_VALUE', `incr counts in whole numbers within 2^53, not ${show(value)}`);
}
