import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { pino } from 'pino';
import { startCartSweeper } from '../../../src/contexts/cart';
import { signCart } from '../../../src/contexts/cart/token';
import { until } from '../../platform/outbox/support';
import { insist } from '../inventory/shop';
import { openCartShop, quantitiesIn, SECRET, told, type Cart, type CartShop } from './basket';

let shop: CartShop;
let warehouse = '';
const skus: string[] = [];
beforeAll(async () => {
  shop = await openCartShop();
  warehouse = await shop.warehouse();
  for (let i = 0; i < 4; i++) skus.push(await shop.stocked([warehouse, 50]));
});
afterAll(() => shop.close());

const path = (sku: string): string => `/lines/${encodeURIComponent(sku)}`;
const tagOf = async (cart: Cart): Promise<string> => String((await cart.ask('GET')).headers.get('etag'));
const expire = (cart: Cart): Promise<unknown> =>
  shop.database.pool.query(`update carts set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [
    cart.id,
  ]);

describe('a cart', () => {
  test('is made without a body, or with lines, and shows names, prices, stock and an exact subtotal', async () => {
    const bare = await shop.ask('POST', '/v1/carts');
    expect([bare.status, bare.headers.get('etag'), bare.headers.get('location')]).toEqual([
      201,
      '"1"',
      `/v1/carts/${bare.body.id}`,
    ]);
    expect(bare.body).toMatchObject({ lines: [], units: 0, ready: false, subtotal: { amount: 0, currency: 'GBP' } });
    const [a = '', b = ''] = skus;
    const cart = await shop.cart([{ sku: a, quantity: 2 }, { sku: b }, { sku: a, quantity: 1 }]);
    const { body, headers } = await cart.ask('GET');
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(body.token).toBeUndefined();
    expect(body).toMatchObject({ units: 4, ready: true, subtotal: { amount: 4 * 295, currency: 'GBP' }, coupon: null });
    expect(body.lines).toMatchObject([
      {
        sku: a,
        name: a,
        quantity: 3,
        unitPrice: { amount: 295 },
        total: { amount: 885 },
        available: 50,
        problem: null,
      },
      { sku: b, name: b, quantity: 1, total: { amount: 295 } },
    ]);
    expect(body.lines[0].image).toBe(`/media/products/${body.lines[0].productId}.svg`);
  });

  test('is changed line by line, each time as a new version', async () => {
    const [a = '', b = ''] = skus;
    const cart = await shop.cart();
    const added = await cart.ask('POST', '/lines', { sku: a, quantity: 2 });
    expect([added.status, added.headers.get('etag'), quantitiesIn(added.body)]).toEqual([201, '"2"', { [a]: 2 }]);
    await cart.ask('POST', '/lines', { sku: b });
    expect(quantitiesIn((await cart.ask('POST', '/lines', { sku: a })).body)).toEqual({ [a]: 3, [b]: 1 });
    const set = await cart.ask('PATCH', path(a), { quantity: 7 }, { 'If-Match': await tagOf(cart) });
    expect([set.status, set.headers.get('etag'), quantitiesIn(set.body)]).toEqual([200, '"5"', { [a]: 7, [b]: 1 }]);
    const removed = await cart.ask('DELETE', path(a), undefined, { 'If-Match': '"5"' });
    expect([removed.status, quantitiesIn(removed.body)]).toEqual([200, { [b]: 1 }]);
    expect(Date.parse(removed.body.expiresAt) - Date.parse(removed.body.updatedAt)).toBeGreaterThan(86_390_000);
  });

  test('keeps a coupon, and says what it takes off', async () => {
    await shop.coupon('SPRING-10');
    const cart = await shop.cart([{ sku: skus[0] ?? '' }]);
    const set = await cart.ask('PUT', '/coupon', { code: 'spring-10' }, { 'If-Match': '"1"' });
    expect(set.body).toMatchObject({
      coupon: { code: 'SPRING-10', applied: true, problem: null, discount: { amount: 30, currency: 'GBP' } },
      subtotal: { amount: 295 },
    });
    const gone = await cart.ask('PUT', '/coupon', { code: null }, { 'If-Match': '"2"' });
    expect([gone.body.coupon, gone.body.version]).toEqual([null, 3]);
  });

  test('shows live what became of its products: dearer, short, sold out, not for sale any more', async () => {
    const [dear, short, out, gone] = [
      await shop.stocked([warehouse, 5]),
      await shop.stocked([warehouse, 5]),
      await shop.stocked([warehouse, 5]),
      await shop.stocked([warehouse, 5]),
    ];
    const cart = await shop.cart([dear, short, out, gone].map((sku) => ({ sku, quantity: 3 })));
    const tag = await tagOf(cart);
    await shop.costs(dear, 1001);
    const take = (sku: string, quantity: number): Promise<unknown> =>
      shop.admin('POST', '/reservations', { lines: [{ sku, quantity }] });
    await take(short, 3);
    await take(out, 5);
    await shop.database.pool.query("update products set status = 'archived' where sku = $1", [gone]);
    const { body, headers } = await cart.ask('GET');
    expect(headers.get('etag')).toBe(tag);
    expect(body.lines).toMatchObject([
      { sku: dear, problem: null, total: { amount: 3003 } },
      { sku: short, problem: 'short-of-stock', available: 2, total: { amount: 885 } },
      { sku: out, problem: 'out-of-stock', available: 0, total: { amount: 885 } },
      { sku: gone, problem: 'not-for-sale', name: null, unitPrice: null, total: null },
    ]);
    expect([body.ready, body.subtotal.amount]).toEqual([false, 3003 + 885 + 885]);
    const set = await cart.ask('PATCH', path(short), { quantity: 2 }, { 'If-Match': tag });
    expect(set.body.lines[1]).toMatchObject({ problem: null });
    const refused = await cart.ask('POST', '/quotes', { destination: { country: 'GB' } });
    expect([...told(refused), refused.body.errors]).toEqual([
      422,
      'validation-failed',
      [expect.objectContaining({ pointer: '/lines/3/sku', code: 'unknown-sku' })],
    ]);
  });

  test('is answered, not failed, when its sum is more than an amount can be', async () => {
    const sku = await shop.stocked([warehouse, 50]);
    await shop.costs(sku, 1_000_000_000_000);
    const cart = await shop.cart([{ sku: skus[0] ?? '' }, { sku, quantity: 1_000_000 }]);
    expect((await cart.ask('GET')).body).toMatchObject({ subtotal: { amount: 295 }, lines: [{}, { total: null }] });
    expect(told(await cart.ask('POST', '/quotes', { destination: { country: 'GB' } }))).toEqual([
      422,
      'validation-failed',
    ]);
  });

  test('becomes a stored quote: what it costs at a destination, with tax', async () => {
    const [a = '', b = ''] = skus;
    const cart = await shop.cart([{ sku: b, quantity: 2 }, { sku: a }]);
    const quoted = await cart.ask('POST', '/quotes', { destination: { country: 'US', state: 'CA' } });
    expect(quoted.status).toBe(201);
    expect(quoted.body).toMatchObject({
      currency: 'USD',
      destination: { country: 'US', state: 'CA' },
      lines: [
        { sku: b, quantity: 2 },
        { sku: a, quantity: 1 },
      ],
    });
    expect((await shop.ask('GET', `/v1/quotes/${quoted.body.id}`)).body).toEqual(quoted.body);
  });

  test('is nothing to be priced while it is empty', async () => {
    const cart = await shop.cart();
    expect(told(await cart.ask('POST', '/quotes', { destination: { country: 'GB' } }))).toEqual([409, 'cart-empty']);
  });
});

describe('a cart of somebody else', () => {
  test.each([
    ['no token', () => ({})],
    ['the token of another cart', (_cart: Cart, other: Cart) => ({ 'Cart-Token': other.token })],
    ['a token cut short', (cart: Cart) => ({ 'Cart-Token': cart.token.slice(1) })],
    ['a token of another secret', (cart: Cart) => ({ 'Cart-Token': signCart('x'.repeat(32), cart.id) })],
  ])('is not there for who has %s', async (_what, headers) => {
    const [sku = ''] = skus;
    const [cart, other] = [await shop.cart([{ sku }]), await shop.cart()];
    const before = (await cart.ask('GET')).body;
    for (const [method, where, body] of [
      ['GET', '', undefined],
      ['POST', '/lines', { sku }],
      ['PATCH', path(sku), { quantity: 2 }],
      ['DELETE', path(sku), undefined],
      ['PUT', '/coupon', { code: 'A' }],
      ['POST', '/merge', { cartId: other.id, token: other.token }],
      ['POST', '/quotes', { destination: { country: 'GB' } }],
    ] as const) {
      const sent = { 'If-Match': '*', ...headers(cart, other) };
      const answer = await shop.ask(method, `/v1/carts/${cart.id}${where}`, body, sent as Record<string, string>);
      expect([method, where, ...told(answer)]).toEqual([method, where, 404, 'not-found']);
    }
    expect((await cart.ask('GET')).body).toEqual(before);
  });

  test('cannot be brought into one’s own', async () => {
    const [sku = ''] = skus;
    const [cart, victim] = [await shop.cart(), await shop.cart([{ sku }])];
    const answer = await cart.ask('POST', '/merge', { cartId: victim.id, token: cart.token });
    expect([...told(answer), answer.body.errors[0].pointer]).toEqual([422, 'validation-failed', '/cartId']);
    expect([await cart.held(), await victim.held()]).toEqual([{}, { [sku]: 1 }]);
  });
});

describe('a bad request changes nothing', () => {
  const huge = 1_000_001;
  const IF = { 'If-Match': '*' };
  test.each([
    ['an unknown sku', 'POST', '/lines', { sku: 'NO SUCH' }, {}, 422, 'validation-failed', '/sku'],
    ['a sku that is no text', 'POST', '/lines', { sku: 7 }, {}, 422, 'validation-failed', '/sku'],
    ['no sku', 'POST', '/lines', {}, {}, 422, 'validation-failed', '/sku'],
    ['zero', 'POST', '/lines', { sku: 'A', quantity: 0 }, {}, 422, 'validation-failed', '/quantity'],
    ['fewer than none', 'POST', '/lines', { sku: 'A', quantity: -1 }, {}, 422, 'validation-failed', '/quantity'],
    ['half a unit', 'POST', '/lines', { sku: 'A', quantity: 0.5 }, {}, 422, 'validation-failed', '/quantity'],
    ['too many', 'POST', '/lines', { sku: 'A', quantity: huge }, {}, 422, 'validation-failed', '/quantity'],
    ['more than a number', 'POST', '/lines', { sku: 'A', quantity: 1e300 }, {}, 422, 'validation-failed', '/quantity'],
    ['a number as text', 'POST', '/lines', { sku: 'A', quantity: '1' }, {}, 422, 'validation-failed', '/quantity'],
    ['an unknown field', 'POST', '/lines', { sku: 'A', price: 1 }, {}, 422, 'validation-failed', '/price'],
    ['a stale version', 'POST', '/lines', { sku: 'A' }, { 'If-Match': '"99"' }, 412, 'precondition-failed', undefined],
    ['no If-Match', 'PATCH', '/lines/A', { quantity: 2 }, {}, 428, 'precondition-required', undefined],
    [
      'a stale If-Match',
      'PATCH',
      '/lines/A',
      { quantity: 2 },
      { 'If-Match': '"99"' },
      412,
      'precondition-failed',
      undefined,
    ],
    [
      'a version beyond all',
      'PATCH',
      '/lines/A',
      { quantity: 2 },
      { 'If-Match': '"9999999999"' },
      412,
      'precondition-failed',
      undefined,
    ],
    [
      'a weak If-Match',
      'PATCH',
      '/lines/A',
      { quantity: 2 },
      { 'If-Match': 'W/"1"' },
      412,
      'precondition-failed',
      undefined,
    ],
    ['set to zero', 'PATCH', '/lines/A', { quantity: 0 }, IF, 422, 'validation-failed', '/quantity'],
    ['set to half', 'PATCH', '/lines/A', { quantity: 1.5 }, IF, 422, 'validation-failed', '/quantity'],
    ['set to too many', 'PATCH', '/lines/A', { quantity: huge }, IF, 422, 'validation-failed', '/quantity'],
    ['a line that is not there', 'PATCH', '/lines/B', { quantity: 1 }, IF, 404, 'not-found', undefined],
    ['a sku that cannot be', 'DELETE', '/lines/%00', undefined, IF, 404, 'not-found', undefined],
    ['a removal without If-Match', 'DELETE', '/lines/A', undefined, {}, 428, 'precondition-required', undefined],
    ['a removal of what is not there', 'DELETE', '/lines/B', undefined, IF, 404, 'not-found', undefined],
    ['a coupon without If-Match', 'PUT', '/coupon', { code: 'A' }, {}, 428, 'precondition-required', undefined],
    ['a coupon of strange signs', 'PUT', '/coupon', { code: "A'; --" }, IF, 422, 'validation-failed', '/code'],
    [
      'a quote to nowhere',
      'POST',
      '/quotes',
      { destination: { country: 'XX' } },
      {},
      422,
      'validation-failed',
      '/destination/country',
    ],
    [
      'a quote with lines of its own',
      'POST',
      '/quotes',
      { destination: { country: 'GB' }, lines: [] },
      {},
      422,
      'validation-failed',
      '/lines',
    ],
    ['a merge with nothing', 'POST', '/merge', { cartId: 'x', token: 'y' }, {}, 422, 'validation-failed', '/cartId'],
  ] as const)('%s', async (_what, method, where, body, headers, status, code, pointer) => {
    const [a = '', b = ''] = skus;
    const name = (text: string): string =>
      text.replace(/\/A$/, `/${encodeURIComponent(a)}`).replace(/\/B$/, `/${encodeURIComponent(b)}`);
    const sent = body && 'sku' in body && body.sku === 'A' ? { ...body, sku: a } : body;
    const cart = await shop.cart([{ sku: a, quantity: 3 }]);
    const before = (await cart.ask('GET')).body;
    const answer = await cart.ask(method, name(where), sent, headers);
    expect([...told(answer), answer.body.errors?.[0]?.pointer]).toEqual([status, code, pointer]);
    expect((await cart.ask('GET')).body).toEqual(before);
  });

  test('other methods are refused by name, and a merge with itself too', async () => {
    const cart = await shop.cart();
    expect(told(await cart.ask('PUT', '/lines', {}))).toEqual([405, 'method-not-allowed']);
    expect(told(await cart.ask('POST', '/merge', { cartId: cart.id, token: cart.token }))).toEqual([
      422,
      'validation-failed',
    ]);
  });

  test('the 101st article, and the unit after a million', async () => {
    const lines = [];
    for (let i = 0; i < 100; i++) lines.push({ sku: `M${i}` });
    await shop.database.pool.query(
      `insert into products (id, sku, name, sort_name, price_amount, currency, status)
       select 'prd_m' || i, 'M' || i, 'M' || i, 'M' || i, 1, 'GBP', 'active' from generate_series(0, 100) as i`,
    );
    const cart = await shop.cart(lines);
    expect(told(await cart.ask('POST', '/lines', { sku: 'M100' }))).toEqual([409, 'cart-full']);
    expect((await cart.ask('POST', '/lines', { sku: 'M99', quantity: 999_999 })).status).toBe(201);
    expect(told(await cart.ask('POST', '/lines', { sku: 'M99' }))).toEqual([409, 'cart-full']);
    const other = await shop.cart([{ sku: 'M100' }]);
    expect(told(await cart.ask('POST', '/merge', { cartId: other.id, token: other.token }))).toEqual([
      409,
      'cart-full',
    ]);
    expect([(await cart.ask('GET')).body.version, await other.held()]).toEqual([2, { M100: 1 }]);
    expect(told(await shop.ask('POST', '/v1/carts', { lines: [...lines, { sku: 'M100' }] }))).toEqual([
      422,
      'validation-failed',
    ]);
  });
});

describe('a cart whose day is over', () => {
  test('is not there any more, by the database’s clock, and the sweeper removes it with its lines', async () => {
    const [sku = ''] = skus;
    const [old, young] = [await shop.cart([{ sku }]), await shop.cart([{ sku }])];
    await expire(old);
    expect(told(await old.ask('GET'))).toEqual([404, 'not-found']);
    expect(told(await old.ask('POST', '/lines', { sku }))).toEqual([404, 'not-found']);
    expect(told(await old.ask('PATCH', path(sku), { quantity: 2 }, { 'If-Match': '*' }))).toEqual([404, 'not-found']);
    expect(told(await old.ask('POST', '/merge', { cartId: young.id, token: young.token }))).toEqual([404, 'not-found']);
    expect(told(await young.ask('POST', '/merge', { cartId: old.id, token: old.token }))).toEqual([
      422,
      'validation-failed',
    ]);
    const { pool } = shop.database;
    const lines = await pool.query('select quantity from cart_lines where cart_id = $1', [old.id]);
    expect(lines.rows).toEqual([{ quantity: 1 }]);
    const sweeper = startCartSweeper({ database: shop.database, log: pino({ level: 'silent' }) });
    await until('the sweeper removed a cart', () => sweeper.removed() > 0);
    await sweeper.close();
    expect((await pool.query('select id from carts where id = any($1)', [[old.id, young.id]])).rows).toEqual([
      { id: young.id },
    ]);
    expect((await pool.query('select sku from cart_lines where cart_id = $1', [old.id])).rows).toEqual([]);
    expect(sweeper.status()).toMatchObject({ errors: 0 });
  });
});

describe('an Idempotency-Key', () => {
  test('makes a cart once, adds once and merges once, however often it is sent', async () => {
    const [sku = ''] = skus;
    const key = { 'Idempotency-Key': randomUUID() };
    const made = await Promise.all(
      [1, 2, 3].map(() => insist(() => shop.ask('POST', '/v1/carts', { lines: [] }, key))),
    );
    expect(new Set(made.map(({ body }) => body.token)).size).toBe(1);
    const cart = shop.cartOf(made[0]?.body.id, made[0]?.body.token);
    await Promise.all([1, 2, 3, 4].map(() => cart.ask('POST', '/lines', { sku, quantity: 2 }, key)));
    expect(await cart.held()).toEqual({ [sku]: 2 });
    const other = await shop.cart([{ sku, quantity: 5 }]);
    const merge = { cartId: other.id, token: other.token };
    const first = await cart.ask('POST', '/merge', merge, key);
    const again = await cart.ask('POST', '/merge', merge, key);
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
    expect(await cart.held()).toEqual({ [sku]: 7 });
    expect(told(await cart.ask('POST', '/lines', { sku, quantity: 9 }, key))).toEqual([422, 'idempotency-key-reused']);
  });
});

describe('a merge', () => {
  test('adds quantities, keeps the coupon that was there, and leaves nothing of the other cart', async () => {
    const quantities = fc.dictionary(
      fc.integer({ min: 0, max: 3 }).map((index) => String(index)),
      fc.integer({ min: 1, max: 900 }),
    );
    const coupon = fc.option(fc.constantFrom('A1', 'B2'));
    await shop.coupon('A1');
    await shop.coupon('B2');
    await fc.assert(
      fc.asyncProperty(quantities, quantities, coupon, coupon, async (mine, theirs, own, brought) => {
        const fill = async (wanted: Record<string, number>, code: string | null): Promise<Cart> => {
          const cart = await shop.cart(
            Object.entries(wanted).map(([index, quantity]) => ({ sku: skus[Number(index)] ?? '', quantity })),
          );
          if (code) await cart.ask('PUT', '/coupon', { code }, { 'If-Match': '*' });
          return cart;
        };
        const [into, from] = [await fill(mine, own), await fill(theirs, brought)];
        const { body } = await into.ask('POST', '/merge', { cartId: from.id, token: from.token });
        const expected: Record<string, number> = {};
        for (const [index, quantity] of [...Object.entries(mine), ...Object.entries(theirs)]) {
          const sku = skus[Number(index)] ?? '';
          expected[sku] = (expected[sku] ?? 0) + quantity;
        }
        expect(quantitiesIn(body)).toEqual(expected);
        expect(body.coupon?.code ?? null).toBe(own ?? brought ?? null);
        expect(told(await from.ask('GET'))).toEqual([404, 'not-found']);
      }),
      { seed: 25, numRuns: 25 },
    );
  });
});

test('a token is of one cart and one secret', () => {
  expect(signCart(SECRET, 'crt_1')).toMatch(/^[\w-]{43}$/);
  expect(new Set([signCart(SECRET, 'crt_1'), signCart(SECRET, 'crt_2'), signCart('other', 'crt_1')]).size).toBe(3);
});
