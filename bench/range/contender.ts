import type { Products, Range } from './data';

type Sum = number | Promise<number>;
/** Where a page begins: behind so many rows, or behind a row, whether it is still there or not. */
export type Start = { readonly offset: number } | { readonly value: number; readonly id: number };

/** What every contender answers; the number is a check sum of the answer, which must be the same for all. */
export interface Contender {
  count(range: Range): Sum;
  /** Count, sum, min and max of rating. */
  aggregate?(range: Range): Sum;
  /** The 20 most popular. */
  top?(range: Range): Sum;
  /** Rows by category. */
  facets?(range: Range): Sum;
  /** The same without a check sum, which would cost more than our answer: only this is timed. */
  bareFacets?(range: Range): unknown;
  /** Rating at least 4 and in stock: count, 20 most popular, rows by category, 20 bins of price. */
  page?(range: Range): Sum;
  /** 20 rows by price, then id, behind `offset` of the range. */
  list?(range: Range, offset: number): Sum;
  /** The same of rows with rating at least 3 and in stock. */
  narrowed?(range: Range, start: Start): Sum;
  /** 50 bins of price, as wide as each other: their counts. */
  widths?(range: Range): Sum;
  /** 50 bins of price with as many rows as each other, as far as ties allow: their edges and counts. */
  depths?(range: Range): Sum;
  /** The price that half of the range's rows do not exceed. */
  median?(range: Range): Sum;
  /**
   * Price, rating at least 3, in stock, popularity at least 1.2 and one category; of each of these five its counts without its own
   * condition: 200 categories, 50 bins of price, 20 of rating (1 to 5), stock (0 to 200) and popularity (1 to 50).
   */
  disjunctive?(range: Range): Sum;
  /** Changes one price and brings all of the above up to date. */
  update?(id: number, price: number): void | Promise<void>;
  close(): void;
}

export type Question = 'count' | 'aggregate' | 'top' | 'facets' | 'page';
export const QUESTIONS: readonly Question[] = ['count', 'aggregate', 'top', 'facets', 'page'];

export const DEPTHS = 50;
/** The one category that `disjunctive` asks for. */
export const CHOSEN = 3;
export const FURTHER = [
  ...['first page', 'page 10,000', 'filtered: first page', 'filtered: page 10,000', 'filtered: behind a row'],
  ...['equal width', 'equal depth', 'median', 'facets of five'],
] as const;
export type Further = (typeof FURTHER)[number];

/** Rows before page 10,000, or before the last that is full in a smaller catalogue. */
export const deepOffset = (size: number): number => 20 * (Math.min(10_000, Math.floor((0.3 * size) / 20)) - 1);

/** The calls behind `FURTHER`; undefined where a contender does not answer. */
export function askFurther(one: Contender, question: Further, range: Range, size: number): Sum | undefined {
  const offset = deepOffset(size);
  switch (question) {
    case 'first page':
      return one.list?.(range, 0);
    case 'page 10,000':
      return one.list?.(range, offset);
    case 'filtered: first page':
      return one.narrowed?.(range, { offset: 0 });
    case 'filtered: page 10,000':
      return one.narrowed?.(range, { offset });
    case 'filtered: behind a row':
      return one.narrowed?.(range, { value: range.late, id: size >> 1 });
    case 'equal width':
      return one.widths?.(range);
    case 'equal depth':
      return one.depths?.(range);
    case 'median':
      return one.median?.(range);
    case 'facets of five':
      return one.disjunctive?.(range);
  }
}

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

/** A bin of [min, max] from numbers that no rounding can put on an edge, for who has no histogram. */
export const binOf = (value: number, min: number, max: number, bins: number): number =>
  Math.min(bins - 1, Math.floor(((value - min) * bins) / (max - min)));

/** `depths` for who can only count rows by price: prices ascending, with how many rows each has. */
export function sumOfDepths(prices: ArrayLike<number>, rows: ArrayLike<number>): number {
  let all = 0;
  for (let i = 0; i < rows.length; i++) all += rows[i] as number;
  const edges: number[] = [];
  for (let i = 0, before = 0; i < rows.length; i++) {
    before += rows[i] as number;
    while (edges.length <= DEPTHS && Math.floor((edges.length / DEPTHS) * (all - 1)) < before)
      edges.push(prices[i] as number);
  }
  const counts = new Uint32Array(DEPTHS);
  for (let i = 0, bin = 0; i < rows.length; i++) {
    while (bin < DEPTHS - 1 && (prices[i] as number) >= (edges[bin + 1] as number)) bin++;
    counts[bin] = (counts[bin] as number) + (rows[i] as number);
  }
  return sumOfCounts(edges) + sumOfCounts(counts);
}
