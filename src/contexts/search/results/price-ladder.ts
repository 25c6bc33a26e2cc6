/**
 * The steps of the price histogram and its slider: amounts in minor units that people find round, closer together where
 * they are small. The same for every query, so that counting a product is one addition and a filter never moves the bars.
 */
const MANTISSAS = [10, 12, 14, 16, 18, 20, 22, 25, 28, 30, 35, 40, 45, 50, 60, 70, 80, 90];
const GREATEST = 1e13;

function steps(): Float64Array {
  const all = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  for (let scale = 1; scale * 10 < GREATEST; scale *= 10) for (const mantissa of MANTISSAS) all.push(mantissa * scale);
  return Float64Array.from(all);
}

/** Ascending, from 0. Step i reaches from LADDER[i] to below LADDER[i + 1]. */
export const LADDER = steps();
export const STEPS = LADDER.length;
const MOST_BINS = 24;

/** The step that an amount of at least 0 stands on. O(log steps). */
export function stepOf(amount: number): number {
  let low = 0;
  let high = STEPS;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((LADDER[middle] as number) <= amount) low = middle;
    else high = middle;
  }
  return low;
}

export interface PriceHistogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Bins from counts by step: from the first that has products to the last, neighbours joined until they are at most 24. */
export function histogramOf(counts: ArrayLike<number>): PriceHistogram {
  let first = 0;
  let end = Math.min(counts.length, STEPS);
  while (first < end && counts[first] === 0) first++;
  while (end > first && counts[end - 1] === 0) end--;
  if (first === end) return { edges: [], counts: [] };
  const width = Math.ceil((end - first) / MOST_BINS);
  const edges: number[] = [];
  const joined: number[] = [];
  for (let step = first; step < end; step += width) {
    edges.push(LADDER[step] as number);
    let sum = 0;
    for (let i = step; i < Math.min(step + width, end); i++) sum += counts[i] as number;
    joined.push(sum);
  }
  const last = Math.min(first + joined.length * width, STEPS - 1);
  return { edges: [...edges, LADDER[last] as number], counts: joined };
}
