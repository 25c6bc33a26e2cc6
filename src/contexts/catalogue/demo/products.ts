import type { ImportedProduct } from '../import';
import { Random, shuffled } from './random';
import { DEPARTMENTS } from './vocabulary';
import { nameAt, sizeOf, type Shelf } from './words';

/**
 * The products of the demo shop: made from a vocabulary, the same for the same seed, and a smaller shop is a part of a
 * larger one. Every name is there once.
 */
export interface DemoOptions {
  readonly products: number;
  readonly seed: number;
}

const SHELVES: readonly Shelf[] = DEPARTMENTS.flatMap((department) =>
  department.shelves.map((shelf) => ({
    ...shelf,
    path: `${department.path}/${shelf.path}`,
    margin: department.margin,
    brands: department.brands,
    sentences: department.sentences,
  })),
);

/** How many names the words of a shelf make, before brands are put in front of them. */
const plainNames = (shelf: Shelf): number => shelf.patterns.reduce((sum, one) => sum + sizeOf(one), 0);
const capacity = (shelf: Shelf): number => plainNames(shelf) * (1 + shelf.brands.length);

/** The most products that the vocabulary can name. */
export const MOST_PRODUCTS = SHELVES.reduce((sum, shelf) => sum + capacity(shelf), 0);

/** Makes the products, a shelf after the other in turn. Throws RangeError for more than the vocabulary can name. */
export function* demoProducts({ products, seed }: DemoOptions): Generator<ImportedProduct> {
  if (!Number.isInteger(products) || products < 0 || products > MOST_PRODUCTS) {
    throw new RangeError(`The demo shop has 0 to ${MOST_PRODUCTS} products, not ${products}`);
  }
  const quotas = shareOut(products);
  let line = 0;
  for (let round = 0; line < products; round++) {
    for (let place = 0; place < SHELVES.length; place++) {
      const shelf = SHELVES[place];
      if (!shelf || round >= (quotas[place] ?? 0)) continue;
      line += 1;
      yield { line, ...productAt(shelf, place, round, seed) };
    }
  }
}

/** Products by shelf: the more words a shelf has the more it gets, and none more than it can name. */
function shareOut(products: number): number[] {
  const quotas = SHELVES.map(() => 0);
  for (let left = products; left > 0;) {
    const open = SHELVES.map((shelf, place) => (quotas[place] === capacity(shelf) ? 0 : Math.sqrt(plainNames(shelf))));
    const total = open.reduce((sum, weight) => sum + weight, 0);
    const round = left;
    SHELVES.forEach((shelf, place) => {
      const wanted = Math.min(
        Math.ceil((round * (open[place] ?? 0)) / total),
        capacity(shelf) - (quotas[place] ?? 0),
        left,
      );
      quotas[place] = (quotas[place] ?? 0) + wanted;
      left -= wanted;
    });
  }
  return quotas;
}

function productAt(shelf: Shelf, place: number, index: number, seed: number): Omit<ImportedProduct, 'line'> {
  const random = new Random(seed, place, index);
  const names = plainNames(shelf);
  // The plain names first; when they are used up, the same again from each brand.
  const turn = Math.floor(index / names);
  const { name, factor } = nameOf(shelf, shuffled(index % names, names, seed + 31 * place + 7 * turn));
  const brand = turn === 0 ? random.pick(shelf.brands) : (shelf.brands[turn - 1] ?? random.pick(shelf.brands));
  const fate = random.fraction();
  const product = {
    sku: `${shelf.code}-${String(index + 1).padStart(5, '0')}`,
    name: turn === 0 ? name : `${brand} ${name}`,
    description: describe(shelf, name, brand, random),
    brand,
    category: shelf.path,
    price: retailPrice(shelf.price * factor * Math.exp(0.12 * random.normal())),
    status: fate < 0.96 ? ('active' as const) : fate < 0.985 ? ('draft' as const) : ('archived' as const),
    inStock: random.fraction() < 0.94,
    popularity: popularity(random),
  };
  // Drawn last: what was there before there were costs stays as it was.
  return { ...product, cost: costOf(product.price, shelf.margin, random) };
}

function nameOf(shelf: Shelf, number: number): { name: string; factor: number } {
  let rest = number;
  for (const one of shelf.patterns) {
    const size = sizeOf(one);
    if (rest < size) return nameAt(one, rest);
    rest -= size;
  }
  throw new RangeError(`${shelf.path} has no name ${number}`);
}

function describe(shelf: Shelf, name: string, brand: string, random: Random): string {
  const first = random.below(shelf.sentences.length);
  const second = (first + 1 + random.below(shelf.sentences.length - 1)) % shelf.sentences.length;
  return `${name} from ${brand}. ${shelf.sentences[first]} ${shelf.sentences[second]}`;
}

/** Prices end as they do on shelves: 1.35, 12.45, 64.00. */
export function retailPrice(exact: number): number {
  if (exact < 1000) return Math.max(20, Math.round(exact / 5) * 5);
  if (exact < 5000) return Math.round(exact / 50) * 50 - 5;
  return Math.round(exact / 100) * 100;
}

/** Of some the cost is unknown, as in any shop. */
function costOf(price: number, margin: number, random: Random): number | null {
  if (random.fraction() < 0.03) return null;
  const share = Math.min(0.85, Math.max(0.05, margin + 0.07 * random.normal()));
  return Math.round(price * (1 - share));
}

/**
 * Order lines of a product: log-normal, with the parameters measured on nine months of the shop in the data set "Online
 * Retail" (mu 3.53, sigma 1.58). A Zipf law fits that shop worse: its most popular products are not that far ahead.
 */
const popularity = (random: Random): number => Math.round(100 * Math.exp(3.53 + 1.58 * random.normal())) / 100;
