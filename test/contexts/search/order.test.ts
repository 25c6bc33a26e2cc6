import fc from 'fast-check';
import type { SearchableProduct } from '../../../src/contexts/catalogue';
import { searchQuerySchema, type SearchAnswer } from '../../../src/contexts/search';
import { Projection } from '../../../src/contexts/search/projection';
import { product, streamed } from './support';

/** Several processes that serve one shop: each was started at another time and heard of the products in another order. */

const SIZE = 240;
const WORDS = ['teapot', 'teacup', 'saucer', 'kettle'];
const PLACES = ['home', 'yard'];
const idOf = (n: number): string => `prd_${String(n).padStart(8, '0')}-0000-7000-8000-000000000000`;
const one = (n: number): SearchableProduct =>
  product(idOf(n), `${WORDS[n % 4]} ${WORDS[(n >> 2) % 4]}`, {
    brand: n % 3 === 0 ? 'Acme' : 'Bolt',
    category: { id: `cat_${PLACES[n % 2]}`, path: PLACES[n % 2] as string, name: 'x', ancestorIds: [] },
    price: { amount: [100, 100, 200][n % 3] as number, currency: 'GBP' },
    popularity: n % 5 === 0 ? 2 : 0,
    inStock: n % 4 !== 1,
  });
const all = Array.from({ length: SIZE }, (_, n) => one(n));
const inAnyOrder = (seed: number): SearchableProduct[] => {
  const keys = fc.sample(fc.nat(), { numRuns: SIZE, seed });
  return all
    .map((_, n) => n)
    .sort((a, b) => (keys[a] as number) - (keys[b] as number))
    .map(one);
};
const build = (products: SearchableProduct[]): Promise<Projection> =>
  Projection.build(() => streamed(products), new AbortController().signal);

let processes: Projection[];
beforeAll(async () => {
  const fresh = await build(all);
  // Began with a third of the products, and heard of the others in any order.
  const early = await build(all.filter((_, n) => n % 3 === 1));
  for (const next of inAnyOrder(1)) early.put(next);
  // Knew products that have gone since, and some that went and came back.
  const old = await build([...all.filter((_, n) => n % 7 === 0), one(SIZE), one(SIZE + 1)]);
  for (const next of inAnyOrder(2)) old.put(next);
  for (const n of [SIZE, 0, 14, 15, 100, SIZE + 1]) old.remove(idOf(n));
  for (const n of [100, 15, 14, 0]) old.put(one(n));
  processes = [fresh, early, old];
});
afterAll(() => processes.forEach((one) => one.close()));

const asked = fc.record(
  {
    q: fc.constantFrom('', 'tea', 'teapot', 'teapto', 'teapot saucer', 'kettel s'),
    sort: fc.constantFrom('relevance', 'price', '-price', '-popularity', '-createdAt'),
    brand: fc.constantFrom('Acme', 'Bolt'),
    category: fc.constantFrom('home', 'cat_yard'),
    inStock: fc.constantFrom('true', 'false'),
    'price.gte': fc.constantFrom('100', '101'),
    limit: fc.integer({ min: 1, max: 60 }).map(String),
  },
  { requiredKeys: ['q', 'limit'] },
);

const answerOf = (from: Projection, question: object): string =>
  from.search(searchQuerySchema.parse({ facets: 'category,brand,inStock,price', ...question }));

describe('every process', () => {
  test('gives the same answer, byte for byte, and goes on with the pages of any other', () => {
    fc.assert(
      fc.property(asked, (question) => {
        let after: object = {};
        for (let page = 0; page < 6; page++) {
          const [answer = '', ...others] = processes.map((from) => answerOf(from, { ...question, ...after }));
          for (const other of others) expect(other).toBe(answer);
          const { next } = (JSON.parse(answer) as SearchAnswer).page;
          if (next === null) return;
          after = { after: next };
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test.each(['-popularity', '-price', 'price'])('goes on by %s behind a product that it never had', (sort) => {
    const [fresh, early, old] = processes as [Projection, Projection, Projection];
    // Stands between products 50 and 51, and goes when one process has shown it.
    const passing = { ...one(51), id: `${idOf(50)}z` };
    old.put(passing);
    const pageOf = (from: Projection, limit: string, after: object = {}): SearchAnswer =>
      JSON.parse(answerOf(from, { sort, limit, ...after })) as SearchAnswer;
    let last = pageOf(old, '1');
    while (last.data[0]?.id !== passing.id) last = pageOf(old, '1', { after: last.page.next });
    old.remove(passing.id);
    const ties = all.filter(({ price, popularity }) =>
      sort === '-popularity' ? popularity === passing.popularity : price.amount === passing.price.amount,
    );
    const ids = ties.map(({ id }) => id);
    const behind =
      sort === 'price' ? ids.filter((id) => id > passing.id) : ids.filter((id) => id < passing.id).reverse();
    for (const from of [fresh, early, old]) {
      const page = pageOf(from, '5', { after: last.page.next });
      expect(page.data.map(({ id }) => id)).toEqual(behind.slice(0, 5));
    }
  });
});
