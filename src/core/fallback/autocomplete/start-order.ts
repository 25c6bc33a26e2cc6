import type { Draft } from './draft';
import type { LeastKeys } from './least-keys';
import type { Segment } from './segment';
import type { Steps } from '../steps';

const FAN_OUT_BITS = 5;
const FAN_OUT = 1 << FAN_OUT_BITS;

/** Minima over blocks of 32 values, over blocks of 32 such blocks, and so on: enough to skip what cannot matter. */
export type Minima = readonly Uint32Array[];

export function buildMinima(values: Uint32Array): Minima {
  const levels: Uint32Array[] = [values];
  for (let level = values; level.length > FAN_OUT;) {
    const above = new Uint32Array(Math.ceil(level.length / FAN_OUT)).fill(0xffffffff);
    for (let i = 0; i < level.length; i++) {
      const block = i >>> FAN_OUT_BITS;
      if ((level[i] as number) < (above[block] as number)) above[block] = level[i] as number;
    }
    levels.push(above);
    level = above;
  }
  return levels;
}

/** How many values from `place` on can be skipped since their block's minimum is not below `worst`. */
function skippable(minima: Minima, place: number, worst: number): number {
  for (let level = minima.length - 1; level > 0; level--) {
    const shift = level * FAN_OUT_BITS;
    if ((place & ((1 << shift) - 1)) !== 0) continue;
    if (((minima[level] as Uint32Array)[place >>> shift] as number) >= worst) return 1 << shift;
  }
  return 0;
}

/** Offers the values at `from..to` that could be among the least, skipping blocks that hold none. */
export function offerLeast(
  minima: Minima,
  from: number,
  to: number,
  least: LeastKeys,
  accepts: (rank: number) => boolean,
): void {
  const values = minima[0] as Uint32Array;
  for (let place = from; place < to;) {
    if ((place & (FAN_OUT - 1)) === 0) {
      const skipped = skippable(minima, place, least.worst);
      if (skipped > 0) {
        place += skipped;
        continue;
      }
    }
    const end = Math.min(to, (place | (FAN_OUT - 1)) + 1);
    for (; place < end; place++) {
      const value = values[place] as number;
      if (value < least.worst && accepts(value)) least.offer(value);
    }
  }
}

/** Word ranges a start has to begin with: the i-th word in `lows[i]..highs[i]`. */
export interface StartRange {
  readonly count: number;
  readonly lows: Uint32Array;
  readonly highs: Uint32Array;
}

/** Below zero when the start of `rank` is before all that begin so, above when it is after, zero when it begins so. */
export function compareStart(segment: Segment, rank: number, range: StartRange): number {
  const from = segment.forwardStarts[rank] as number;
  const length = segment.startCounts[rank] as number;
  for (let i = 0; i < range.count; i++) {
    if (i >= length) return -1;
    const word = segment.forward[from + i] as number;
    if (word < (range.lows[i] as number)) return -1;
    if (word >= (range.highs[i] as number)) return 1;
  }
  return 0;
}

/**
 * Where in the order of starts each first word begins: those of word w are at `places[w]..places[w + 1]`. Most of a search
 * in the order is thereby done.
 */
export function* buildFirstPlaces(draft: Draft, byStart: Uint32Array, words: number): Steps<Uint32Array> {
  const places = new Uint32Array(words + 1);
  let empty = 0;
  for (let place = 0; place < byStart.length; place++) {
    const rank = byStart[place] as number;
    if (draft.startCounts[rank] === 0) empty++;
    else {
      const next = (draft.forward[draft.forwardStarts[rank] as number] as number) + 1;
      places[next] = (places[next] as number) + 1;
    }
    if (place % 4096 === 0) yield;
  }
  // Texts without a word come before all others.
  places[0] = empty;
  for (let word = 0; word < words; word++) places[word + 1] = (places[word + 1] as number) + (places[word] as number);
  return places;
}

/** The first place in the order of starts whose comparison is at least `least` (0: the range's begin, 1: its end). */
export function findStart(segment: Segment, range: StartRange, least: 0 | 1): number {
  let low = segment.firstPlaces[range.lows[0] as number] as number;
  let high = segment.firstPlaces[range.highs[0] as number] as number;
  if (range.count === 1) return least === 0 ? low : high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareStart(segment, segment.byStart[middle] as number, range) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
