import fc from 'fast-check';
import { assess, type CouponTerms } from '../../../src/contexts/promotions';
import { openCartShop, told, type Cart, type CartShop } from '../cart/basket';

let shop: CartShop;
let sku: string;
beforeAll(async () => {
  shop = await openCartShop();
  sku = await shop.stocked([await shop.warehouse(), 1_000]);
});
afterAll(() => shop.close());

const put = (cart: Cart, code: string | null) => cart.ask('PUT', '/coupon', { code }, { 'If-Match': '*' });
const GB = { destination: { country: 'GB' } };

describe('a coupon of the back office', () => {
  test('is added, listed, read, changed and, while nobody has used it, removed', async () => {
    const made = await shop.admin('POST', '/coupons', { code: 'crud-1', name: 'One', percent: '12.5', limitTotal: 3 });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ code: 'CRUD-1', percent: '12.5', amounts: {}, redeemed: 0, state: 'active' });
    const where = `/coupons/${made.body.id}`;
    expect((await shop.admin('GET', '/coupons?limit=1')).body.data).toMatchObject([{ code: 'CRUD-1' }]);
    const read = await shop.admin('GET', where);
    expect(read.headers.get('etag')).toBe('"1"');
    const change = { validUntil: '2100-01-01T00:00:00Z', limitTotal: null };
    const changed = await shop.admin('PATCH', where, change, { 'If-Match': '"1"' });
    expect(changed.body).toMatchObject({ version: 2, limitTotal: null, validUntil: '2100-01-01T00:00:00.000Z' });
    expect(told(await shop.admin('PATCH', where, { name: 'x' }, { 'If-Match': '"1"' }))).toEqual([
      412,
      'precondition-failed',
    ]);
    expect(told(await shop.admin('PATCH', where, { name: 'x' }))).toEqual([428, 'precondition-required']);
    expect((await shop.admin('DELETE', where)).status).toBe(204);
    expect(told(await shop.admin('GET', where))).toEqual([404, 'not-found']);
  });

  test('has a code of its own', async () => {
    await shop.coupon('ONLY-ONE');
    const again = await shop.admin('POST', '/coupons', { code: 'only-one', name: 'x', percent: '1' });
    expect(told(again)).toEqual([409, 'conflict']);
  });

  test.each([
    ['neither a share nor amounts', {}, '/amounts'],
    ['both', { percent: '1', amounts: { GBP: 1 } }, '/amounts'],
    ['more than all of it', { percent: '100.1' }, '/percent'],
    ['nothing off', { percent: '0.0' }, '/percent'],
    ['an amount of 0', { amounts: { GBP: 0 } }, '/amounts/GBP'],
    ['a currency that is none', { amounts: { gbp: 1 } }, '/amounts/gbp'],
    [
      'an end before its beginning',
      { percent: '1', validFrom: '2030-01-01T00:00:00Z', validUntil: '2029-01-01T00:00:00Z' },
      '/validUntil',
    ],
    ['a limit of 0', { percent: '1', limitTotal: 0 }, '/limitTotal'],
  ])('with %s is refused', async (_what, more, pointer) => {
    const { status, body } = await shop.admin('POST', '/coupons', { code: 'WRONG', name: 'x', ...more });
    expect([status, body.errors[0].pointer]).toEqual([422, pointer]);
  });
});

describe('a coupon in a cart', () => {
  test('is taken off the quote and shared out among its lines, and each line says so', async () => {
    await shop.coupon('TEN');
    const other = await shop.stocked([await shop.warehouse(), 10]);
    const cart = await shop.cart([{ sku, quantity: 2 }, { sku: other }]);
    expect((await put(cart, 'ten')).body.coupon).toEqual({
      code: 'TEN',
      applied: true,
      problem: null,
      discount: { amount: 89, currency: 'GBP' },
    });
    const { body: quote } = await cart.ask('POST', '/quotes', GB);
    // £2.95 three times is £8.85; a tenth of it, half a penny up.
    expect(quote).toMatchObject({
      subtotal: { amount: 885 },
      discount: { amount: 89 },
      total: { amount: 796 },
      coupon: { code: 'TEN', cartId: cart.id, amount: { amount: 89 }, problem: null },
    });
    const lines = quote.lines as { discount: { amount: number }; explain: { step: string; detail: string }[] }[];
    expect(lines.map(({ discount }) => discount.amount)).toEqual([59, 30]);
    for (const { explain } of lines) {
      expect(explain.map(({ step }) => step).slice(-2)).toEqual(['coupon', 'tax']);
      expect(explain.at(-2)?.detail).toContain('10 % off the order by the coupon TEN');
    }
    expect((await shop.ask('GET', `/v1/quotes/${quote.id}`)).body.coupon).toEqual(quote.coupon);
  });

  test('comes after the discount of a price list', async () => {
    await shop.coupon('HALF', { percent: '50' });
    const list = { name: 'Sale', currency: 'AUD', discountPercent: '20' };
    expect((await shop.admin('POST', '/price-lists', list)).status).toBe(201);
    const cart = await shop.cart([{ sku, quantity: 10 }]);
    await put(cart, 'HALF');
    const { body } = await cart.ask('POST', '/quotes', { destination: { country: 'AU' }, currency: 'AUD' });
    const subtotal = body.subtotal.amount as number;
    const sale = Math.round(subtotal / 5);
    expect(body.coupon.amount.amount).toBe(Math.round((subtotal - sale) / 2));
    expect(body.discount.amount).toBe(sale + body.coupon.amount.amount);
    expect(body.lines[0].explain.map(({ step }: { step: string }) => step)).toEqual([
      'catalogue-price',
      'exchange',
      'quantity',
      'discount',
      'coupon',
      'tax',
    ]);
  });

  test.each([
    ['unknown', undefined],
    ['not-yet-valid', { validFrom: '2100-01-01T00:00:00Z' }],
    ['expired', { validFrom: '2020-01-01T00:00:00Z', validUntil: '2021-01-01T00:00:00Z' }],
    ['other-group', { customerGroup: 'trade' }],
  ])('that is %s is refused, and the cart keeps the one that it had', async (problem, more) => {
    const code = `NO-${problem}`.toUpperCase();
    if (more) await shop.coupon(code, more);
    await shop.coupon(`BEFORE-${problem}`);
    const cart = await shop.cart([{ sku }]);
    const before = (await put(cart, `BEFORE-${problem}`)).body;
    const answer = await put(cart, code);
    expect([...told(answer), answer.body.errors[0].code]).toEqual([409, 'coupon-not-applicable', problem]);
    expect((await cart.ask('GET')).body).toMatchObject({ version: before.version, coupon: before.coupon });
  });

  test.each([
    ['is too small for it', { amounts: { GBP: 100 }, minimums: { GBP: 1_000 } }, 'below-minimum'],
    ['is in another currency', { amounts: { EUR: 100 } }, 'other-currency'],
  ])('whose basket %s is kept and takes nothing off', async (_what, more, problem) => {
    const code = `KEPT-${problem}`.toUpperCase();
    await shop.coupon(code, more);
    const cart = await shop.cart([{ sku }]);
    expect((await put(cart, code)).body.coupon).toEqual({ code, applied: false, problem, discount: null });
    const { body } = await cart.ask('POST', '/quotes', GB);
    expect([body.discount.amount, body.coupon.problem]).toEqual([0, problem]);
    await cart.ask('POST', '/lines', { sku, quantity: 9 });
    expect((await cart.ask('GET')).body.coupon.applied).toBe(problem === 'below-minimum');
  });

  test('that was ended after it was put in makes a quote without it', async () => {
    const id = await shop.coupon('ENDS');
    const cart = await shop.cart([{ sku }]);
    await put(cart, 'ENDS');
    await shop.admin('PATCH', `/coupons/${id}`, { state: 'ended' }, { 'If-Match': '*' });
    expect((await cart.ask('GET')).body.coupon).toMatchObject({ applied: false, problem: 'ended' });
    const { body } = await cart.ask('POST', '/quotes', GB);
    expect(body).toMatchObject({ discount: { amount: 0 }, coupon: { problem: 'ended' } });
    await shop.admin('DELETE', `/coupons/${id}`);
    expect((await cart.ask('GET')).body.coupon).toMatchObject({ problem: 'unknown' });
  });
});

test('holding a coupon against a basket: an amount counts in its own currency, down to yen and up to fils', () => {
  const terms: CouponTerms = {
    id: 'cpn_1',
    code: 'X',
    name: 'X',
    percentPpm: null,
    amounts: { GBP: 500, JPY: 800, KWD: 1500 },
    minimums: { JPY: 3000 },
    customerGroup: null,
    state: 'active',
    begun: true,
    over: false,
    usedUp: false,
    holdoutPpm: 0,
  };
  const currency = fc.constantFrom('GBP', 'JPY', 'KWD', 'EUR');
  fc.assert(
    fc.property(currency, fc.integer({ min: 0, max: 1e9 }), (paid, subtotal) => {
      const found = assess(terms, { currency: paid, subtotal, group: null, shopper: 'crt_1' });
      const amount = terms.amounts[paid];
      const small = subtotal < (terms.minimums[paid] ?? 0);
      if (small) expect(found).toEqual({ problem: 'below-minimum' });
      else if (amount === undefined) expect(found).toEqual({ problem: 'other-currency' });
      else expect(found).toEqual({ problem: null, off: { amount } });
    }),
    { seed: 41, numRuns: 300 },
  );
});
