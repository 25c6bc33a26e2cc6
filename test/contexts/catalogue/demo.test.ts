import { canGenerate, MOST_PRODUCTS, seedDemoShop } from '../../../src/contexts/catalogue';
import { demoProducts } from '../../../src/contexts/catalogue/demo';
import { Random, shuffled } from '../../../src/contexts/catalogue/demo/random';
import { openShop, type Shop } from './shop';

const take = (products: number, seed = 11) => [...demoProducts({ products, seed })];

describe('the demo shop', () => {
  test('is the same for the same seed, another for another, and a part of every larger one', () => {
    const small = take(3000);
    expect(take(3000)).toEqual(small);
    expect(take(3000, 12).map(({ name }) => name)).not.toEqual(small.map(({ name }) => name));
    const large = new Map(take(9000).map(({ line: _line, ...product }) => [product.sku, product]));
    expect(small.map(({ sku }) => large.get(sku))).toEqual(small.map(({ line: _line, ...product }) => product));
  });

  test('names 200,000 products without saying one name twice', () => {
    const [names, skus] = [new Set<string>(), new Set<string>()];
    let longest = 0;
    for (const { name, sku } of demoProducts({ products: 200_000, seed: 11 })) {
      names.add(name!);
      skus.add(sku);
      longest = Math.max(longest, name!.length);
    }
    expect(longest).toBeLessThanOrEqual(200);
    expect([names.size, skus.size]).toEqual([200_000, 200_000]);
    expect(canGenerate(1_000_000) && !canGenerate(MOST_PRODUCTS + 1)).toBe(true);
  });

  test('has the popularity that was measured: log-normal, mu 3.53, sigma 1.58', () => {
    const logs = take(20_000).map(({ popularity }) => Math.log(popularity!));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const deviation = Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length);
    expect(mean).toBeCloseTo(3.53, 1);
    expect(deviation).toBeCloseTo(1.58, 1);
  });

  test('has some sixty categories, some things out of stock or not for sale, and names beyond ASCII', () => {
    const products = take(5000);
    const shelves = new Set(products.map(({ category }) => category));
    const tree = new Set([...shelves, ...[...shelves].map((path) => path!.split('/')[0])]);
    expect(tree.size).toBeGreaterThanOrEqual(55);
    const share = (some: number): number => some / products.length;
    expect(share(products.filter(({ inStock }) => !inStock).length)).toBeCloseTo(0.06, 1);
    expect(share(products.filter(({ status }) => status !== 'active').length)).toBeCloseTo(0.04, 1);
    expect(products.some(({ name }) => name!.includes('緑茶'))).toBe(true);
    expect(products.some(({ name }) => name!.includes('Crème Brûlée'))).toBe(true);
    expect(products.every(({ price }) => Number.isInteger(price) && price! >= 20 && price! < 100_000)).toBe(true);
  });

  test('knows what nearly all products cost: less of the price is left of food than of gifts, and never nothing', () => {
    const products = take(5000);
    const margins = (under: string): number[] =>
      products.flatMap(({ category, price, cost }) =>
        category!.startsWith(under) && typeof cost === 'number' ? [(price! - cost) / price!] : [],
      );
    const mean = (of: number[]): number => of.reduce((sum, margin) => sum + margin, 0) / of.length;
    expect(margins('').length / products.length).toBeCloseTo(0.97, 1);
    expect(products.every(({ cost }) => cost === null || (Number.isInteger(cost) && cost! > 0))).toBe(true);
    for (const margin of margins('')) expect(margin > 0 && margin < 0.9).toBe(true);
    expect(mean(margins('fresh'))).toBeCloseTo(0.28, 1);
    expect(mean(margins('cards-and-gifts'))).toBeCloseTo(0.6, 1);
  });

  test('numbers a shelf in a shuffled order that leaves none out', () => {
    for (const count of [1, 2, 7, 64, 1000]) {
      const order = Array.from({ length: count }, (_, index) => shuffled(index, count, 5));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    }
    const random = new Random(1, 2, 3);
    expect([random.next(), random.next()]).toEqual([new Random(1, 2, 3).next(), expect.any(Number)]);
  });
});

describe('the first start', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop.close());

  test('fills an empty catalogue once, even when two processes start together', async () => {
    const options = { products: 300, currency: 'GBP' };
    const made = await Promise.all([seedDemoShop(shop.database, options), seedDemoShop(shop.database, options)]);
    expect(made.sort((a, b) => a - b)).toEqual([0, 300]);
    expect(await seedDemoShop(shop.database, options)).toBe(0);
    expect((await shop.events()).length).toBe(300);
    const { rows } = await shop.database.pool.query<{ name: string }>(
      "select name from categories where path = 'kitchen/mugs'",
    );
    expect(rows[0]!.name).toBe('Mugs & Cups');
  });
});
