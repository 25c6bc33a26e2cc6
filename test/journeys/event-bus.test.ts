import Ajv from 'ajv';
import { startTestApp, eventually, type TestApp } from '../support/app';
import { describeWithRedis, openTestRedis, type SharedRedis } from '../support/redis';
import { subscribeToBus } from '../../src/platform/bus';
import { keysOf } from '../../src/platform/bus/redis/keys';
import { silent } from '../platform/outbox/support';
import { openPatiently, readStreams } from '../platform/bus/support';

const PATIENCE = 60_000;

async function makeProduct(shop: TestApp, sku: string): Promise<Response> {
  return fetch(`${shop.url}/v1/admin/products`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${shop.adminToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ sku, name: 'Tea pot', price: { amount: 1_900, currency: 'GBP' }, status: 'active' }),
  });
}
interface Letter {
  readonly id: string;
  readonly aggregate: string;
  readonly state: string;
  readonly error: string | null;
}
const back = async (shop: TestApp, where: string, method = 'GET'): Promise<{ status: number; data: Letter[] }> => {
  const headers = { Authorization: `Bearer ${shop.adminToken}` };
  const answer = await fetch(`${shop.url}/v1/admin/bus/dead-letters${where}`, { method, headers });
  return { status: answer.status, data: ((await answer.json()) as { data: Letter[] }).data };
};
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
    // It is what /asyncapi.json promises.
    const document = (await shop.get('/asyncapi.json')).body as object;
    const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(document, 'asyncapi');
    const promised = ajv.compile({ $ref: 'asyncapi#/components/messages/easy11.product.created.v1/payload' });
    promised(event);
    expect(promised.errors ?? []).toEqual([]);
    expect(promised({ ...event, data: { id: 7 } })).toBe(false);
    await eventually(PATIENCE, async () => (await metric(shop, 'easy11_bus_published_events_count')) === 1);
    expect(await metric(shop, 'easy11_bus_publisher_last_success_seconds')).toBeGreaterThan(1_700_000_000);
    expect(await metric(shop, 'easy11_bus_lag_events_count')).toBe(0);
  });

  test("shows the back office what another system's reader gave up, and has it tried again", async () => {
    const redis = await openPatiently(shared.url);
    const { database } = shop.database;
    let broken = true;
    const heard: string[] = [];
    const handler = async (): Promise<void> => {
      if (broken) throw new Error('the warehouse is closed');
      heard.push('heard');
      return Promise.resolve();
    };
    /** Seen once Redis answers in time, which on a busy machine may be the next one. */
    const letters = async (): Promise<Letter[]> => {
      let answer = await back(shop, '');
      while (answer.status === 503) answer = await back(shop, '');
      return answer.data;
    };
    const parts = { redis, prefix: shared.prefix, database, log: silent };
    const reader = subscribeToBus(parts, 'warehouse', handler, { retries: 0, kind: 'product' });
    try {
      await eventually(PATIENCE, async () => (await letters()).length === 1);
      const [letter] = (await back(shop, '?group=warehouse')).data;
      expect(letter).toMatchObject({
        group: 'warehouse',
        state: 'dead',
        attempts: 1,
        type: 'easy11.product.created.v1',
      });
      expect(letter!.error).toMatch(/the warehouse is closed/);
      expect((await back(shop, '?group=others')).data).toEqual([]);
      expect((await back(shop, '?limit=0')).status).toBe(422);
      expect((await back(shop, '/everything/replay', 'POST')).status).toBe(404);
      const dead = keysOf(shared.prefix).dead('warehouse');
      const fields = { event: 'hello', state: 'dead', attempts: '1', error: 'is no event', group: 'warehouse' };
      await shared.redis.xadd(dead, '*', ...Object.entries(fields).flat());
      const nonsense = (await back(shop, '')).data.find(({ aggregate }) => aggregate === '');
      expect(nonsense).toMatchObject({ state: 'dead', error: 'is no event' });
      expect((await back(shop, `/${nonsense!.id}/replay`, 'POST')).status).toBe(409);
      await shared.redis.xdel(dead, nonsense!.id.split('.')[1]!);
      expect((await fetch(`${shop.url}/v1/admin/bus/dead-letters`)).status).toBe(401);
      broken = false;
      expect((await back(shop, `/${letter!.id}/replay`, 'POST')).status).toBe(202);
      await eventually(PATIENCE, async () => (await letters()).length === 0);
      expect(heard).toHaveLength(1);
    } finally {
      await reader.close();
      redis.disconnect();
    }
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
      // As of its last look, which may have been before the product was there.
      await eventually(PATIENCE, async () => Number(await metric(shop, 'easy11_bus_lag_events_count')) > 0);
      expect(await metric(shop, 'easy11_bus_publisher_last_success_seconds')).toBeUndefined();
      expect((await shop.get('/readyz')).status).toBe(200);
      expect((await back(shop, '')).status).toBe(503);
    } finally {
      await shop.close();
    }
  });
});
