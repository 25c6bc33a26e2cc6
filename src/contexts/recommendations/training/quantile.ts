import type { Interactions } from './interactions';

const BUCKETS = 4_096;

/**
 * The moment that leaves `share` of the interactions that are measured before it or at it, to the millisecond: what sorting the times
 * would find at that place. Undefined where none is measured. A few passes.
 */
export function quantileOf(all: Interactions, measured: (e: number) => boolean, share: number): number | undefined {
  let [from, to, rank] = [all.since, all.until, -1];
  while (from <= to) {
    const width = (to - from) / BUCKETS;
    const counts = new Uint32Array(BUCKETS);
    const least = new Float64Array(BUCKETS).fill(Infinity);
    const most = new Float64Array(BUCKETS).fill(-Infinity);
    let count = 0;
    for (let e = 0; e < all.count; e++) {
      const at = all.times[e] as number;
      if (at < from || at > to || !measured(e)) continue;
      const bucket = width === 0 ? 0 : Math.min(BUCKETS - 1, Math.floor((at - from) / width));
      counts[bucket] = (counts[bucket] as number) + 1;
      least[bucket] = Math.min(least[bucket] as number, at);
      most[bucket] = Math.max(most[bucket] as number, at);
      count++;
    }
    if (count === 0) return undefined;
    if (rank < 0) rank = Math.min(count - 1, Math.floor(count * share));
    let bucket = 0;
    while (rank >= (counts[bucket] as number)) rank -= counts[bucket++] as number;
    [from, to] = [least[bucket] as number, most[bucket] as number];
    if (from === to) return from;
  }
  return undefined;
}
