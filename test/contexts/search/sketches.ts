import fc from 'fast-check';
import type { SearchableProduct } from '../../../src/contexts/catalogue';

/** Words too short for a slip of the keyboard: what matches is then plain SQL. */
export const WORDS = [
  'red',
  'mug',
  'tea',
  'cup',
  'tin',
  'pot',
  'box',
  'jar',
  'lid',
  'oak',
  'ash',
  'big',
  'bin',
  'bit',
  'tan',
  'b',
];
export const BRANDS = ['Acme', 'Bolt', 'Crux', null];
export const PLACES = ['home', 'home/tea', 'home/tea/fine', 'home/pots', 'yard', 'yard/pots', null];
export const PRICES = [0, 1, 9, 10, 11, 99, 100, 119, 120, 295, 295, 295, 300, 999, 1000, 4999, 5000, 120_000];

export const categoryId = (path: string): string => `cat_${path.replaceAll('/', '-')}`;

/** Ids that tell the time they were made at, as real ones do, in order of `n`. */
export const idOf = (n: number): string =>
  `prd_${(1_700_000_000_000 + Math.floor(n / 3) * 1000)
    .toString(16)
    .padStart(12, '0')
    .replace(/^(.{8})/, '$1-')}-7${String(n % 3).padStart(3, '0')}-8000-${String(n).padStart(12, '0')}`;
export const createdAt = (n: number): number => 1_700_000_000_000 + Math.floor(n / 3) * 1000;

export interface Sketch {
  readonly words: readonly string[];
  readonly brand: string | null;
  readonly place: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly popularity: number;
  readonly inStock: boolean;
}
export const sketch: fc.Arbitrary<Sketch> = fc.record({
  words: fc.uniqueArray(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 }),
  brand: fc.constantFrom(...BRANDS),
  place: fc.constantFrom(...PLACES),
  amount: fc.constantFrom(...PRICES),
  currency: fc.constantFrom('GBP', 'GBP', 'GBP', 'GBP', 'GBP', 'EUR'),
  popularity: fc.constantFrom(0, 0.5, 1, 1, 2, 3.25, 10),
  inStock: fc.boolean(),
});

export function productOf(
  n: number,
  { words, brand, place, amount, currency, popularity, inStock }: Sketch,
): SearchableProduct {
  const slugs = place?.split('/') ?? [];
  return {
    id: idOf(n),
    sku: `SKU-${n}`,
    name: words.join(' '),
    brand,
    category:
      place === null
        ? null
        : {
            id: categoryId(place),
            path: place,
            name: place,
            ancestorIds: slugs.slice(0, -1).map((_, depth) => categoryId(slugs.slice(0, depth + 1).join('/'))),
          },
    price: { amount, currency },
    image: '/x.svg',
    inStock,
    status: 'active',
    popularity,
    version: 1,
  };
}
