import { Router } from 'express';
import { pino } from 'pino';
import { cartRoutes, KeptCarts } from '../../../src/contexts/cart';
import { openBroadcast, type Broadcast } from '../../../src/platform/bus';
import { eventually } from '../../support/eventually';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { insist, type Answer } from '../inventory/shop';
import { openCartShop, quantitiesIn, SECRET, told, type Cart, type CartShop } from './basket';

const log = pino({ level: 'silent' });
const ROOM = { cacheBytes: 1 << 20 };
/** Two processes of one shop: each keeps what it has seen, and whether one tells the other is for each test to say. */
let tellA: (message: string) => void = () => undefined;
let tellB: (message: string) => void = () => undefined;
const a = new KeptCarts({ ...ROOM, tell: (message) => tellA(message) });
const b = new KeptCarts({ ...ROOM, tell: (message) => tellB(message) });
let shop: CartShop;
let [sku, other] = ['', ''];

beforeAll(async () => {
  shop = await openCartShop(a, (database) => {
    const process = { database, kept: b, currency: 'GBP', secret: SECRET };
    return [Router().use('/b', cartRoutes(process))];
  });
  const warehouse = await shop.warehouse();
  sku = await shop.stocked([warehouse, 500]);
  other = await shop.stocked([warehouse, 500]);
});
afterAll(async () => {
  await shop.close();
  for (const kept of [a, b]) kept.close();
});
beforeEach(() => {
  tellA = tellB = () => undefined;
});

/** Asks one of the two processes. */
function at(process: 'a' | 'b', { id, token }: Cart, method = 'GET', where = '', body?: unknown): Promise<Answer> {
  const begin = process === 'a' ? '' : '/b';
  const headers = { 'Cart-Token': token, ...(method === 'GET' ? {} : { 'If-Match': '*' }) };
  return insist(() => shop.ask(method, `${begin}/v1/carts/${id}${where}`, body, headers));
}

const add = (process: 'a' | 'b', cart: Cart): Promise<Answer> => at(process, cart, 'POST', '/lines', { sku });

test('a cart that is read again is known, and asked for with its prices in one go', async () => {
  const cart = await shop.cart([{ sku, quantity: 2 }]);
  const before = a.status();
  const first = (await at('a', cart)).body;
  expect(a.status()).toEqual({ ...before, right: before.right + 1 });
  expect((await at('b', cart)).body).toEqual(first);
  const known = b.status();
  expect((await at('b', cart)).body).toEqual(first);
  expect(b.status()).toEqual({ ...known, right: known.right + 1 });
});

test('prices, stock and what a coupon takes off are those of the moment, however often the cart was read', async () => {
  const dear = await shop.stocked([await shop.warehouse(), 5]);
  const cart = await shop.cart([{ sku: dear, quantity: 2 }]);
  await shop.coupon('KEPT');
  await at('a', cart, 'PUT', '/coupon', { code: 'KEPT' });
  expect((await at('a', cart)).body).toMatchObject({ ready: true, coupon: { discount: { amount: 59 } } });
  await shop.costs(dear, 1000);
  await shop.admin('POST', '/reservations', { lines: [{ sku: dear, quantity: 4 }] });
  await shop.database.pool.query("update coupons set percent_ppm = 500000 where code = 'KEPT'");
  const { body } = await at('a', cart);
  expect(body).toMatchObject({ subtotal: { amount: 2000 }, lines: [{ available: 1, problem: 'short-of-stock' }] });
  expect(body.coupon.discount.amount).toBe(1000);
});

test('a process that has kept an older version shows the newer one, and its version for If-Match', async () => {
  const cart = await shop.cart([{ sku }]);
  await at('b', cart);
  await add('a', cart);
  await at('a', cart, 'PATCH', `/lines/${encodeURIComponent(sku)}`, { quantity: 9 });
  const wrong = b.status().wrong;
  const { body, headers } = await at('b', cart);
  expect([quantitiesIn(body), headers.get('etag'), b.status().wrong]).toEqual([{ [sku]: 9 }, '"3"', wrong + 1]);
});

describe.each([
  ['that hear nothing of each other', () => undefined],
  ['that hear of each other at once', (kept: KeptCarts) => (text: string) => kept.heard(text)],
  [
    'that hear of each other late, twice, in disorder and not always',
    (kept: KeptCarts) => (text: string) => {
      for (const late of [0, 3, 20]) if (Math.random() < 0.6) setTimeout(() => kept.heard(text), late * Math.random());
    },
  ],
])('two processes %s', (_how, telling) => {
  beforeEach(() => {
    tellA = telling(b) ?? tellA;
    tellB = telling(a) ?? tellB;
  });

  test('never show a client less than it has done, nor one version with the lines of another', async () => {
    const cart = await shop.cart();
    let committed = 1;
    const client = async (seed: number): Promise<void> => {
      for (let turn = 0; turn < 12; turn++) {
        const [here, there] = (seed + turn) % 2 ? (['a', 'b'] as const) : (['b', 'a'] as const);
        const { body: written } = await add(here, cart);
        committed = Math.max(committed, written.version);
        for (const process of [there, here]) {
          const least = committed;
          const { body } = await at(process, cart);
          expect(body.version).toBeGreaterThanOrEqual(least);
          // Each change adds one unit: what a version holds is known.
          expect([body.version, quantitiesIn(body)]).toEqual([body.version, { [sku]: body.version - 1 }]);
        }
      }
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(client));
    expect((await at('a', cart)).body.version).toBe(1 + 6 * 12);
  });

  test('agree that a cart is gone: merged away, or its day over', async () => {
    const [into, from] = [await shop.cart([{ sku }]), await shop.cart([{ sku: other, quantity: 2 }])];
    for (const cart of [into, from]) await Promise.all([at('a', cart), at('b', cart)]);
    await at('a', into, 'POST', '/merge', { cartId: from.id, token: from.token });
    expect(quantitiesIn((await at('b', into)).body)).toEqual({ [sku]: 1, [other]: 2 });
    expect(told(await at('b', from))).toEqual([404, 'not-found']);
    await shop.database.pool.query('update carts set expires_at = clock_timestamp() where id = $1', [into.id]);
    for (const process of ['a', 'b'] as const) expect(told(await at(process, into))).toEqual([404, 'not-found']);
  });
});

test('what was not committed is kept by nobody', async () => {
  const cart = await shop.cart([{ sku }]);
  const heard: string[] = [];
  tellA = (text) => void heard.push(text);
  expect(told(await at('a', cart, 'POST', '/lines', { sku, quantity: 1_000_000 }))).toEqual([409, 'cart-full']);
  expect([heard, a.find(cart.id)?.version]).toEqual([[], 1]);
  await at('a', cart, 'POST', '/lines', { sku: other });
  expect(heard.map((text) => (JSON.parse(text) as { version: number }).version)).toEqual([2]);
});

test('a database that was restored, and gave a version to something else, is believed', async () => {
  const cart = await shop.cart([{ sku }]);
  await add('a', cart);
  await at('b', cart);
  await shop.database.pool.query(
    `with later as (update carts set updated_at = updated_at + interval '1 second' where id = $1)
     update cart_lines set quantity = 7 where cart_id = $1`,
    [cart.id],
  );
  for (const process of ['a', 'b'] as const) expect(quantitiesIn((await at(process, cart)).body)).toEqual({ [sku]: 7 });
  await shop.database.pool.query(`update carts set version = 1 where id = $1`, [cart.id]);
  expect((await at('a', cart)).body.version).toBe(1);
  expect(a.find(cart.id)?.version).toBe(1);
});

test('nonsense and news from the future change nothing that is shown', async () => {
  const cart = await shop.cart([{ sku }]);
  const honest = { id: cart.id, version: 99, updatedAt: new Date().toISOString(), coupon: null, lines: [] };
  for (const text of ['', 'null', '{', '[]', JSON.stringify({ ...honest, more: 1 }), 'x'.repeat(1 << 20)])
    b.heard(text);
  expect(b.find(cart.id)).toBeUndefined();
  b.heard(JSON.stringify(honest));
  expect(b.find(cart.id)?.version).toBe(99);
  expect((await at('b', cart)).body).toMatchObject({ version: 1, units: 1 });
  expect(b.find(cart.id)?.version).toBe(1);
});

describeWithOwnRedis('with Redis between them', () => {
  let redis: OwnRedis;
  let [fromA, fromB]: Broadcast[] = [];
  beforeAll(async () => {
    redis = await startOwnRedis();
    const join = (kept: KeptCarts): Promise<Broadcast> =>
      openBroadcast({ url: redis.url, channel: 'test:carts', log, onMessage: (text) => kept.heard(text) });
    [fromA, fromB] = [await join(a), await join(b)];
  });
  beforeEach(() => {
    tellA = (text) => fromA?.tell(text);
    tellB = (text) => fromB?.tell(text);
  });
  afterAll(async () => {
    await fromA?.close();
    await fromB?.close();
    await redis.remove();
  });

  /** Changes a cart until the other process has heard of it: news that are lost meanwhile are lost. */
  const hearsAgain = async (): Promise<void> => {
    const cart = await shop.cart();
    await eventually(30_000, async () => {
      const { body } = await add('a', cart);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return b.find(cart.id)?.version === body.version;
    });
    const before = b.status();
    expect((await at('b', cart)).status).toBe(200);
    expect(b.status()).toEqual({ ...before, right: before.right + 1 });
  };
  /** Each change is answered, and is what the other process shows, within a time that no wait for Redis would leave. */
  const goesOn = async (): Promise<void> => {
    const cart = await shop.cart();
    const slowest: number[] = [];
    for (let turn = 1; turn <= 8; turn++) {
      const start = performance.now();
      expect((await add(turn % 2 ? 'a' : 'b', cart)).status).toBe(201);
      expect(quantitiesIn((await at(turn % 2 ? 'b' : 'a', cart)).body)).toEqual({ [sku]: turn });
      slowest.push(performance.now() - start);
    }
    // The median: a busy machine may stop one of them.
    expect(slowest.sort((x, y) => x - y)[4]).toBeLessThan(900);
  };

  test('one knows a cart that the other has made, before it has ever read it', () => hearsAgain());

  test('nobody waits for one that is frozen, and they hear of each other when it goes on', async () => {
    redis.freeze();
    try {
      await goesOn();
    } finally {
      redis.thaw();
    }
    await hearsAgain();
  });

  test('nobody misses one that is killed, and they hear of each other when it is back', async () => {
    await redis.kill();
    const lost = fromA?.status().lost ?? 0;
    await goesOn();
    expect(fromA?.status().lost).toBeGreaterThan(lost);
    await redis.start();
    await hearsAgain();
  });
});
