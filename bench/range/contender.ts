import type { Products, Range } from './data';

/** What every contender answers; the number is a check sum of the answer, which must be the same for all. */
export interface Contender {
  count(range: Range): number | Promise<number>;
  /** Count, sum, min and max of rating. */
  aggregate?(range: Range): number | Promise<number>;
  /** The 20 most popular. */
  top?(range: Range): number | Promise<number>;
  /** Rows by category. */
  facets?(range: Range): number | Promise<number>;
  /** The same without a check sum, which would cost more than our answer: only this is timed. */
  bareFacets?(range: Range): unknown;
  /** Rating at least 4 and in stock: count, 20 most popular, rows by category, 20 bins of price. */
  page?(range: Range): number | Promise<number>;
  /** Changes one price and brings all of the above up to date. */
  update?(id: number, price: number): void | Promise<void>;
  close(): void;
}

export type Question = 'count' | 'aggregate' | 'top' | 'facets' | 'page';
export const QUESTIONS: readonly Question[] = ['count', 'aggregate', 'top', 'facets', 'page'];

export type Make = (products: Products) => Contender | Promise<Contender>;

/** Order matters, so that a list in another order has another sum. */
export function sumOfIds(ids: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < ids.length; i++) sum += (i + 1) * (ids[i] as number);
  return sum;
}
export function sumOfCounts(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += (i + 1) * (counts[i] as number);
  return sum;
}
/** Count, least and greatest exactly; the sum, which each adds up in another order, to tenths. */
export function sumOfAggregate(count: number, sum: number, min: number, max: number): number {
  return count + Math.round(sum * 10) + Math.round(min * 10) * 7 + Math.round(max * 10) * 11;
}
export function sumOfPage(
  rows: number,
  ids: ArrayLike<number>,
  facets: ArrayLike<number>,
  bins: ArrayLike<number>,
): number {
  return rows + sumOfIds(ids) + sumOfCounts(facets) + sumOfCounts(bins);
}

export const BINS = 20;
export const edgeOf = ({ lo, hi }: Range, bin: number): number => (bin === BINS ? hi : lo + ((hi - lo) * bin) / BINS);
