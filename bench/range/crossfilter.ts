import crossfilter from 'crossfilter2';
import { BINS, type Contender, edgeOf, sumOfAggregate, sumOfCounts, sumOfIds, sumOfPage } from './contender';
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
    close: () => undefined,
  };
}
