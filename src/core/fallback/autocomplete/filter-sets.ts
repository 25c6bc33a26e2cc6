import type { EntryFilter } from './filter';
import { denseFrom, hasBit, newBitmap, setBit } from './postings';
import type { Segment } from './segment';

/** Sets kept per segment; the least recently used goes first. */
const KEPT = 32;

/** Entries of a segment selected by one condition: sparse ones as ascending ranks, dense ones as a bitmap. */
export interface RankSet {
  readonly count: number;
  readonly list: Uint32Array | undefined;
  readonly bits: Uint32Array | undefined;
}

function categorySet(segment: Segment, filter: EntryFilter): RankSet {
  const { locals, starts, ranks } = segment.categories;
  const chosen: Uint32Array[] = [];
  let count = 0;
  for (const [set, local] of locals) {
    if (!filter.allowsSet(set)) continue;
    const part = ranks.subarray(starts[local], starts[local + 1]);
    chosen.push(part);
    count += part.length;
  }
  if (count >= denseFrom(segment.size)) {
    const bits = newBitmap(segment.size);
    for (const part of chosen) for (let i = 0; i < part.length; i++) setBit(bits, part[i] as number);
    return { count, list: undefined, bits };
  }
  const list = new Uint32Array(count);
  let at = 0;
  for (const part of chosen) {
    list.set(part, at);
    at += part.length;
  }
  if (chosen.length > 1) list.sort();
  return { count, list, bits: undefined };
}

function stockSet(segment: Segment, wanted: number): RankSet {
  const count = wanted === 1 ? segment.inStockCount : segment.size - segment.inStockCount;
  let bits = segment.inStock;
  if (wanted === 0) {
    bits = segment.inStock.map((word) => ~word);
    // The last word reaches beyond the last entry.
    const beyond = segment.size & 31;
    if (beyond !== 0) bits[bits.length - 1] = (bits[bits.length - 1] as number) & (2 ** beyond - 1);
  }
  if (count >= denseFrom(segment.size)) return { count, list: undefined, bits };
  const list = new Uint32Array(count);
  for (let rank = 0, at = 0; at < count; rank++) if (hasBit(bits, rank)) list[at++] = rank;
  return { count, list, bits: undefined };
}

const kept = new WeakMap<Segment, Map<string, RankSet>>();

function remember(segment: Segment, key: string, make: () => RankSet): RankSet {
  let sets = kept.get(segment);
  if (!sets) kept.set(segment, (sets = new Map<string, RankSet>()));
  let set = sets.get(key);
  if (set) sets.delete(key);
  else set = make();
  sets.set(key, set);
  if (sets.size > KEPT) sets.delete(sets.keys().next().value as string);
  return set;
}

/** The conditions of a filter as sets of ranks, made at first use and kept: people type on under the same filter. */
export function filterSets(segment: Segment, filter: EntryFilter): RankSet[] {
  const sets: RankSet[] = [];
  if (filter.categories !== '') {
    sets.push(remember(segment, `category ${filter.categories}`, () => categorySet(segment, filter)));
  }
  if (filter.inStock >= 0) {
    sets.push(remember(segment, `stock ${String(filter.inStock)}`, () => stockSet(segment, filter.inStock)));
  }
  return sets;
}

/** The first place in the order of prices with a price of at least (or, with `after`, above) `price`. */
function findPrice(prices: Float64Array, price: number, after: boolean): number {
  let low = 0;
  let high = prices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = prices[middle] as number;
    if (value < price || (after && value === price)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The ranks whose price is within the filter's bounds, in the order of prices. */
export function priceBand(segment: Segment, filter: EntryFilter): Uint32Array {
  const from = findPrice(segment.prices, filter.least, false);
  return segment.byPrice.subarray(from, Math.max(from, findPrice(segment.prices, filter.most, true)));
}
