import { searchQuerySchema, type SearchAnswer } from '../../src/contexts/search';
import { Projection } from '../../src/contexts/search/projection';
import type { Contender, Page } from './contender';
import type { ShopData } from './data';

/** The search context's index, in this process. */
export async function makeOurs(shop: ShopData, size: number): Promise<Contender & { projection: Projection }> {
  const projection = await Projection.build(() => stream(shop, size), new AbortController().signal);
  return {
    projection,
    ask: (asked) => projection.search(searchQuerySchema.parse({ facets: 'category,brand,inStock,price', ...asked })),
    forget: () => {
      projection.put(shop.product(size));
      projection.remove(shop.product(size).id);
    },
    close: () => projection.close(),
  };
}

/** What an answer of ours says. A brand that was asked for and has no product is left out, as it is by the others. */
export function readOurs(json: string): Page {
  const { total, data, facets } = JSON.parse(json) as SearchAnswer;
  return {
    total,
    ids: data.map(({ id }) => parseInt(id.slice(4, 12), 16)),
    brand: (facets.brand ?? []).filter(({ count }) => count > 0).map(({ value, count }) => [value, count]),
    category: (facets.category ?? []).map(({ value, count }) => [value, count]),
    inStock: (facets.inStock ?? []).map(({ value, count }) => [value, count]),
    price: { edges: facets.price?.edges ?? [], counts: facets.price?.counts ?? [] },
  };
}

async function* stream(shop: ShopData, size: number): AsyncGenerator<ReturnType<ShopData['product']>> {
  for (let n = 0; n < size; n++) yield shop.product(n);
}
