import { searchAnswerSchema, type SearchAnswer } from '../../../src/contexts/search';
import { eventually, startTestApp, type TestApp } from '../../support/app';

/** GET /v1/search of the real shop, on a real database. */

let app: TestApp;
const names = [
  'Red Retrospot Mug',
  'Red Retrospot Plate',
  'Blue Enamel Mug',
  'Teapot Large',
  'T-Shirt White',
  'Muggle Toy',
];

beforeAll(async () => {
  app = await startTestApp();
  const products = names.map((name, i) => ({
    sku: `R-${i}`,
    name,
    category: i < 4 ? 'kitchen/things' : 'toys',
    price: { amount: 100 * (i + 1), currency: 'GBP' },
    popularity: i,
    inStock: i !== 2,
    brand: i % 2 === 0 ? 'Hartwell' : 'Acme & Co',
    description: '',
    status: 'active',
  }));
  const answer = await fetch(`${app.url}/v1/admin/products/import`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${app.adminToken}`, 'Content-Type': 'application/x-ndjson' },
    body: products.map((product) => JSON.stringify(product)).join('\n'),
  });
  expect(answer.status).toBe(200);
  await eventually(30_000, async () => (await search('')).total === names.length);
});
afterAll(() => app?.close());

async function search(query: string): Promise<SearchAnswer> {
  const { status, body } = await app.get(`/v1/search?${query}`);
  expect([query, status]).toEqual([query, 200]);
  return searchAnswerSchema.parse(body);
}
const namesOf = ({ data }: SearchAnswer): string[] => data.map(({ name }) => name);

describe('a search', () => {
  test('finds every product that has all words, whole words before begun ones, best sellers first', async () => {
    expect(namesOf(await search('q=mug'))).toEqual(['Blue Enamel Mug', 'Red Retrospot Mug', 'Muggle Toy']);
    expect(namesOf(await search('q=red+mug'))).toEqual(['Red Retrospot Mug']);
    expect(namesOf(await search('q=acme+teap'))).toEqual(['Teapot Large']);
    expect(namesOf(await search('q=tshirt'))).toEqual(['T-Shirt White']);
    expect(namesOf(await search('q=t-shirt'))).toEqual(['T-Shirt White']);
  });

  test('takes a misspelt word for the likeliest one, behind exact matches, and says how it is spelt', async () => {
    const found = await search('q=retrospto');
    expect(namesOf(found)).toEqual(['Red Retrospot Plate', 'Red Retrospot Mug']);
    expect(found.suggestions).toEqual([{ q: 'retrospot', reason: 'spelling', total: 2 }]);
    expect((await search('q=retrospot')).suggestions).toEqual([]);
  });

  test('that finds nothing offers the same with a word less', async () => {
    const found = await search('q=teapot+enamel');
    expect(found).toMatchObject({ data: [], total: 0, page: { next: null, hasMore: false } });
    expect(found.suggestions).toEqual([
      { q: 'enamel', reason: 'fewer-words', total: 1 },
      { q: 'teapot', reason: 'fewer-words', total: 1 },
    ]);
    expect((await search('q=qqqqqq')).suggestions).toEqual([]);
    expect((await search('q=%21%3F')).total).toBe(0);
  });

  test('of nothing browses everything, in the order asked for', async () => {
    expect(namesOf(await search(''))).toEqual([...names].reverse());
    expect(namesOf(await search('q=++&sort=price'))).toEqual(names);
    expect(namesOf(await search('sort=-price&limit=2'))).toEqual(['Muggle Toy', 'T-Shirt White']);
  });

  test('counts facets without their own choice, and filters by several values of one', async () => {
    const all = await search('brand=Hartwell&category=kitchen&facets=category,brand,inStock,price');
    expect(namesOf(all)).toEqual(['Blue Enamel Mug', 'Red Retrospot Mug']);
    expect(all.facets.brand).toEqual([
      { value: 'Acme & Co', count: 2 },
      { value: 'Hartwell', count: 2 },
    ]);
    expect(all.facets.category?.map(({ value, count }) => [value, count])).toEqual([
      ['kitchen', 2],
      ['kitchen/things', 2],
      ['toys', 1],
    ]);
    expect(all.facets.inStock).toEqual([
      { value: true, count: 1 },
      { value: false, count: 1 },
    ]);
    expect(all.facets.price).toMatchObject({ currency: 'GBP', counts: expect.arrayContaining([1]) as number[] });
    expect((await search('brand=Hartwell&brand=Acme+%26+Co&category=toys')).total).toBe(2);
    expect((await search('facets=brand')).facets).toEqual({ brand: expect.any(Array) as unknown[] });
  });

  test('goes on behind the last product of a page, also when that has gone and others have come', async () => {
    const first = await search('q=re&sort=price&limit=1');
    expect(namesOf(first)).toEqual(['Red Retrospot Mug']);
    const { headers } = await app.get('/v1/search?q=re&sort=price&limit=1');
    const link = /^<([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1] ?? '';
    const admin = (path: string, init: RequestInit): Promise<Response> =>
      fetch(`${app.url}/v1/admin/products${path}`, {
        ...init,
        headers: { Authorization: `Bearer ${app.adminToken}`, 'Content-Type': 'application/json', 'If-Match': '*' },
      });
    const made = await admin('', {
      method: 'POST',
      body: JSON.stringify({ sku: 'R-9', name: 'Red Pin', price: { amount: 5, currency: 'GBP' }, status: 'active' }),
    });
    expect(made.status).toBe(201);
    expect((await admin(`/${first.data[0]?.id}`, { method: 'DELETE' })).status).toBe(204);
    await eventually(
      30_000,
      async () => namesOf(await search('q=re&sort=price')).join() === 'Red Pin,Red Retrospot Plate',
    );
    const { body } = await app.get(link);
    expect(namesOf(searchAnswerSchema.parse(body))).toEqual(['Red Retrospot Plate']);
  });
});

describe('GET /v1/search', () => {
  test.each([
    ['sort=best', '/sort'],
    ['sort=name', '/sort'],
    ['limit=0', '/limit'],
    ['limit=101', '/limit'],
    ['price.gte=5&price.lte=4', '/price.gte'],
    ['price.gte=-1', '/price.gte'],
    ['facets=brand,colour', '/facets/1'],
    ['after=nonsense', '/after'],
    ['after=WyJwcmljZSIsMCwxLCJ4Il0', '/after'],
    ['inStock=yes', '/inStock'],
    ['brand=', '/brand'],
    ['colour=red', '/colour'],
    ['q=a&q=b', '/q'],
    ['__proto__=x', '/__proto__'],
  ])('refuses %s and says what is wrong', async (query, pointer) => {
    const { status, headers, body } = await app.get(`/v1/search?${query}`);
    expect([status, headers.get('content-type')]).toEqual([422, 'application/problem+json']);
    expect(body).toMatchObject({ code: 'validation-failed', errors: [{ pointer }] });
  });

  test('refuses what is not percent-encoded UTF-8, and other methods', async () => {
    expect((await app.get('/v1/search?q=%ff')).status).toBe(400);
    const posted = await fetch(`${app.url}/v1/search`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  test('says by its tag that nothing has changed', async () => {
    const { headers } = await app.get('/v1/search?q=mug');
    expect(headers.get('cache-control')).toBe('public, max-age=1');
    const tag = headers.get('etag') ?? '';
    expect(tag).toMatch(/^"[\w-]{20,}"$/);
    const again = await fetch(`${app.url}/v1/search?q=mug`, { headers: { 'If-None-Match': tag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const other = await fetch(`${app.url}/v1/search?q=red`, { headers: { 'If-None-Match': tag } });
    expect(other.status).toBe(200);
  });

  test('is counted among the answers from memory, and the metric says so', async () => {
    const kept = async (): Promise<number> => {
      const text = await (await fetch(`${app.url}/metrics`)).text();
      expect(text).toMatch(/^# HELP easy11_search_kept_answers_count .*pages of results/m);
      return Number(/^easy11_search_kept_answers_count(?:\{.*\})? (\d+)/m.exec(text)?.[1]);
    };
    await search('q=enamel+mug');
    const before = await kept();
    await search('q=enamel+mug');
    expect(await kept()).toBe(before + 1);
  });

  test('stands in the OpenAPI document', async () => {
    const { body } = await app.get('/openapi.json');
    expect(body).toMatchObject({ paths: { '/v1/search': { get: { tags: ['search'] } } } });
  });
});
