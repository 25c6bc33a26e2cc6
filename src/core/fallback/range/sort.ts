import type { Steps } from '../steps';
import type { NumberArray } from './table';

const DIGIT = 16;

/**
 * Ids, which come in ascending order, by value and then id: a least-significant-digit radix sort on the bits of the values,
 * made unsigned in their order; digits in which no value differs are passed over.
 */
export function* sortByValue(ids: Uint32Array, values: NumberArray): Steps<Uint32Array> {
  const rows = ids.length;
  const number = new Float64Array(1);
  const halves = new Uint32Array(number.buffer);
  let [low, high, order] = [new Uint32Array(rows), new Uint32Array(rows), ids.slice()];
  let [lowSame, highSame] = [-1, -1];
  for (let i = 0; i < rows; i++) {
    if (i % 8192 === 0) yield;
    number[0] = values[ids[i] as number] as number;
    const top = halves[1] as number;
    const negative = top >>> 31 === 1;
    low[i] = negative ? ~(halves[0] as number) : (halves[0] as number);
    high[i] = negative ? ~top : top | 0x80000000;
    lowSame &= ~((low[i] as number) ^ (low[0] as number));
    highSame &= ~((high[i] as number) ^ (high[0] as number));
  }
  let [low2, high2, order2] = [new Uint32Array(rows), new Uint32Array(rows), new Uint32Array(rows)];
  const starts = new Uint32Array(1 << DIGIT);
  for (let digit = 0; digit < 4; digit++) {
    const shift = (digit & 1) * DIGIT;
    const half = digit < 2 ? low : high;
    if (((~(digit < 2 ? lowSame : highSame) >>> shift) & 0xffff) === 0) continue;
    starts.fill(0);
    for (let i = 0; i < rows; i++) {
      if (i % 32768 === 0) yield;
      const at = ((half[i] as number) >>> shift) & 0xffff;
      starts[at] = (starts[at] as number) + 1;
    }
    let total = 0;
    for (let i = 0; i < starts.length; i++) {
      const count = starts[i] as number;
      starts[i] = total;
      total += count;
    }
    for (let i = 0; i < rows; i++) {
      if (i % 8192 === 0) yield;
      const at = ((half[i] as number) >>> shift) & 0xffff;
      const to = starts[at] as number;
      starts[at] = to + 1;
      low2[to] = low[i] as number;
      high2[to] = high[i] as number;
      order2[to] = order[i] as number;
    }
    [low, low2, high, high2, order, order2] = [low2, low, high2, high, order2, order];
  }
  return order;
}
