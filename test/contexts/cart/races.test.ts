import { backoffMs } from '../../../src/platform/loop';
import { openCartShop, told, type Cart, type CartShop } from './basket';

let shop: CartShop;
let [sku, other] = ['', ''];
beforeAll(async () => {
  shop = await openCartShop();
  const warehouse = await shop.warehouse();
  sku = await shop.stocked([warehouse, 50]);
  other = await shop.stocked([warehouse, 50]);
});
afterAll(() => shop.close());

const CLIENTS = 100;
const everybody = <T>(act: (client: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: CLIENTS }, (_, client) => act(client)));

describe('a hundred clients at one cart', () => {
  test('lose no unit when they add', async () => {
    const cart = await shop.cart();
    const answers = await everybody((client) => cart.ask('POST', '/lines', { sku: client % 2 ? sku : other }));
    expect(answers.map(({ status }) => status)).toEqual(Array(CLIENTS).fill(201));
    expect(await cart.held()).toEqual({ [sku]: CLIENTS / 2, [other]: CLIENTS / 2 });
    expect(new Set(answers.map(({ body }) => body.version)).size).toBe(CLIENTS);
  });

  test('lose no unit when each reads, sets one more with If-Match, and tries again when it was overtaken', async () => {
    const cart = await shop.cart([{ sku }]);
    let overtaken = 0;
    await everybody(async () => {
      for (let attempt = 1; ; attempt++) {
        const { body, headers } = await cart.ask('GET');
        const quantity = body.lines[0].quantity + 1;
        const tag = String(headers.get('etag'));
        const answer = await cart.ask('PATCH', `/lines/${encodeURIComponent(sku)}`, { quantity }, { 'If-Match': tag });
        if (answer.status === 200) return;
        expect(told(answer)).toEqual([412, 'precondition-failed']);
        overtaken++;
        // As clients should: not all of them again at the same moment.
        const pause = backoffMs(attempt, { firstMs: 100, factor: 2, mostMs: 3_000 });
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    });
    expect(await cart.held()).toEqual({ [sku]: CLIENTS + 1 });
    expect(overtaken).toBeGreaterThan(0);
  });

  test('cannot bring more than a hundred articles or a million units into it', async () => {
    await shop.database.pool.query(
      `insert into products (id, sku, name, sort_name, price_amount, currency, status)
       select 'prd_r' || i, 'R' || i, 'R' || i, 'R' || i, 1, 'GBP', 'active' from generate_series(0, 149) as i`,
    );
    const many = await shop.cart(Array.from({ length: 50 }, (_, i) => ({ sku: `R${i}` })));
    const articles = await everybody((client) => many.ask('POST', '/lines', { sku: `R${50 + client}` }));
    expect(articles.filter(({ status }) => status === 201)).toHaveLength(50);
    expect(articles.filter(({ body }) => body.code === 'cart-full')).toHaveLength(50);
    expect(Object.keys(await many.held())).toHaveLength(100);
    const heavy = await shop.cart([{ sku, quantity: 999_990 }]);
    const units = await everybody(() => heavy.ask('POST', '/lines', { sku }));
    expect(units.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(await heavy.held()).toEqual({ [sku]: 1_000_000 });
  });
});

test('two carts that are brought into each other at once end as one with everything, and nobody waits in a circle', async () => {
  for (let round = 0; round < 10; round++) {
    const pair: [Cart, Cart] = [await shop.cart([{ sku, quantity: 3 }]), await shop.cart([{ sku, quantity: 4 }])];
    const answers = await Promise.all(
      [pair, [...pair].reverse() as [Cart, Cart]].map(([into, from]) =>
        into.ask('POST', '/merge', { cartId: from.id, token: from.token }),
      ),
    );
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(told(answers[1 - winner] as (typeof answers)[0])).toEqual([404, 'not-found']);
    expect(await (pair[winner] as Cart).held()).toEqual({ [sku]: 7 });
  }
  // A transaction that was ended by a deadlock is tried again, so nobody would see one but the database.
  await shop.database.pool.query('select pg_sleep(1.1)'); // it reports what it counts once a second
  const { rows } = await shop.database.pool.query<{ deadlocks: string }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: '0' }]);
});
