import { STEPS, stepOf } from '../../src/contexts/search/results/price-ladder';
import { PAGE, pageOf, type Page, type Tallies } from './contender';
import type { Asked, ShopData } from './data';

/** With fewer matches than these a text finds misspelt words too: only what comes first is laid down then. */
export const FEW = 12;

interface Facts {
  readonly words: readonly string[];
  readonly brand: number;
  readonly path: string;
  readonly price: number;
  readonly stock: number;
  readonly popularity: number;
}

/** The answers by the words of the guide: a look at every product for every question. */
export class Truth {
  readonly #products: Facts[];

  constructor(shop: ShopData, size: number) {
    this.#products = Array.from({ length: size }, (_, n) => {
      const { name, brand, category, price, inStock, popularity } = shop.product(n);
      return {
        words: [...name.split(' '), ...(brand ?? '').toLowerCase().split(' ')],
        brand: Number((brand ?? '').slice(6)),
        path: category?.path ?? '',
        price: price.amount,
        stock: Number(inStock),
        popularity,
      };
    });
  }

  /** Whether a product has a word. */
  has(n: number, word: string): boolean {
    return this.#products[n]?.words.includes(word) ?? false;
  }

  /** The page, and how many products match the text alone. */
  page(asked: Asked): { readonly page: Page; readonly matches: number } {
    const words = String(asked.q ?? '')
      .split(' ')
      .filter(Boolean);
    const tallies: Tallies = {
      brands: new Map(),
      aisles: new Map(),
      stock: new Map(),
      steps: new Array<number>(STEPS).fill(0),
    };
    const found: { n: number; tier: number }[] = [];
    let matches = 0;
    this.#products.forEach((product, n) => {
      const tier = tierOf(product.words, words);
      if (tier < 0) return;
      matches++;
      const failed = failures(product, asked);
      if (failed.length > 1) return;
      const counts = (facet: string): boolean => failed.length === 0 || failed[0] === facet;
      if (failed.length === 0) found.push({ n, tier });
      if (counts('category')) add(tallies.aisles, product.path);
      if (counts('brand')) add(tallies.brands, product.brand);
      if (counts('inStock')) add(tallies.stock, product.stock);
      if (counts('price')) tallies.steps[stepOf(product.price)] = (tallies.steps[stepOf(product.price)] as number) + 1;
    });
    const ids = this.#inOrder(found, asked).slice(0, PAGE);
    return { page: pageOf(found.length, ids, tallies, asked), matches };
  }

  #inOrder(found: { n: number; tier: number }[], { sort, q }: Asked): number[] {
    const value = (n: number): number => {
      const { price, popularity } = this.#products[n] as Facts;
      return sort === '-createdAt' ? 0 : sort === 'price' ? -price : sort === '-price' ? price : popularity;
    };
    const tiers = sort === undefined && q !== undefined;
    const up = sort === 'price' ? -1 : 1;
    return found
      .sort((a, b) => (tiers ? a.tier - b.tier : 0) || value(b.n) - value(a.n) || (b.n - a.n) * up)
      .map(({ n }) => n);
  }
}

/** 0 when every word is one of the product's, 1 when the last one only begins one, -1 when it does not match. */
function tierOf(words: readonly string[], asked: readonly string[]): number {
  const last = asked.at(-1);
  if (last === undefined) return 0;
  for (let i = 0; i < asked.length - 1; i++) if (!words.includes(asked[i] as string)) return -1;
  return words.includes(last) ? 0 : words.some((word) => word.startsWith(last)) ? 1 : -1;
}

function failures({ path, brand, price, stock }: Facts, asked: Asked): string[] {
  const failed: string[] = [];
  const { category, brand: brands, inStock } = asked;
  if (category !== undefined && !path.startsWith(`${String(category)}/`)) failed.push('category');
  if (brands !== undefined && ![brands].flat().includes(`Brand ${brand}`)) failed.push('brand');
  if (inStock !== undefined && stock !== Number(inStock === 'true')) failed.push('inStock');
  const [gte, lte] = [Number(asked['price.gte'] ?? 0), Number(asked['price.lte'] ?? Infinity)];
  if (price < gte || price > lte) failed.push('price');
  return failed;
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
