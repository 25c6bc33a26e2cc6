import { Easy11Error } from '../errors';
import { createFallbackCache } from '../fallback/cache/handle';
import { loadBackend } from '../loader';
import { show } from '../show';
import { type CacheEngine, MOST_AT_ONCE, type OnLanded, Policy, State } from './engine';
import type { CheckedOptions } from './validate';

const ENTRIES_PER_SHARD = 4_096;
const BYTES_PER_SHARD = 1 << 20;
const MOST_SHARDS = 256;
/** Assumed of entries when only bytes bound them. */
const USUAL_ENTRY = 256;

/**
 * How many parts a cache has: each keeps its own queues, so that one of too few entries would know too little of what is
 * used. A value may take the whole of one part's budget.
 */
export function shardsFor(max: number, maxBytes: number): number {
  const entries = Math.min(max || Infinity, maxBytes === 0 ? Infinity : maxBytes / USUAL_ENTRY);
  let shards = 1;
  while (
    shards < MOST_SHARDS &&
    entries / (2 * shards) >= ENTRIES_PER_SHARD &&
    (maxBytes === 0 || maxBytes / (2 * shards) >= BYTES_PER_SHARD)
  ) {
    shards *= 2;
  }
  return shards;
}

/** Opens a handle on the backend that this process runs on. Throws ERR_EASY11_NAME_IN_USE. */
export function openEngine(
  options: CheckedOptions,
  watching: boolean,
  onLanded: OnLanded,
): { engine: CacheEngine; state: Uint32Array; backend: 'native' | 'fallback' } {
  const { addon } = loadBackend();
  // On a buffer of its own, which V8 never moves.
  const state = new Uint32Array(new ArrayBuffer(4 * (State.KINDS + MOST_AT_ONCE)));
  const create = addon === undefined ? createFallbackCache : addon.createCache;
  const { name, policy, max, maxBytes, ttl, stale } = options;
  const number = policy === 'lru' ? Policy.LRU : Policy.S3_FIFO;
  const shards = shardsFor(max, maxBytes);
  const engine = create(name, number, max, maxBytes, shards, ttl, stale, watching, state, onLanded);
  if (engine === null) {
    throw new Easy11Error(
      'ERR_EASY11_NAME_IN_USE',
      `A cache named ${show(name)} is open with other options (policy, max, maxBytes, ttl or staleWhileRevalidate)`,
    );
  }
  return { engine, state, backend: addon === undefined ? 'fallback' : 'native' };
}
