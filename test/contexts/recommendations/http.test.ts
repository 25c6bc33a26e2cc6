import { randomUUID } from 'node:crypto';
import { v7 } from 'uuid';
import type { ModelView, RecommendationsAnswer } from '../../../src/contexts/recommendations/schemas';
import { ADMIN_TOKEN, startTestApp, type TestApp } from '../../support/app';
import { until } from '../../platform/outbox/support';

let app: TestApp;
const ids = new Map<string, string>();
const KINDS = ['red', 'blue', 'green', 'white'];

beforeAll(async () => {
  app = await startTestApp({ EASY11_RECOMMENDATIONS_TRAINING_HOURS: '0' });
  for (const [shelf, noun] of [
    ['tea', 'teapot'],
    ['tools', 'hammer'],
    ['toys', 'marble'],
  ] as const) {
    const category = await admin('POST', '/categories', { slug: shelf, name: shelf });
    for (const kind of KINDS) await makeProduct(`${kind} ${noun}`, { categoryId: category.body.id });
  }
  await makeProduct('sold out kettle', { inStock: false, popularity: 1_000 });
  await until('all products are known', async () => (await ask('limit=50')).items.length === 13);
}, 60_000);
afterAll(() => app.close());

async function makeProduct(name: string, fields: object): Promise<void> {
  const price = { amount: 700, currency: 'GBP' };
  const made = await admin('POST', '/products', { sku: name, name, price, status: 'active', ...fields });
  ids.set(name, String(made.body.id));
}

const id = (name: string): string => ids.get(name) ?? '';

async function admin(
  method: string,
  where: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: Record<string, unknown> }> {
  const answer = await fetch(`${app.url}/v1/admin${where}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
}

const get = (query: string): ReturnType<TestApp['get']> => app.get(`/v1/recommendations?${query}`);
async function ask(query: string): Promise<RecommendationsAnswer> {
  const { status, body } = await get(query);
  expect(status).toBe(200);
  return body as RecommendationsAnswer;
}

const newVisitor = (): string => `vis_${randomUUID()}`;
async function track(visitorId: string, type: string, name: string): Promise<void> {
  const order = type === 'purchase' ? { orderId: `ord_${v7()}` } : {};
  const event = { id: `evt_${v7()}`, type, visitorId, consent: true, productId: id(name), ...order };
  const answer = await fetch(`${app.url}/v1/events:batch`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'Firefox' },
    body: JSON.stringify({ events: [event] }),
  });
  expect(await answer.json()).toMatchObject({ accepted: 1 });
}

const names = ({ items }: RecommendationsAnswer): string[] => items.map(({ name }) => name);

describe('before anything was learnt', () => {
  test('somebody unknown gets what there is, each with a reason; what is sold out stands last; nobody keeps the answer', async () => {
    const { status, headers, body } = await get(`visitor=${newVisitor()}&limit=50`);
    const answer = body as RecommendationsAnswer;
    expect([status, headers.get('cache-control')]).toEqual([200, 'private, no-store']);
    expect(answer.model).toBeNull();
    expect(answer.items).toHaveLength(13);
    expect(answer.items.at(-1)).toMatchObject({ name: 'sold out kettle', inStock: false });
    expect(answer.items[0]).toMatchObject({
      sku: expect.any(String),
      price: { amount: 700, currency: 'GBP' },
      image: expect.stringContaining('/media/products/'),
      reason: { code: expect.any(String), text: expect.any(String) },
    });
    expect(await ask(`customer=cus_${'0'.repeat(32)}`)).toMatchObject({ items: { length: 12 } });
  });

  test('a view changes the next answer', async () => {
    const visitor = newVisitor();
    const before = await ask(`visitor=${visitor}&limit=4`);
    expect(before.items.every(({ reason }) => reason.code !== 'because-you-viewed')).toBe(true);
    await until(
      'likeness is known',
      async () => names(await ask(`slot=product&product=${id('red hammer')}&limit=1`))[0]?.endsWith('hammer') === true,
    );
    await track(visitor, 'view', 'red hammer');
    const after = await ask(`session=${visitor}&limit=4`);
    expect(names(after)).not.toContain('red hammer');
    const reasons = after.items.map(({ reason }) => reason);
    expect(reasons).toContainEqual({
      code: 'because-you-viewed',
      text: 'Because you viewed red hammer',
      product: id('red hammer'),
    });
  });

  test('what was bought is not recommended again', async () => {
    const visitor = newVisitor();
    await track(visitor, 'purchase', 'blue marble');
    expect(names(await ask(`visitor=${visitor}&limit=50`))).not.toContain('blue marble');
  });

  test('a cart gets nothing that is in it', async () => {
    const cart = ['red teapot', 'green teapot'];
    const answer = await ask(`slot=cart&products=${cart.map(id).join()}&limit=50`);
    expect(answer.items).toHaveLength(11);
    for (const name of cart) expect(names(answer)).not.toContain(name);
  });

  test('a product that changes, sells out or goes is shown as it is', async () => {
    await makeProduct('gold whistle', { popularity: 5_000 });
    await until('it is there', async () => names(await ask('limit=50')).includes('gold whistle'));
    const version = { 'If-Match': '*' };
    await admin('PATCH', `/products/${id('gold whistle')}`, { price: { amount: 9, currency: 'GBP' } }, version);
    await until('its price is the new one', async () =>
      (await ask('limit=50')).items.some(({ name, price }) => name === 'gold whistle' && price.amount === 9),
    );
    await fetch(`${app.url}/v1/admin/products/${id('gold whistle')}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${ADMIN_TOKEN}`, ...version },
    });
    await until('it is gone', async () => !names(await ask('limit=50')).includes('gold whistle'));
  });

  test.each([
    ['visitor=ann', '/visitor'],
    ['customer=ann', '/customer'],
    ['slot=attic', '/slot'],
    ['slot=product', '/product'],
    ['limit=0', '/limit'],
    ['limit=51', '/limit'],
    ['products=prd_1', '/products/0'],
    ['colour=red', '/colour'],
  ])('%s is refused', async (query, pointer) => {
    const { status, headers, body } = await get(query);
    expect([status, headers.get('content-type')]).toEqual([422, expect.stringContaining('application/problem+json')]);
    expect(body).toMatchObject({ code: 'validation-failed', errors: [{ pointer }] });
  });

  test('a training without anything to learn from says so', async () => {
    await app.database.database.pool.query('truncate tracking_events');
    const asked = await admin('POST', '/recommendations/models', {});
    expect(asked.status).toBe(202);
    expect(asked.headers.get('location')).toBe(`/v1/admin/recommendations/models/${String(asked.body.version)}`);
    const model = await ends(Number(asked.body.version));
    expect(model).toMatchObject({ state: 'failed', note: 'There are no interactions to learn from' });
    const refused = await admin('POST', `/recommendations/models/${model.version}:activate`);
    expect([refused.status, refused.body.code]).toEqual([409, 'conflict']);
  });
});

async function ends(version: number): Promise<ModelView> {
  let model: ModelView | undefined;
  await until('the training ends', async () => {
    model = (await admin('GET', `/recommendations/models/${version}`)).body as ModelView;
    return model.state !== 'training';
  });
  return model as ModelView;
}

async function train(parameters: object): Promise<ModelView> {
  const { body } = await admin('POST', '/recommendations/models', parameters);
  return ends(Number(body.version));
}

describe('with a model', () => {
  beforeAll(async () => {
    // Who buys a hammer buys a marble; nobody would say so by their words.
    for (let n = 0; n < 24; n++) {
      const visitor = newVisitor();
      const pair = n % 2 === 0 ? ['hammer', 'marble'] : ['teapot', 'teapot'];
      await track(visitor, 'purchase', `${KINDS[n % 4]} ${pair[0]}`);
      await track(visitor, 'purchase', `${KINDS[(n + 2) % 4]} ${pair[1]}`);
    }
    expect(await train({ factors: 4 })).toMatchObject({
      state: 'active',
      note: expect.stringMatching(/^The first model/),
    });
    await until('it answers', async () => (await ask('limit=1')).model !== null);
  }, 60_000);

  test('what others bought with it is named, and the version says when it was trained', async () => {
    const answer = await ask(`slot=product&product=${id('red hammer')}&limit=6`);
    const together = answer.items.filter(({ reason }) => reason.code === 'bought-together');
    expect(together.map(({ name }) => name)).toContain('green marble');
    expect(together[0]?.reason).toMatchObject({ text: 'Often bought with red hammer', product: id('red hammer') });
    expect(answer.model).toMatchObject({
      version: expect.any(Number),
      trainedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test('a person can go back to an older version, and versions are listed with the newest first', async () => {
    const { model } = await ask('limit=1');
    const next = await train({ factors: 4 });
    expect(next.state).toBe('active');
    await until('the new one answers', async () => (await ask('limit=1')).model?.version === next.version);
    const back = await admin('POST', `/recommendations/models/${model?.version}:activate`);
    expect(back.body).toMatchObject({ state: 'active', version: model?.version, note: 'Made active by admin' });
    await until('the old one answers', async () => (await ask('limit=1')).model?.version === model?.version);
    const page = (await admin('GET', '/recommendations/models?limit=1')).body as {
      data: ModelView[];
      page: { next: string };
    };
    expect(page.data.map(({ version, state }) => [version, state])).toEqual([[next.version, 'retired']]);
    const second = await admin('GET', `/recommendations/models?limit=1&after=${page.page.next}`);
    expect(second.body).toMatchObject({ data: [{ version: next.version - 1 }] });
  });

  test('the weights are data: changed under their version, they hold for the next answer', async () => {
    const { body: settings, headers } = await admin('GET', '/recommendations/settings');
    expect(settings).toMatchObject({ mix: { collaborative: 0.6, content: 0.3, rules: 0.1 } });
    const etag = { 'If-Match': String(headers.get('etag')) };
    const byRules = { ...settings, mix: { collaborative: 0, content: 0, rules: 1 } };
    expect((await admin('PUT', '/recommendations/settings', byRules)).status).toBe(428);
    expect((await admin('PUT', '/recommendations/settings', byRules, etag)).status).toBe(200);
    const answer = await ask(`slot=product&product=${id('red hammer')}&limit=6`);
    expect(answer.items.some(({ reason }) => ['similar', 'bought-together'].includes(reason.code))).toBe(false);
    expect((await admin('PUT', '/recommendations/settings', settings, etag)).body.code).toBe('precondition-failed');
    const wrong = { ...settings, mix: { collaborative: 0, content: 0, rules: 0 } };
    expect((await admin('PUT', '/recommendations/settings', wrong, { 'If-Match': '*' })).status).toBe(422);
    expect((await admin('PUT', '/recommendations/settings', settings, { 'If-Match': '*' })).status).toBe(200);
  });

  test('its metrics tell which version answers, and nobody without the token sees the models', async () => {
    const metrics = await (await fetch(`${app.url}/metrics`)).text();
    expect(metrics).toMatch(/easy11_recommendations_model_version \d+/);
    expect(metrics).toMatch(/easy11_recommendations_training_last_success_seconds \d+/);
    expect((await app.get('/v1/admin/recommendations/models')).status).toBe(401);
  });
});
