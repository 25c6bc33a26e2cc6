import type { NumberArray } from './table';

/** Four numbers a node: rows with a value, sum, min, max. */
export const VALID = 0;
export const SUM = 1;
export const MIN = 2;
export const MAX = 3;

export function clear(into: Float64Array, at: number): void {
  into[at + VALID] = 0;
  into[at + SUM] = 0;
  into[at + MIN] = Infinity;
  into[at + MAX] = -Infinity;
}

export function addSummary(into: Float64Array, at: number, from: Float64Array, other: number): void {
  into[at + VALID] = (into[at + VALID] as number) + (from[other + VALID] as number);
  into[at + SUM] = (into[at + SUM] as number) + (from[other + SUM] as number);
  const min = from[other + MIN] as number;
  const max = from[other + MAX] as number;
  if (min < (into[at + MIN] as number)) into[at + MIN] = min;
  if (max > (into[at + MAX] as number)) into[at + MAX] = max;
}

const lanes = new Float64Array(8);
const one = new Float64Array(4);

/**
 * Adds the summary of values[begin..end) to `into`. As in the native kernels, value i goes to lane i % 8 and the lanes are
 * added in one order, so that sums are the same bits.
 */
export function summarise(
  values: NumberArray,
  begin: number,
  end: number,
  none: number,
  into: Float64Array,
  at: number,
): void {
  let valid = 0;
  let min = Infinity;
  let max = -Infinity;
  lanes.fill(0);
  for (let i = begin; i < end; i++) {
    const value = values[i] as number;
    if (!(value < none)) continue;
    valid++;
    const lane = (i - begin) & 7;
    lanes[lane] = (lanes[lane] as number) + value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = lanes;
  one[VALID] = valid;
  one[SUM] = a + e + (c + g) + (b + f + (d + h));
  one[MIN] = min;
  one[MAX] = max;
  addSummary(into, at, one, 0);
}
