import { startTestApp, eventually, type TestApp } from '../support/app';
import { describeWithRedis, openTestRedis, type SharedRedis } from '../support/redis';
import { readStreams } from '../platform/bus/support';

const PATIENCE = 30_000;

async function makeProduct(shop: TestApp, sku: string): Promise<Response> {
  return fetch(`${shop.url}/v1/admin/products`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${shop.adminToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ sku, name: 'Tea pot', price: { amount: 1_900, currency: 'GBP' }, status: 'active' }),
  });
}
const metric = async (shop: TestApp, name: string): Promise<number | undefined> => {
  const text = await (await fetch(`${shop.url}/metrics`)).text();
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
};

describeWithRedis('a shop with REDIS_URL', () => {
  let shared: SharedRedis;
  let shop: TestApp;
  beforeAll(async () => {
    shared = await openTestRedis();
    shop = await startTestApp({ REDIS_URL: shared.url, EASY11_REDIS_PREFIX: shared.prefix });
  });
  afterAll(async () => {
    await shop.close();
    await shared.close();
  });

  test('tells other systems of a new product, and /metrics of how that goes', async () => {
    expect((await makeProduct(shop, 'POT-1')).status).toBe(201);
    await eventually(PATIENCE, async () => (await readStreams(shared.redis, shared.prefix)).length === 1);
    const [event] = await readStreams(shared.redis, shared.prefix);
    expect(event).toMatchObject({ type: 'easy11.product.created.v1', source: '/easy11/catalogue' });
    await eventually(PATIENCE, async () => (await metric(shop, 'easy11_bus_published_events_count')) === 1);
    expect(await metric(shop, 'easy11_bus_publisher_last_success_seconds')).toBeGreaterThan(1_700_000_000);
    expect(await metric(shop, 'easy11_bus_lag_events_count')).toBe(0);
  });
});

describe('a shop whose Redis is not there', () => {
  test('starts, sells, follows its own events and is ready; /metrics tells of the failures', async () => {
    const shop = await startTestApp({ REDIS_URL: 'redis://127.0.0.1:1' });
    try {
      expect((await makeProduct(shop, 'POT-2')).status).toBe(201);
      await eventually(PATIENCE, async () => {
        const { body } = await shop.get('/v1/suggestions?q=tea');
        return JSON.stringify(body).includes('Tea pot');
      });
      await eventually(PATIENCE, async () => Number(await metric(shop, 'easy11_bus_publisher_errors_count')) > 3);
      expect((await shop.get('/readyz')).status).toBe(200);
    } finally {
      await shop.close();
    }
  });
});
