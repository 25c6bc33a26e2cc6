export interface CacheOptions<V = unknown> {
  /** Caches of one name are one cache, in every worker thread of the process (on the fallback: of the thread). */
  readonly name?: string;
  /** What leaves when there is no room. Default 's3-fifo'. */
  readonly policy?: 's3-fifo' | 'lru';
  /** Entries at most. One of `max` and `maxBytes` is needed. */
  readonly max?: number;
  /** Bytes at most: keys, values and 32 for each entry (under 'lru', an eighth of key and value more). */
  readonly maxBytes?: number;
  /** Milliseconds that a value stays fresh, unless `set` says otherwise. Default: for ever. */
  readonly ttl?: number;
  /** Milliseconds after that in which a stale value is still there: for `allowStale`, and for `fetch` while it loads anew. */
  readonly staleWhileRevalidate?: number;
  /** Whether `get` gives out stale values. Default false. */
  readonly allowStale?: boolean;
  /** Loads what `fetch` does not find. */
  readonly fetchMethod?: FetchMethod<V>;
  /** Called when loading anew in the background fails; the stale value stays until its window ends. */
  readonly onRefreshError?: (error: unknown, key: string) => void;
  /** Called after a call of this handle made room or met an expired value, with what left. Not for `delete`, `set` and `clear`. */
  readonly onEvict?: (value: V, key: string, reason: 'evict' | 'expire') => void;
  /**
   * How many parsed objects this thread keeps beside the shared bytes, so that reading one again costs no parsing. They are
   * handed out by reference: treat them as frozen. Default 0.
   */
  readonly parsedObjects?: number;
  /** A monotonic clock in milliseconds in place of the machine's, for tests. */
  readonly now?: () => number;
}

export interface GetOptions {
  readonly allowStale?: boolean;
}

export interface SetOptions {
  /** Milliseconds; 0 for ever. Default: the cache's. */
  readonly ttl?: number;
  /** At most 16: `invalidateTag` of any one takes the entry out. */
  readonly tags?: readonly string[];
}

export interface FetchContext<V> {
  /** Aborted when nobody waits for the value any more, and when the cache is closed. */
  readonly signal: AbortSignal;
  /** What is to be replaced, if it is still there. */
  readonly staleValue: V | undefined;
}

/** Returns the value, or undefined for none (which is not kept). */
export type FetchMethod<V> = (key: string, context: FetchContext<V>) => Promise<V | undefined> | V | undefined;

export interface FetchOptions<V> extends SetOptions {
  /** In place of the cache's own. */
  readonly fetchMethod?: FetchMethod<V>;
  /** Ends the waiting of this call. */
  readonly signal?: AbortSignal;
  /** Load even if the value is there and fresh. */
  readonly forceRefresh?: boolean;
}

export interface CacheStats {
  readonly backend: 'native' | 'fallback';
  /** Of `get`, `getMany` and `fetch`: fresh values found. */
  readonly hits: number;
  readonly misses: number;
  /** Found, but stale. */
  readonly staleHits: number;
  /** Left for lack of room. */
  readonly evictions: number;
  /** Left because they were expired or invalidated, as was noticed when they were met. */
  readonly expirations: number;
  readonly entries: number;
  /** What `maxBytes` bounds. */
  readonly bytes: number;
  /** What is allocated for it (on the fallback: `bytes`). */
  readonly heldBytes: number;
}
