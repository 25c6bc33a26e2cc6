import type { Job } from '../jobs/job';

/**
 * What the native addon and the TypeScript fallback both implement, behind the public `Cache` class. The class validates,
 * encodes and owns errors; an engine gets only good input.
 *
 * Vocabulary
 * - *kind*: how a value is kept, and how it comes back. A string comes back as a string whatever its kind; `JSON` as text.
 * - *tags*: each followed by U+0000, or undefined for none.
 * - *state*: an array in which an engine tells what does not fit a return value. Its places are in State.
 * - *tick*: 32 ms, in which expiries are kept. An entry never expires early and at most one tick late.
 */
export interface CacheEngine {
  /**
   * The value, or undefined for none; its kind, staleness and version in `state`. With `known` the version of an earlier
   * answer that still holds, `state[UNCHANGED]` is 1 and nothing is returned.
   */
  get(key: string, known: number): Stored | undefined;
  /** The same without counting it, and without use for the policy. */
  peek(key: string, known: number): Stored | undefined;
  /** Milliseconds until it is stale, Infinity for never, 0 when it is stale or absent. */
  remaining(key: string): number;
  /** An EngineStatus: OK, INVALID_ARGUMENT when it is too large, OUT_OF_MEMORY. */
  set(key: string, kind: number, value: Stored, ttl: number, tags: string | undefined): number;
  delete(key: string): boolean;
  /** The sum; an AddStatus in `state[STATUS]`. An entry that is made gets `ttl` and `tags`. */
  increment(key: string, by: number, ttl: number, tags: string | undefined): number;
  /** A CompareStatus. `expectedKind` -1 expects none. */
  compareAndSet(
    key: string,
    expectedKind: number,
    expected: Stored | undefined,
    kind: number,
    value: Stored,
    ttl: number,
    tags: string | undefined,
  ): number;
  /**
   * At most 1,024 values, fresh ones only, their kinds from `state[KINDS]` on. `keys` is an array or all of them joined by
   * U+0000; undefined when they do not split into `count`.
   */
  getMany(keys: string | readonly string[], count: number): (Stored | undefined)[] | undefined;
  /** The same as the bytes of a JSON array, null for what is missing. */
  getManyJson(keys: string | readonly string[], count: number): Buffer | undefined;
  invalidateTag(tag: string): void;
  clear(): void;
  stats(): EngineStats;
  /** What left by itself during calls of this handle: key, kind, value, why, key, … Forgets it. */
  takeLeft(): (Stored | number)[];
  /** Positive: the caller leads the flight of that number. Negative: it waits for it to land. 0: a fresh value is there, and not `anyway`. */
  join(key: string, anyway: boolean): number;
  /** Ends a flight that the caller leads, with an Outcome. */
  land(flight: number, outcome: number, kind: number, value: Stored | undefined): void;
  /** `wallClock`: milliseconds since 1970, as entries age while they lie in a file. */
  dump(path: string, wallClock: number): Job;
  load(path: string, wallClock: number): Job;
  /** Injects a monotonic clock, in milliseconds, until the next call. */
  setTime(milliseconds: number): void;
  close(): void;
}

export type Stored = string | number | Uint8Array;

export interface EngineStats {
  readonly hits: number;
  readonly misses: number;
  readonly staleHits: number;
  readonly evictions: number;
  readonly expirations: number;
  readonly entries: number;
  readonly bytes: number;
  readonly heldBytes: number;
}

/** Calls `onLanded(flight, outcome, kind, value)` when a flight that was waited for has landed. */
export type OnLanded = (flight: number, outcome: number, kind: number, value: Stored | undefined) => void;

/** A handle on the cache of that name ('' for one of its own), or null when it is open with other options. */
export type CreateCache = (
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
) => CacheEngine | null;

/** Shared with native/include/easy11/cache.hpp and with the dump format. */
export const Kind = { LATIN1: 0, UTF16: 1, JSON: 2, BYTES: 3, NUMBER: 4, NONE: 255 } as const;
export const Policy = { S3_FIFO: 0, LRU: 1 } as const;
export const State = { KIND: 0, STALE: 1, VERSION: 2, UNCHANGED: 3, LEFT: 4, STATUS: 5, KINDS: 8 } as const;
export const AddStatus = { OK: 0, NOT_A_NUMBER: 1, NOT_SAFE: 2, TOO_LARGE: 3, OUT_OF_MEMORY: 4 } as const;
export const CompareStatus = { SET: 0, DIFFERENT: 1, TOO_LARGE: 2, OUT_OF_MEMORY: 3 } as const;
export const Outcome = { VALUE: 0, NOTHING: 1, FAILED: 2, ABANDONED: 3 } as const;
export const Left = { EVICTED: 0, EXPIRED: 1 } as const;

export const MOST_AT_ONCE = 1024;
export const TICK_MILLISECONDS = 32;
/** What an entry is charged beside its key and value. */
export const ENTRY_CHARGE = 32;
