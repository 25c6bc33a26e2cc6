import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { SearchableProduct } from '../../../src/contexts/catalogue';
import type { Suggestion } from '../../../src/contexts/search';

export const silent = pino({ level: 'silent' });

export function product(id: string, name: string, change: Partial<SearchableProduct> = {}): SearchableProduct {
  return {
    id,
    sku: `SKU-${id}`,
    name,
    brand: null,
    category: null,
    price: { amount: 295, currency: 'GBP' },
    image: `/media/products/${id}.svg`,
    inStock: true,
    status: 'active',
    popularity: 1,
    version: 1,
    ...change,
  };
}

export const mugs = {
  id: 'cat_mugs',
  path: 'kitchen/mugs',
  name: 'Mugs',
  ancestorIds: ['cat_kitchen'],
};

export async function* streamed(products: Iterable<SearchableProduct>): AsyncGenerator<SearchableProduct> {
  for (const one of products) yield await Promise.resolve(one);
}

export const suggestionsOf = (json: string): Suggestion[] => (JSON.parse(json) as { data: Suggestion[] }).data;

/** Waits until the condition holds. Fails after a minute. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > 60_000) throw new Error(`waited in vain until ${what}`);
    await sleep(5);
  }
}
