import { randomUUID } from 'node:crypto';
import type { RecommendationsAnswer } from '../../../src/contexts/recommendations/schemas';
import { ADMIN_TOKEN, startTestApp, type TestApp } from '../../support/app';
import { until } from '../../platform/outbox/support';

let app: TestApp;
const ids = new Map<string, string>();
const PRICE = 50_000_000;
/** Digits that nothing else in the shop has. */
const COSTS = { cheap: 12_345_671, middle: 22_345_672, dear: 42_345_673 };
type Name = keyof typeof COSTS | 'unsaid';

/** What stands first where no cost is known. */
let before = '';

beforeAll(async () => {
  app = await startTestApp({ EASY11_RECOMMENDATIONS_TRAINING_HOURS: '0' });
  // In one transaction: all are there when it is looked for what sells.
  const products = [...Object.keys(COSTS), 'unsaid'].map((sku) => ({
    sku,
    name: sku,
    price: money(PRICE),
    popularity: 9,
  }));
  await load(products);
  const { data } = (await admin('GET', '/products')).body as { data: { id: string; name: string }[] };
  for (const product of data) ids.set(product.name, product.id);
  await weigh({ fresh: 0 });
  await until('it is known what sells', async () => (await ask()).items.filter(({ score }) => score > 0).length === 4);
  before = await order();
  await load(Object.entries(COSTS).map(([sku, cost]) => ({ sku, cost: money(cost) })));
}, 120_000);
afterAll(() => app.close());

const money = (amount: number): object => ({ amount, currency: 'GBP' });
const id = (name: Name): string => ids.get(name) ?? '';

async function load(products: readonly object[]): Promise<void> {
  const answer = await fetch(`${app.url}/v1/admin/products/import`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/x-ndjson' },
    body: products.map((product) => JSON.stringify(product)).join('\n'),
  });
  expect(await answer.json()).toMatchObject({ refused: 0, unchanged: 0 });
}

async function admin(
  method: string,
  where: string,
  body?: unknown,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${app.url}/v1/admin${where}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json', 'If-Match': '*' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const ask = async (): Promise<RecommendationsAnswer> =>
  (await app.get('/v1/recommendations')).body as RecommendationsAnswer;
const order = async (): Promise<string> => (await ask()).items.map(({ name }) => name).join(' ');
/** The weights with some of the rules changed. */
async function weigh(rules: object): Promise<number> {
  const { body } = await admin('GET', '/recommendations/settings');
  return (await admin('PUT', '/recommendations/settings', { ...body, rules: { ...(body.rules as object), ...rules } }))
    .status;
}

describe('of products that are equal but for their costs', () => {
  test('what earns more stands first, what nobody has said in the middle, and scores do not tell it', async () => {
    await until('the margins decide', async () => (await order()) === 'cheap middle unsaid dear');
    const { items } = await ask();
    expect(new Set(items.map(({ score }) => score)).size).toBe(1);
  });

  test('a weight of 0 leaves the order as it is without costs; more than 1 is refused', async () => {
    expect(await weigh({ margin: 0 })).toBe(200);
    expect(await order()).toBe(before);
    expect(await weigh({ margin: 1.1 })).toBe(422);
    expect(await weigh({ margin: 0.2 })).toBe(200);
    expect(await order()).toBe('cheap middle unsaid dear');
  });

  test('a cost and a price that change count as soon as their events arrive', async () => {
    await admin('PATCH', `/products/${id('dear')}`, { cost: money(1) });
    // What nobody has said stands at the mean, which is above the second best now.
    await until('the cost counts', async () => (await order()) === 'dear unsaid cheap middle');
    await admin('PATCH', `/products/${id('cheap')}`, { price: money(COSTS.cheap + 1) });
    await until('the price counts', async () => (await order()) === 'dear middle unsaid cheap');
    await admin('PATCH', `/products/${id('cheap')}`, { price: money(PRICE) });
    await admin('PATCH', `/products/${id('dear')}`, { cost: money(COSTS.dear) });
    await until('it is as before', async () => (await order()) === 'cheap middle unsaid dear');
  });
});

test('weights that were stored before there was one for the margin are read', async () => {
  const { body } = await admin('GET', '/recommendations/settings');
  const { margin: _, ...before } = body.rules as Record<string, number>;
  await app.database.database.pool.query('update recommendation_settings set settings = $1::jsonb', [
    JSON.stringify({ ...body, rules: before }),
  ]);
  const read = await admin('GET', '/recommendations/settings');
  expect([read.status, read.body.rules]).toEqual([200, { ...before, margin: 0.2 }]);
});

interface Operation {
  readonly security?: unknown;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
}

test('no address that anybody may read says what a product costs, nor does any event', async () => {
  const { paths } = (await app.get('/openapi.json')).body as { paths: Record<string, Record<string, Operation>> };
  const open = Object.entries(paths)
    .filter(([, methods]) => methods.get && methods.get.security === undefined)
    .map(([where]) => where);
  expect(open).toEqual(
    expect.arrayContaining([
      '/v1/products',
      '/v1/products/{id}',
      '/v1/search',
      '/v1/suggestions',
      '/v1/recommendations',
    ]),
  );
  const queries = ['', '?limit=10', '?q=cheap', `?slot=product&product=${id('dear')}`, `?visitor=vis_${randomUUID()}`];
  const asked = open.flatMap((where) => queries.map((query) => where.replace(/\{[^}]+\}/g, id('cheap')) + query));
  let shown = 0;
  for (const where of [...asked, '/metrics', '/', `/p/${id('cheap')}`]) {
    // Twice: the second answer may come from what is kept.
    for (const text of [await textOf(where), await textOf(where)]) {
      shown += Number(text.includes(String(PRICE)));
      expect([where, /12345671|22345672|42345673|"cost"/.exec(text)]).toEqual([where, null]);
    }
  }
  // The products themselves were looked at: their prices are there.
  expect(shown).toBeGreaterThan(10);
  const { rows } = await app.database.database.pool.query<{ text: string }>(
    "select string_agg(row_to_json(e)::text, E'\n') as text from outbox_events e",
  );
  expect(rows[0]?.text).toContain(String(PRICE));
  expect(rows[0]?.text).not.toMatch(/12345671|22345672|42345673|"cost/);
  expect(JSON.stringify((await admin('GET', `/products/${id('cheap')}`)).body)).toContain('12345671');
}, 60_000);

/** What an address answers; nothing of one that goes on for ever. */
async function textOf(where: string): Promise<string> {
  const answer = await fetch(app.url + where, { signal: AbortSignal.timeout(20_000) });
  if (!answer.headers.get('content-type')?.includes('event-stream')) return answer.text();
  await answer.body?.cancel();
  return '';
}
