import { type PageBins, type Position, RangeIndex, type RangeSchema, type Where } from '../../src/core';
import { BINS, CHOSEN, type Contender, DEPTHS, sumOfAggregate, sumOfCounts, sumOfIds } from './contender';
import { CATEGORIES, categoryName, type Products, type Range } from './data';

export const SCHEMA = {
  numbers: {
    price: { type: 'int32', tree: { aggregates: ['rating'] } },
    rating: { type: 'float32', tree: true },
    popularity: { type: 'float32', tree: true, score: true },
    stock: { type: 'int32' },
    created: { type: 'int32' },
  },
  facets: ['category'],
} as const satisfies RangeSchema;

export function columnsOf(products: Products): Record<string, ArrayLike<number | string>> {
  const { price, rating, popularity, stock, created } = products;
  const names = Array.from({ length: CATEGORIES }, (_, code) => categoryName(code));
  return {
    price,
    rating,
    popularity,
    stock,
    created,
    category: Array.from(products.category, (code) => names[code] as string),
  };
}

const EACH_OWN = { category: 'category', price: 'price', rating: 'rating', stock: 'stock', popularity: 'popularity' };

/** The conditions of `disjunctive`. */
export const fiveOf = ({ lo, hi }: Range): Where => ({
  ...{ price: { gte: lo, lte: hi }, rating: { gte: 3 }, stock: { gte: 1 }, popularity: { gte: 1.2 } },
  category: categoryName(CHOSEN),
});

const histogramsOf = ({ lo, hi }: Range): Record<string, PageBins> => ({
  price: { bins: DEPTHS, min: lo, max: hi },
  rating: { min: 1, max: 5 },
  stock: { min: 0, max: 200 },
  popularity: { min: 1, max: 50 },
});

export async function makeOurs(products: Products): Promise<Contender & { readonly index: RangeIndex }> {
  const index = await RangeIndex.fromColumns(SCHEMA, columnsOf(products));
  // Ours numbers categories as they come: brought into the order of their names for the check sum, outside of the timing.
  const codes = index.facetValues('category').map((name) => (name === null ? -1 : Number(String(name).slice(9))));
  const inOrder = (counts: Uint32Array): number => {
    let sum = 0;
    for (let i = 1; i < counts.length; i++) sum += ((codes[i] as number) + 1) * (counts[i] as number);
    return sum;
  };
  const idsOf = (rows: readonly Position[]): number => sumOfIds(rows.map(({ id }) => id));
  const whereOf = ({ lo, hi }: Range): { price: { gte: number; lte: number } } => ({ price: { gte: lo, lte: hi } });
  return {
    index,
    count: (range) => index.count(whereOf(range)),
    aggregate: (range) => {
      const { rows, sum, min, max } = index.aggregate('rating', whereOf(range));
      return sumOfAggregate(rows, sum, min ?? 0, max ?? 0);
    },
    top: (range) => sumOfIds(index.top({ by: 'popularity', where: whereOf(range) })),
    facets: (range) => inOrder(index.facetCounts('category', whereOf(range))),
    bareFacets: (range) => index.facetCounts('category', whereOf(range)),
    page: (range) => {
      const page = index.page({
        where: { price: { gte: range.lo, lte: range.hi }, rating: { gte: 4 }, stock: { gte: 1 } },
        by: 'popularity',
        facets: ['category'],
        histogram: { attribute: 'price', bins: BINS, min: range.lo, max: range.hi },
      });
      const facets = inOrder(page.facets['category'] as Uint32Array);
      return page.rows + sumOfIds(page.ids) + facets + sumOfCounts(page.histogram?.counts ?? []);
    },
    list: (range, offset) => idsOf(index.list({ by: 'price', where: whereOf(range), offset })),
    narrowed: (range, start) => {
      const where = { ...whereOf(range), rating: { gte: 3 }, stock: { gte: 1 } };
      return idsOf(index.list({ by: 'price', where, ...('offset' in start ? start : { after: start }) }));
    },
    widths: (range) => {
      const { lo: min, hi: max } = range;
      return sumOfCounts(index.histogram('price', { bins: DEPTHS, min, max, where: whereOf(range) }).counts);
    },
    depths: (range) => {
      const { edges, counts } = index.histogram('price', { bins: DEPTHS, equal: 'depth', where: whereOf(range) });
      return sumOfCounts(edges) + sumOfCounts(counts);
    },
    median: (range) => index.quantiles('price', [0.5], whereOf(range))?.[0] ?? Number.NaN,
    disjunctive: (range) => {
      const page = index.page({
        where: fiveOf(range),
        facets: ['category'],
        histograms: histogramsOf(range),
        without: EACH_OWN,
      });
      let sum = inOrder(page.facets['category'] as Uint32Array);
      for (const { counts } of Object.values(page.histograms)) sum += sumOfCounts(counts);
      return sum;
    },
    update: (id, price) => {
      index.update(id, { price });
    },
    close: () => index.close(),
  };
}
