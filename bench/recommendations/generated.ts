import { demoProducts } from '../../src/contexts/catalogue/demo/products';
import type { SearchableProduct } from '../../src/contexts/catalogue';
import type { InteractionColumns } from '../../src/core';

/** What the bench is measured on: names of the demo vocabulary, and people of generated tastes. */

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0');
/** Ids as the catalogue makes them: UUIDv7 that rise. */
export const productId = (n: number): string => `prd_0193b1f0-${hex(n >>> 16, 4)}-7000-8000-${hex(n, 12)}`;
export const visitorId = (n: number): string => `vis_0193b1f0-0000-4000-8000-${hex(n, 12)}`;

export function* products(count: number): Generator<SearchableProduct> {
  let n = 0;
  for (const { sku, name, brand, category, price, status, inStock, popularity } of demoProducts({
    products: count,
    seed: 11,
  })) {
    const id = productId(n++);
    const [parent = 'none'] = (category ?? 'none').split('/');
    yield {
      id,
      sku: sku ?? id,
      name: name ?? id,
      brand: brand ?? null,
      category: {
        id: `cat_${category}`,
        path: category ?? 'none',
        name: category ?? 'none',
        ancestorIds: [`cat_${parent}`],
      },
      price: { amount: price ?? 0, currency: 'GBP' },
      image: `/media/products/${id}.svg`,
      inStock: inStock ?? true,
      status: status ?? 'active',
      popularity: popularity ?? 0,
      version: 1,
    };
  }
}

/** mulberry32. */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const EACH = 10;
const TASTES = 1_000;

/** What somebody of a taste takes: most of it from a thousandth of the products, the popular ones of it more often. */
export function take(taste: number, count: number, random: () => number): number {
  const size = Math.max(1, Math.floor(count / TASTES));
  const place = Math.floor(size * random() ** 2);
  return random() < 0.8 ? (taste + place * TASTES) % count : Math.floor(count * random() ** 2);
}

export const tasteOf = (customer: number): number => (Math.imul(customer, 0x9e3779b1) >>> 0) % TASTES;

/** Ten interactions of every customer; every product has somebody. */
export function interactions(count: number, customers: number): InteractionColumns {
  const random = randomSource(5);
  const entries = customers * EACH + count;
  const [users, items] = [new Uint32Array(entries), new Uint32Array(entries)];
  for (let e = 0; e < entries; e++) {
    const user = e < customers * EACH ? Math.floor(e / EACH) : Math.floor(random() * customers);
    users[e] = user;
    items[e] = e < customers * EACH ? take(tasteOf(user), count, random) : e - customers * EACH;
  }
  return {
    userIds: Array.from({ length: customers }, (_, n) => visitorId(n)),
    itemIds: Array.from({ length: count }, (_, n) => productId(n)),
    users,
    items,
  };
}
