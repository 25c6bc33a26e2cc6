import type { SearchableProduct } from '../../../src/contexts/catalogue';
import { ProductTable } from '../../../src/contexts/recommendations/product-table';
import { DEFAULT_SETTINGS } from '../../../src/contexts/recommendations/settings';
import type { Engines } from '../../../src/contexts/recommendations/serving/engine';
import type { Deed, Question } from '../../../src/contexts/recommendations/serving/question';
import { Margins } from '../../../src/contexts/recommendations/serving/margins';
import { Trends } from '../../../src/contexts/recommendations/serving/trends';

/** Ids as the catalogue makes them, of a day long ago, so that nothing is new by itself. */
export const idOf = (n: number): string => `prd_01800000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;

const category = (name: string): SearchableProduct['category'] => ({
  id: `cat_${name}`,
  path: name,
  name,
  ancestorIds: [],
});

export function product(n: number, change: Partial<SearchableProduct> & { in?: string } = {}): SearchableProduct {
  const { in: shelf, ...fields } = change;
  return {
    id: idOf(n),
    sku: `SKU-${n}`,
    name: `Thing ${n}`,
    brand: null,
    category: shelf === undefined ? null : category(shelf),
    price: { amount: 500, currency: 'GBP' },
    image: `/media/products/${idOf(n)}.svg`,
    inStock: true,
    status: 'active',
    popularity: 1,
    version: 1,
    ...fields,
  };
}

export function tableOf(products: readonly SearchableProduct[]): ProductTable {
  const table = new ProductTable();
  for (const one of products) table.put(one);
  return table;
}

/** Engines without a model or vectors, unless given. */
export async function enginesOf(
  table: ProductTable,
  change: Partial<Engines> & { demand?: readonly { productId: string; demand: number }[] } = {},
): Promise<Engines> {
  const { demand = [], ...given } = change;
  const trends = await Trends.read(table, demand);
  const margins = new Margins(table);
  return { table, model: undefined, content: undefined, trends, margins, settings: DEFAULT_SETTINGS, ...given };
}

export const question = (change: Partial<Question> = {}): Question => ({
  slot: 'home',
  limit: 12,
  context: [],
  deeds: [],
  excluded: new Set(change.context),
  ...change,
});

export const viewed = (row: number, at = Date.now()): Deed => ({ row, kind: 'view', at, weight: 1 });
