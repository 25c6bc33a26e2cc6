import type { SearchableProduct } from '../../src/contexts/catalogue';
import { makeCorpus, randomSource } from '../autocomplete/corpus';

/** Generated products of a shop, the same for every contender: titles of the autocomplete corpus with facts around them. */
export interface ShopData {
  readonly titles: readonly string[];
  product(n: number): SearchableProduct;
}

export const BRANDS = 400;
const DEPARTMENTS = 12;
const AISLES = 5;

export function makeShop(size: number): ShopData {
  const { titles, weights } = makeCorpus(size);
  const random = randomSource(5);
  // One more, to be added and taken away again.
  const facts = Array.from({ length: size + 1 }, () => ({
    // Few brands and departments have most products.
    brand: Math.floor(BRANDS * random() ** 3),
    department: Math.floor(DEPARTMENTS * random() ** 2),
    aisle: Math.floor(AISLES * random()),
    price: Math.max(20, Math.round(Math.exp(6.8 + 1.1 * (random() + random() + random() - 1.5) * 2) / 5) * 5),
    inStock: random() < 0.87,
  }));
  return {
    titles,
    product(n) {
      const { brand, department, aisle, price, inStock } = facts[n] as (typeof facts)[number];
      return {
        id: `prd_${n.toString(16).padStart(8, '0')}-0000-7000-8000-000000000000`,
        sku: `SKU-${n}`,
        name: titles[n] ?? 'anew',
        brand: `Brand ${brand}`,
        category: {
          id: `cat_${department}_${aisle}`,
          path: `department-${department}/aisle-${aisle}`,
          name: `Aisle ${aisle}`,
          ancestorIds: [`cat_${department}`],
        },
        price: { amount: price, currency: 'GBP' },
        image: '/x.svg',
        inStock,
        status: 'active',
        popularity: weights[n] ?? 0,
        version: 1,
      };
    },
  };
}

/** A question as it stands in an address; `facets` are always asked for. */
export type Asked = Readonly<Record<string, string | string[]>>;

export interface Question {
  readonly asked: Asked;
  /** The word that a misspelt one is meant to be. */
  readonly meant?: string;
}

/** Questions by shape, in the order of the guide's table. */
export function makeQuestions(shop: ShopData, each: number): Record<string, Question[]> {
  const random = randomSource(6);
  const title = (): string[] => (shop.titles[Math.floor(shop.titles.length * random())] as string).split(' ');
  const counts = new Map<string, number>();
  for (const words of shop.titles.slice(0, 50_000).map((one) => one.split(' ')))
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const common = [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => word);
  const commonest = (i: number): string => common[i % 30] as string;
  const some = (make: (i: number) => Asked): Question[] => Array.from({ length: each }, (_, i) => ({ asked: make(i) }));
  const department = (): string => `department-${Math.floor(DEPARTMENTS * random() ** 2)}`;
  const filters = (): Asked => ({
    category: department(),
    brand: [`Brand ${Math.floor(20 * random())}`, `Brand ${Math.floor(20 * random())}`],
    'price.gte': String(100 + Math.floor(500 * random())),
    'price.lte': String(1000 + Math.floor(5000 * random())),
    inStock: 'true',
  });
  const word = (): string => title()[0] as string;
  const misspelt = (): Question => {
    for (;;) {
      const meant = title().find(({ length }) => length >= 6);
      if (!meant) continue;
      const q = meant.slice(0, 2) + (meant[3] ?? '') + (meant[2] ?? '') + meant.slice(4);
      // A slip that gives another word, or the same, is none.
      if (!counts.has(q)) return { asked: { q }, meant };
    }
  };
  const letters = 'abcdefghilmnoprstw';
  const letter = (i: number): string => letters[i % letters.length] as string;
  return {
    browse: some(() => ({})),
    'browse a price range, by price': some(() => {
      const { 'price.gte': gte = '0', 'price.lte': lte = '0' } = filters();
      return { 'price.gte': gte, 'price.lte': lte, sort: '-price' };
    }),
    'browse two brands, newest first': some(() => ({
      brand: ['Brand 3', `Brand ${Math.floor(BRANDS * random())}`],
      sort: '-createdAt',
    })),
    'browse a department': some(() => ({ category: department() })),
    'browse, all filters': some(() => filters()),
    'a misspelt word': Array.from({ length: each }, misspelt),
    'two words': some(() => ({ q: title().slice(0, 2).join(' ') })),
    'a word': some(() => ({ q: word() })),
    'a word, all filters': some(() => ({ q: word(), ...filters() })),
    'one of the 30 commonest words': some((i) => ({ q: commonest(i) })),
    'one of the 30 commonest, all filters, by price': some((i) => ({ q: commonest(i), sort: 'price', ...filters() })),
    'a single letter': some((i) => ({ q: letter(i) })),
    'a single letter, all filters': some((i) => ({ q: letter(i), ...filters() })),
  };
}
