import { RangeIndex, type RangeSchema } from '../../src/core';
import { BINS, type Contender, sumOfAggregate, sumOfCounts, sumOfIds } from './contender';
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

export async function makeOurs(products: Products): Promise<Contender & { readonly index: RangeIndex }> {
  const index = await RangeIndex.fromColumns(SCHEMA, columnsOf(products));
  // Ours numbers categories as they come: brought into the order of their names for the check sum, outside of the timing.
  const codes = index.facetValues('category').map((name) => (name === null ? -1 : Number(String(name).slice(9))));
  const inOrder = (counts: Uint32Array): number => {
    let sum = 0;
    for (let i = 1; i < counts.length; i++) sum += ((codes[i] as number) + 1) * (counts[i] as number);
    return sum;
  };
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
    update: (id, price) => {
      index.update(id, { price });
    },
    close: () => index.close(),
  };
}
