import { BINS, type Contender, edgeOf, sumOfAggregate, sumOfCounts, sumOfIds, sumOfPage } from './contender';
import { add, furtherOfSorted } from './sorted-further';
import { CATEGORIES, type Products, type Range } from './data';

/** What a good JavaScript programmer writes: typed columns in order of price, prefix sums, binary search. */
export function makeSorted(products: Products): Contender {
  const { size } = products;
  const order = Uint32Array.from({ length: size }, (_, i) => i);
  order.sort((a, b) => (products.price[a] as number) - (products.price[b] as number) || a - b);
  const price = products.price.slice().map((_, i) => products.price[order[i] as number] as number);
  const rating = products.rating.slice().map((_, i) => products.rating[order[i] as number] as number);
  const popularity = products.popularity.slice().map((_, i) => products.popularity[order[i] as number] as number);
  const stock = products.stock.slice().map((_, i) => products.stock[order[i] as number] as number);
  const category = products.category.slice().map((_, i) => products.category[order[i] as number] as number);
  const sums = new Float64Array(size + 1);
  for (let i = 0; i < size; i++) sums[i + 1] = (sums[i] as number) + (rating[i] as number);
  const lower = (value: number): number => {
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((price[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const best = (from: number, to: number, matches: (i: number) => boolean): Uint32Array => {
    const ids = new Uint32Array(20);
    const values = new Float64Array(20);
    let found = 0;
    for (let i = from; i < to; i++) {
      const value = popularity[i] as number;
      const id = order[i] as number;
      const last = found - 1;
      if (found === 20 && (value < (values[last] as number) || (value === values[last] && id > (ids[last] as number))))
        continue;
      if (!matches(i)) continue;
      let at = found < 20 ? found++ : 19;
      for (; at > 0; at--) {
        const other = values[at - 1] as number;
        if (value < other || (value === other && id > (ids[at - 1] as number))) break;
        values[at] = other;
        ids[at] = ids[at - 1] as number;
      }
      values[at] = value;
      ids[at] = id;
    }
    return ids.subarray(0, found);
  };
  const all = (): boolean => true;
  const matches = (i: number): boolean => (rating[i] as number) >= 4 && (stock[i] as number) >= 1;
  const span = ({ lo, hi }: Range): [number, number] => [lower(lo), lower(hi + 1)];
  const columns = {
    size,
    order,
    price,
    rating,
    popularity,
    stock,
    category,
    sums,
    current: products.price.slice(),
    lower,
  };
  return {
    ...furtherOfSorted(columns),
    count: (range) => {
      const [from, to] = span(range);
      return to - from;
    },
    aggregate: (range) => {
      const [from, to] = span(range);
      let [min, max] = [Infinity, -Infinity];
      for (let i = from; i < to; i++) {
        const value = rating[i] as number;
        if (value < min) min = value;
        if (value > max) max = value;
      }
      return sumOfAggregate(to - from, (sums[to] as number) - (sums[from] as number), min, max);
    },
    top: (range) => sumOfIds(best(...span(range), all)),
    facets: (range) => {
      const [from, to] = span(range);
      const counts = new Uint32Array(CATEGORIES);
      for (let i = from; i < to; i++) add(counts, category[i] as number);
      return sumOfCounts(counts);
    },
    page: (range) => {
      const [from, to] = span(range);
      const counts = new Uint32Array(CATEGORIES);
      const bins = new Uint32Array(BINS);
      let rows = 0;
      let bin = 0;
      for (let i = from; i < to; i++) {
        while (bin < BINS - 1 && (price[i] as number) >= edgeOf(range, bin + 1)) bin++;
        if (!matches(i)) continue;
        rows++;
        add(counts, category[i] as number);
        add(bins, bin);
      }
      return sumOfPage(rows, best(from, to, matches), counts, bins);
    },
    close: () => undefined,
  };
}
