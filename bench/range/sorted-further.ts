import { binOf, CHOSEN, type Contender, DEPTHS, sumOfCounts, sumOfIds } from './contender';
import { CATEGORIES, type Range } from './data';

/** Columns in order of price, then id. */
interface Sorted {
  readonly size: number;
  readonly order: Uint32Array;
  readonly price: Int32Array;
  readonly rating: Float32Array;
  readonly popularity: Float32Array;
  readonly stock: Int32Array;
  readonly category: Uint16Array;
  /** Of ratings before each place. */
  readonly sums: Float64Array;
  /** Prices by id. */
  readonly current: Int32Array;
  /** The first place with at least this price. */
  lower(price: number): number;
}

export function add(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}

/** Pages, histograms and quantiles are looked up; what other columns decide is looked for row by row; a change moves all between. */
export function furtherOfSorted(
  columns: Sorted,
): Pick<Contender, 'list' | 'narrowed' | 'widths' | 'depths' | 'median' | 'disjunctive' | 'update'> {
  const { order, price, rating, popularity, stock, category, sums, current, lower } = columns;
  const span = ({ lo, hi }: Range): [number, number] => [lower(lo), lower(hi + 1)];
  /** The place of a row of this price, or the one that it would have. */
  const placeOf = (value: number, id: number): number => {
    let at = lower(value);
    while (at < columns.size && price[at] === value && (order[at] as number) < id) at++;
    return at;
  };
  const share = (from: number, to: number, of: number): number =>
    price[from + Math.floor(of * (to - from - 1))] as number;
  return {
    list: (range, offset) => {
      const [from, to] = span(range);
      return sumOfIds(order.subarray(from + offset, Math.min(to, from + offset + 20)));
    },
    narrowed: (range, start) => {
      const [from, to] = span(range);
      const isBehind = 'id' in start;
      const ids: number[] = [];
      let before = isBehind ? 0 : start.offset;
      for (let i = isBehind ? placeOf(start.value, start.id + 1) : from; i < to && ids.length < 20; i++)
        if ((rating[i] as number) >= 3 && (stock[i] as number) >= 1 && before-- <= 0) ids.push(order[i] as number);
      return sumOfIds(ids);
    },
    widths: ({ lo, hi }) => {
      const edges = Array.from({ length: DEPTHS + 1 }, (_, i) =>
        i === DEPTHS ? hi + 1 : lo + ((hi - lo) * i) / DEPTHS,
      );
      const places = edges.map(lower);
      return sumOfCounts(places.slice(1).map((place, i) => place - (places[i] as number)));
    },
    depths: (range) => {
      const [from, to] = span(range);
      const edges = Array.from({ length: DEPTHS + 1 }, (_, i) => share(from, to, i / DEPTHS));
      const places = edges.map((edge, i) => (i === DEPTHS ? to : lower(edge)));
      return sumOfCounts(edges) + sumOfCounts(places.slice(1).map((place, i) => place - (places[i] as number)));
    },
    median: (range) => share(...span(range), 0.5),
    disjunctive: (range) => {
      const { lo, hi } = range;
      const [from, to] = span(range);
      const counts = new Uint32Array(CATEGORIES);
      const [prices, ratings, stocks, popularities] = [DEPTHS, 20, 20, 20].map((bins) => new Uint32Array(bins)) as [
        Uint32Array,
        Uint32Array,
        Uint32Array,
        Uint32Array,
      ];
      for (let i = from; i < to; i++) {
        const [r, s, p, c] = [rating[i] as number, stock[i] as number, popularity[i] as number, category[i] as number];
        const failed = (r >= 3 ? 0 : 1) | (s >= 1 ? 0 : 2) | (p >= 1.2 ? 0 : 4) | (c === CHOSEN ? 0 : 8);
        if (failed === 0) add(prices, binOf(price[i] as number, lo, hi, DEPTHS));
        if ((failed & ~8) === 0) add(counts, c);
        if ((failed & ~1) === 0) add(ratings, binOf(r, 1, 5, 20));
        if ((failed & ~2) === 0) add(stocks, binOf(s, 0, 200, 20));
        if ((failed & ~4) === 0 && p <= 50) add(popularities, binOf(p, 1, 50, 20));
      }
      return [counts, prices, ratings, stocks, popularities].reduce((sum, list) => sum + sumOfCounts(list), 0);
    },
    update: (id, value) => {
      const from = placeOf(current[id] as number, id);
      const wanted = placeOf(value, id);
      const to = wanted > from ? wanted - 1 : wanted;
      const row = [id, rating[from], popularity[from], stock[from], category[from]] as number[];
      for (const [i, column] of [order, rating, popularity, stock, category].entries()) {
        if (from < to) column.copyWithin(from, from + 1, to + 1);
        else column.copyWithin(to + 1, to, from);
        column[to] = row[i] as number;
      }
      if (from < to) price.copyWithin(from, from + 1, to + 1);
      else price.copyWithin(to + 1, to, from);
      price[to] = value;
      current[id] = value;
      for (let i = Math.min(from, to); i <= Math.max(from, to); i++)
        sums[i + 1] = (sums[i] as number) + (rating[i] as number);
    },
  };
}
