import fc from 'fast-check';
import type { SearchableProduct } from '../../../src/contexts/catalogue';
import { searchAnswerSchema, searchQuerySchema, type SearchAnswer } from '../../../src/contexts/search';
import { Projection } from '../../../src/contexts/search/projection';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { PLACES, PRICES, WORDS, createdAt, idOf, productOf, sketch, type Sketch } from './sketches';
import { streamed } from './support';

let scratch: TestDatabase;
/** The shop that is asked, and the table with the same products. */
let projection: Projection;
let table = 'reference';
const ROWS = 700;
const columns = `id text collate "C" primary key, words text[], brand text, place text, amount bigint,
     currency text, popularity float8, in_stock boolean, created_at float8`;

beforeAll(async () => {
  scratch = await createTestDatabase();
  await scratch.database.pool.query(`create table reference (${columns})`);
  const sketches = fc.sample(sketch, { numRuns: ROWS, seed: 11 });
  for (const [n, one] of sketches.entries()) await save(n, one);
  projection = await Projection.build(
    () => streamed(sketches.map((one, n) => productOf(n, one))),
    new AbortController().signal,
    'GBP',
  );
});
afterAll(async () => {
  projection?.close();
  await scratch?.drop();
});

async function save(n: number, one: Sketch): Promise<void> {
  await scratch.database.pool.query(
    `insert into ${table} values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (id) do update set words = excluded.words, brand = excluded.brand, place = excluded.place,
       amount = excluded.amount, currency = excluded.currency, popularity = excluded.popularity,
       in_stock = excluded.in_stock`,
    [
      idOf(n),
      [...one.words, ...(one.brand ? [one.brand.toLowerCase()] : [])],
      one.brand,
      one.place,
      one.amount,
      one.currency,
      one.popularity,
      one.inStock,
      createdAt(n),
    ],
  );
}

interface Asked {
  readonly words: readonly string[];
  readonly begun: number;
  readonly category: readonly string[];
  readonly brand: readonly string[];
  readonly gte: number | undefined;
  readonly lte: number | undefined;
  readonly inStock: boolean | undefined;
  readonly sort: 'relevance' | 'price' | '-price' | '-popularity' | '-createdAt';
  readonly limit: number;
}
const maybe = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(some, { nil: undefined, freq: 2 });
const places = PLACES.filter((place) => place !== null);
const asked: fc.Arbitrary<Asked> = fc
  .record({
    words: fc.array(fc.constantFrom(...WORDS), { maxLength: 2 }),
    begun: fc.integer({ min: 1, max: 3 }),
    category: fc.oneof(fc.constant([]), fc.uniqueArray(fc.constantFrom(...places, 'nowhere'), { maxLength: 2 })),
    brand: fc.oneof(fc.constant([]), fc.uniqueArray(fc.constantFrom('Acme', 'Bolt', 'None'), { maxLength: 2 })),
    gte: maybe(fc.constantFrom(...PRICES)),
    lte: maybe(fc.constantFrom(...PRICES)),
    inStock: maybe(fc.boolean()),
    sort: fc.constantFrom('relevance', 'price', '-price', '-popularity', '-createdAt'),
    limit: fc.integer({ min: 1, max: 100 }),
  })
  .filter(({ gte = 0, lte = Infinity }) => gte <= lte);

const textOf = ({ words, begun }: Asked): string =>
  words.map((word, at) => (at === words.length - 1 ? word.slice(0, begun) : word)).join(' ');

function answer(question: Asked, change: Record<string, unknown> = {}): SearchAnswer {
  const { category, brand, gte, lte, inStock, sort, limit } = question;
  const given: Record<string, unknown> = {
    q: textOf(question),
    category: category.length > 0 ? category : undefined,
    brand: brand.length > 0 ? brand : undefined,
    'price.gte': gte === undefined ? undefined : String(gte),
    'price.lte': lte === undefined ? undefined : String(lte),
    inStock: inStock === undefined ? undefined : String(inStock),
    sort,
    limit: String(limit),
    facets: 'category,brand,inStock,price',
    ...change,
  };
  const query = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return searchAnswerSchema.parse(JSON.parse(projection.search(searchQuerySchema.parse(query))));
}

type Left = 'category' | 'brand' | 'inStock' | 'price' | undefined;

/** The conditions as SQL, all but those of one facet. */
function whereOf(question: Asked, left: Left): string {
  const { category, brand, gte, lte, inStock, sort } = question;
  const text = textOf(question);
  const words = text === '' ? [] : text.split(' ');
  const quoted = (values: readonly string[]): string => values.map((value) => `'${value}'`).join();
  const parts = words.map((word, at) =>
    at === words.length - 1 ? `exists (select from unnest(words) w where w like '${word}%')` : `'${word}' = any(words)`,
  );
  if (left !== 'category' && category.length > 0)
    parts.push(`(${category.map((path) => `place = '${path}' or place like '${path}/%'`).join(' or ')})`);
  if (left !== 'brand' && brand.length > 0) parts.push(`brand in (${quoted(brand)})`);
  if (left !== 'inStock' && inStock !== undefined) parts.push(`in_stock = ${inStock}`);
  if (left !== 'price' && (gte !== undefined || lte !== undefined))
    parts.push(`currency = 'GBP' and amount between ${gte ?? 0} and ${lte ?? 1e15}`);
  if (sort.endsWith('price')) parts.push(`currency = 'GBP'`);
  return parts.length > 0 ? `where ${parts.join(' and ')}` : '';
}

function orderOf(question: Asked): string {
  const last = textOf(question).split(' ').at(-1) ?? '';
  const orders = {
    relevance: `${last === '' ? '' : `('${last}' = any(words)) desc,`} popularity desc, id desc`,
    price: 'amount, id',
    '-price': 'amount desc, id desc',
    '-popularity': 'popularity desc, id desc',
    '-createdAt': 'created_at desc, id desc',
  };
  return orders[question.sort];
}

async function rows<T extends object>(sql: string): Promise<T[]> {
  return (await scratch.database.pool.query<T>(sql)).rows;
}

async function agrees(question: Asked, mostPages = Infinity): Promise<void> {
  const expected = await rows<{ id: string }>(
    `select id from ${table} ${whereOf(question, undefined)} order by ${orderOf(question)}`,
  );
  const found: string[] = [];
  let page = answer(question);
  const first = page;
  for (let pages = 1; ; pages++) {
    expect(page.total).toBe(expected.length);
    found.push(...page.data.map(({ id }) => id));
    if (page.page.next === null) break;
    expect(page.data).toHaveLength(question.limit);
    if (pages === mostPages) break;
    page = answer(question, { after: page.page.next });
  }
  const all = expected.map(({ id }) => id);
  expect(found).toEqual(page.page.next === null ? all : all.slice(0, found.length));

  const counted = async (value: string, left: Left): Promise<Record<string, number>> => {
    const all = await rows<{ value: string | null; count: number }>(
      `select ${value} as value, count(*)::int as count from ${table} ${whereOf(question, left)} group by 1`,
    );
    return Object.fromEntries(all.filter(({ value: one }) => one !== null).map((one) => [one.value, one.count]));
  };
  const { facets } = first;
  const brands = await counted('brand', 'brand');
  expect(
    Object.fromEntries((facets.brand ?? []).filter(({ count }) => count > 0).map((one) => [one.value, one.count])),
  ).toEqual(brands);
  const byPlace: Record<string, number> = {};
  for (const [place, count] of Object.entries(await counted('place', 'category'))) {
    const slugs = place.split('/');
    slugs.forEach((_, depth) => {
      const path = slugs.slice(0, depth + 1).join('/');
      byPlace[path] = (byPlace[path] ?? 0) + count;
    });
  }
  expect(Object.fromEntries((facets.category ?? []).map((one) => [one.value, one.count]))).toEqual(byPlace);
  const stock = await counted('in_stock::text', 'inStock');
  expect(facets.inStock).toEqual([
    { value: true, count: stock.true ?? 0 },
    { value: false, count: stock.false ?? 0 },
  ]);
  const prices = await counted(`case when currency = 'GBP' then amount end`, 'price');
  const { edges = [], counts = [] } = facets.price ?? {};
  const binned = counts.map((_, bin) =>
    Object.entries(prices)
      .filter(([amount]) => Number(amount) >= (edges[bin] ?? 0) && Number(amount) < (edges[bin + 1] ?? 0))
      .reduce((sum, [, count]) => sum + count, 0),
  );
  expect(counts).toEqual(binned);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(
    Object.values(prices).reduce((sum, count) => sum + count, 0),
  );
}

describe('pages, totals and facets of any search', () => {
  test('are those that PostgreSQL gives on the same products', async () => {
    await fc.assert(
      fc.asyncProperty(asked, (question) => agrees(question)),
      { seed: 1, numRuns: 150 },
    );
  });

  test('and still are after products came, changed and went', async () => {
    const changes = fc.sample(sketch, { numRuns: 220, seed: 12 });
    for (const [i, one] of changes.entries()) {
      const n = i < 60 ? ROWS + i : (i * 37) % ROWS;
      if (i % 4 === 3) {
        projection.remove(idOf(n));
        await scratch.database.pool.query('delete from reference where id = $1', [idOf(n)]);
      } else {
        projection.put(productOf(n, one));
        await save(n, one);
      }
    }
    await fc.assert(
      fc.asyncProperty(asked, (question) => agrees(question)),
      { seed: 1, numRuns: 150 },
    );
  });
});

describe('where thousands of products match, and their rows are bits', () => {
  const MANY = 6_000;
  const few = (question: Asked): Promise<void> => agrees(question, 3);
  let [smaller, name] = [projection, table];

  beforeAll(async () => {
    [smaller, name] = [projection, table];
    table = 'larger';
    await scratch.database.pool.query(`create table larger (${columns})`);
    // Every other id: those between are late when they come.
    // And few have the word that begins others, so that a page reaches those too.
    const rare = (words: readonly string[], i: number): string[] =>
      words.filter((word) => word !== 'b' || i % 50 === 0);
    const sketches = fc
      .sample(sketch, { numRuns: MANY, seed: 13 })
      .map((one, i) => ({ n: 2 * i, one: { ...one, words: rare(one.words, i) } }));
    const rows = sketches.map(({ n, one: { words, brand, place, amount, currency, popularity, inStock } }) => ({
      ...{ id: idOf(n), words: [...words, ...(brand ? [brand.toLowerCase()] : [])], brand, place, amount, currency },
      ...{ popularity, in_stock: inStock, created_at: createdAt(n) },
    }));
    await scratch.database.pool.query(`insert into larger select * from json_populate_recordset(null::larger, $1)`, [
      JSON.stringify(rows),
    ]);
    const products = sketches.map(({ n, one }) => productOf(n, one));
    projection = await Projection.build(() => streamed(products), new AbortController().signal, 'GBP');
  });
  afterAll(() => {
    projection.close();
    [projection, table] = [smaller, name];
  });

  test('those that have a word whole come first, and none of them comes again among those that have it begun', async () => {
    const any = { category: [], brand: [], gte: undefined, lte: undefined, inStock: undefined } as const;
    await agrees({ ...any, words: ['b'], begun: 1, sort: 'relevance', limit: 100 });
  });

  test('pages, totals and facets are those of PostgreSQL', async () => {
    await fc.assert(fc.asyncProperty(asked, few), { seed: 60, numRuns: 60 });
  });

  test('and still are after products came, late ones among them, changed and went', async () => {
    const changes = fc.sample(sketch, { numRuns: 300, seed: 14 });
    for (const [i, one] of changes.entries()) {
      const n = (i * 37) % (2 * MANY);
      if (i % 4 === 3) {
        projection.remove(idOf(n));
        await scratch.database.pool.query('delete from larger where id = $1', [idOf(n)]);
      } else {
        projection.put(productOf(n, one));
        await save(n, one);
      }
    }
    await fc.assert(fc.asyncProperty(asked, few), { seed: 60, numRuns: 60 });
  });
});

describe('any text at all', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom("Women's T-Shirt", '東京タワー', 'naïve ﬁnish'),
  );

  test('can be searched for', () => {
    fc.assert(
      fc.property(text, fc.nat({ max: 3 }), (q, spaces) => {
        const query = searchQuerySchema.parse({ q: `${q.slice(0, 900)}${' '.repeat(spaces)}`, facets: 'price' });
        searchAnswerSchema.parse(JSON.parse(projection.search(query)));
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test('can be the name of a product, which is found by it until the product goes', () => {
    const sketched = {
      words: [],
      brand: null,
      place: null,
      amount: 1,
      currency: 'GBP',
      popularity: 1e9,
      inStock: true,
    };
    const product = productOf(ROWS + 5000, sketched);
    fc.assert(
      fc.property(text, (name) => {
        const whole = `zyxwv ${name.replaceAll(/\p{Surrogate}/gu, '')}`.slice(0, 200);
        projection.put({ ...product, name: whole });
        const found = (): SearchAnswer =>
          JSON.parse(projection.search(searchQuerySchema.parse({ q: whole }))) as SearchAnswer;
        expect(found().data.map(({ id }) => id)).toContain(product.id);
        projection.remove(product.id);
        expect(found().data.map(({ id }) => id)).not.toContain(product.id);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

test('a shop with more brands than a RangeIndex holds is browsed all the same, also when the last one comes later', async () => {
  const sketched = {
    words: ['red'],
    brand: null,
    place: 'home',
    amount: 5,
    currency: 'GBP',
    popularity: 1,
    inStock: true,
  };
  const make = (n: number): SearchableProduct => ({ ...productOf(n, sketched), brand: `Brand ${n}`, popularity: n });
  const many = 14_998;
  const shop = await Projection.build(
    () => streamed(Array.from({ length: many }, (_, n) => make(n))),
    new AbortController().signal,
    'GBP',
  );
  const browse = (change: Record<string, string>): SearchAnswer =>
    JSON.parse(
      shop.search(searchQuerySchema.parse({ facets: 'brand,category', limit: '2', ...change })),
    ) as SearchAnswer;
  for (let count = many; count < many + 5; count++) {
    const all = browse({});
    expect([all.total, all.data[0]?.id]).toEqual([count, idOf(count - 1)]);
    expect(all.facets.category).toEqual([{ value: 'home', id: 'cat_home', count }]);
    expect(browse({ brand: `Brand ${count - 1}`, sort: 'price' }).total).toBe(1);
    shop.put(make(count));
  }
  shop.close();
});
