import { LRUCache } from 'lru-cache';

/** To which of the workers a load balancer that throws dice gives request `i`. */
export const workerOf = (i: number, workers: number): number => (Math.imul(i + 1, 0x9e3779b1) >>> 8) % workers;

/** Misses of an LRU for each worker, `entries` in all; of one for all where there is one worker. */
export function missesOfLru(ids: Uint32Array, workers: number, entries: number): number {
  const max = Math.floor(entries / workers);
  const caches = Array.from({ length: workers }, () => new LRUCache<number, true>({ max }));
  let misses = 0;
  ids.forEach((id, i) => {
    const cache = caches[workerOf(i, workers)];
    if (cache?.get(id)) return;
    misses++;
    cache?.set(id, true);
  });
  return misses;
}

/**
 * Misses of a cache that knows the future, which no policy can beat (Belady 1966): it does without whatever is asked for last, be it what
 * has just come. O(n log n): a heap of what is held by when it is asked for next, stale places passed over.
 */
export function missesOfBelady(ids: Uint32Array, entries: number): number {
  // When each is asked for next: a place in the trace, or behind its end, by id, what never comes again.
  const next = new Float64Array(ids.length);
  const seen = new Map<number, number>();
  for (let i = ids.length - 1; i >= 0; i--) {
    const id = ids[i] as number;
    next[i] = seen.get(id) ?? ids.length + id;
    seen.set(id, i);
  }
  const idAt = (place: number): number => ids[place] ?? place - ids.length;
  const held = new Map<number, number>(); // id to when it is asked for next
  // Such places, the latest on top.
  const heap: number[] = [];
  const at = (node: number): number => heap[node] ?? -1;
  const swap = (one: number, other: number): void => {
    [heap[one], heap[other]] = [at(other), at(one)];
  };
  const push = (place: number): void => {
    let child = heap.push(place) - 1;
    for (let parent = (child - 1) >> 1; child > 0 && at(parent) < at(child); parent = (child - 1) >> 1) {
      swap(child, parent);
      child = parent;
    }
  };
  const pop = (): number => {
    const top = at(0);
    swap(0, heap.length - 1);
    heap.pop();
    for (let parent = 0, child = 1; child < heap.length; child = 2 * parent + 1) {
      if (at(child + 1) > at(child)) child++;
      if (at(child) <= at(parent)) break;
      swap(child, parent);
      parent = child;
    }
    return top;
  };
  let misses = 0;
  ids.forEach((id, i) => {
    if (!held.has(id)) misses++;
    held.set(id, next[i] as number);
    push(next[i] as number);
    while (held.size > entries) {
      const latest = pop();
      if (held.get(idAt(latest)) === latest) held.delete(idAt(latest));
    }
  });
  return misses;
}
