import crossfilter from 'crossfilter2';
import {
  BINS,
  binOf,
  CHOSEN,
  type Contender,
  DEPTHS,
  edgeOf,
  sumOfAggregate,
  sumOfCounts,
  sumOfDepths,
  sumOfIds,
  sumOfPage,
} from './contender';
import { CATEGORIES, type Products, type Range } from './data';

interface Row {
  readonly id: number;
  readonly price: number;
  readonly rating: number;
  readonly popularity: number;
  readonly stock: number;
  readonly category: number;
}

/** crossfilter2 as its documentation has it: a dimension per filter, groups reduced by it. */
export function makeCrossfilter(products: Products): Contender {
  const rows: Row[] = Array.from({ length: products.size }, (_, id) => ({
    id,
    price: products.price[id] as number,
    rating: products.rating[id] as number,
    popularity: products.popularity[id] as number,
    stock: products.stock[id] as number,
    category: products.category[id] as number,
  }));
  const filter = crossfilter(rows);
  const price = filter.dimension((row) => row.price);
  const rating = filter.dimension((row) => row.rating);
  const stock = filter.dimension((row) => row.stock);
  // Ties by id, as everybody has them.
  const popularity = filter.dimension((row) => row.popularity);
  const category = filter.dimension((row) => row.category);
  const count = filter.groupAll().reduceCount();
  const sum = filter.groupAll().reduceSum((row) => row.rating);
  const categories = category.group().reduceCount();
  const set = ({ lo, hi }: Range): void => void price.filterRange([lo, hi + 1]);
  const counts = (): Uint32Array => {
    const all = new Uint32Array(CATEGORIES);
    for (const { key, value } of categories.all()) all[key as number] = value as number;
    return all;
  };
  const best = (): number[] =>
    popularity
      .top(60)
      .sort((a, b) => b.popularity - a.popularity || a.id - b.id)
      .slice(0, 20)
      .map(({ id }) => id);
  const placeOf = (value: number, id: number): number => value * 2 ** 27 + id;
  // Made when first asked for: none of the questions above pays for them.
  const order = once(() => filter.dimension((row) => placeOf(row.price, row.id)));
  const byPrice = once(() => price.group().reduceCount());
  const bins = once(() => [
    rating.group((value) => binOf(value as number, 1, 5, 20)),
    stock.group((value) => binOf(value as number, 0, 200, 20)),
    popularity.group((value) => ((value as number) > 50 ? 20 : binOf(value as number, 1, 50, 20))),
  ]);
  const binned = ({ lo, hi }: Range): Uint32Array => {
    const result = new Uint32Array(DEPTHS);
    for (const { key, value } of byPrice().all()) {
      if ((key as number) < lo || (key as number) > hi) continue;
      const bin = binOf(key as number, lo, hi, DEPTHS);
      result[bin] = (result[bin] as number) + (value as number);
    }
    return result;
  };
  return {
    count: (range) => {
      set(range);
      return count.value() as number;
    },
    aggregate: (range) => {
      set(range);
      const least = rating.bottom(1)[0]?.rating ?? 0;
      const most = rating.top(1)[0]?.rating ?? 0;
      return sumOfAggregate(count.value() as number, sum.value() as number, least, most);
    },
    top: (range) => {
      set(range);
      return sumOfIds(best());
    },
    facets: (range) => {
      set(range);
      return sumOfCounts(counts());
    },
    page: (range) => {
      set(range);
      rating.filterRange([4, Infinity]);
      stock.filterRange([1, Infinity]);
      const bins = new Uint32Array(BINS);
      const rowsInRange = filter.allFiltered();
      for (const row of rowsInRange) {
        let bin = Math.min(BINS - 1, Math.floor(((row.price - range.lo) * BINS) / (range.hi - range.lo || 1)));
        while (bin > 0 && row.price < edgeOf(range, bin)) bin--;
        while (bin < BINS - 1 && row.price >= edgeOf(range, bin + 1)) bin++;
        bins[bin] = (bins[bin] as number) + 1;
      }
      const result = sumOfPage(count.value() as number, best(), counts(), bins);
      rating.filterAll();
      stock.filterAll();
      return result;
    },
    list: (range, offset) => {
      set(range);
      return sumOfIds(
        order()
          .bottom(20, offset)
          .map(({ id }) => id),
      );
    },
    narrowed: (range, start) => {
      set(range);
      rating.filterRange([3, Infinity]);
      stock.filterRange([1, Infinity]);
      if ('id' in start) order().filterRange([placeOf(start.value, start.id) + 1, Infinity]);
      const rows = order().bottom(20, 'offset' in start ? start.offset : 0);
      for (const dimension of [rating, stock, order()]) dimension.filterAll();
      return sumOfIds(rows.map(({ id }) => id));
    },
    widths: (range) => sumOfCounts(binned(range)),
    depths: ({ lo, hi }) => {
      const rows = byPrice()
        .all()
        .filter(({ key }) => (key as number) >= lo && (key as number) <= hi);
      return sumOfDepths(
        rows.map(({ key }) => key as number),
        rows.map(({ value }) => value as number),
      );
    },
    median: (range) => {
      set(range);
      return price.bottom(1, Math.floor(((count.value() as number) - 1) / 2))[0]?.price ?? Number.NaN;
    },
    disjunctive: (range) => {
      // Groups heed all filters but that of their own dimension: what crossfilter is made for.
      set(range);
      rating.filterRange([3, Infinity]);
      stock.filterRange([1, Infinity]);
      popularity.filterRange([1.2, Infinity]);
      category.filterExact(CHOSEN);
      let sum = sumOfCounts(counts()) + sumOfCounts(binned(range));
      for (const group of bins())
        for (const { key, value } of group.all())
          if ((key as number) < 20) sum += ((key as number) + 1) * (value as number);
      for (const dimension of [rating, stock, popularity, category]) dimension.filterAll();
      return sum;
    },
    update: (id, value) => {
      rows[id] = { ...(rows[id] as Row), price: value };
      price.filterAll();
      filter.remove((row) => row.id === id);
      filter.add([rows[id] as Row]);
    },
    close: () => undefined,
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
