import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { visitorsShopper } from '../../../src/contexts/cart/rules';
import { goodnessOfFit } from '../../../src/contexts/experiments/statistics';
import { assess, holdoutVariant, type CouponTerms } from '../../../src/contexts/promotions';
import { openCartShop, told, type Cart, type CartShop } from '../cart/basket';
import { visitorId } from '../tracking/shop';

describe('who is held out of a coupon', () => {
  const shoppers = Array.from({ length: 10_000 }, (_, n) => `visitor:${n}`);
  const heldOutOf = (id: string, holdoutPpm: number): Set<string> =>
    new Set(shoppers.filter((one) => holdoutVariant({ id, holdoutPpm }, one) === 'holdout'));

  test('is the share that was asked for, whatever the coupon', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1_000, max: 500_000 }), (id, ppm) => {
        const held = heldOutOf(id, ppm).size;
        // Five standard deviations: by chance outside once in two million coupons, and these are the same in every run.
        const spread = 5 * Math.sqrt((shoppers.length * ppm * (1_000_000 - ppm)) / 1e12);
        expect(Math.abs(held - (shoppers.length * ppm) / 1e6)).toBeLessThanOrEqual(spread + 1);
      }),
      { seed: 7, numRuns: 12 },
    );
  });

  test('is the same each time, and nobody where nothing is held back', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.integer({ min: 0, max: 500_000 }), (id, shopper, holdoutPpm) => {
        const variant = holdoutVariant({ id, holdoutPpm }, shopper);
        expect(holdoutVariant({ id, holdoutPpm }, shopper)).toBe(variant);
        if (holdoutPpm === 0) expect(variant).toBe('treated');
      }),
      { seed: 11, numRuns: 300 },
    );
    expect(heldOutOf('cpn_1', 0).size).toBe(0);
  });

  test('says nothing of who is held out of another', () => {
    const [one, other] = [heldOutOf('cpn_one', 500_000), heldOutOf('cpn_other', 500_000)];
    const both = shoppers.filter((shopper) => one.has(shopper) && other.has(shopper)).length;
    const neither = shoppers.filter((shopper) => !one.has(shopper) && !other.has(shopper)).length;
    const rest = shoppers.length - both - neither;
    expect(goodnessOfFit([both, neither, rest], [1, 1, 2])?.pValue).toBeGreaterThan(0.001);
  });

  test('are told so before what depends on the basket, and after what holds for everybody', () => {
    const terms: CouponTerms = {
      ...{ id: 'cpn_1', code: 'X', name: 'X', percentPpm: 100_000, amounts: {}, minimums: { GBP: 5_000 } },
      ...{ customerGroup: null, state: 'active', begun: true, over: false, usedUp: false, holdoutPpm: 500_000 },
    };
    const small = { currency: 'GBP', subtotal: 1, group: null };
    const problems = (coupon: CouponTerms): Set<string | null> =>
      new Set(shoppers.slice(0, 100).map((shopper) => assess(coupon, { ...small, shopper }).problem));
    expect(problems(terms)).toEqual(new Set(['held-out', 'below-minimum']));
    expect(problems({ ...terms, state: 'ended' })).toEqual(new Set(['ended']));
  });
});

describe('a coupon that is held back from half of all shoppers', () => {
  let shop: CartShop;
  let sku: string;
  beforeAll(async () => {
    shop = await openCartShop();
    sku = await shop.stocked([await shop.warehouse(), 1_000]);
  });
  afterAll(() => shop.close());

  const GB = { destination: { country: 'GB' } };
  const half = (code: string): Promise<string> => shop.coupon(code, { holdoutPercent: '50' });
  const put = (cart: Cart, code: string | null, visitor?: string) =>
    cart.ask('PUT', '/coupon', { code, ...(visitor !== undefined && { visitorId: visitor }) }, { 'If-Match': '*' });
  const cartOf = async (visitor?: string): Promise<Cart> => {
    const body = { lines: [{ sku, quantity: 2 }], ...(visitor !== undefined && { visitorId: visitor }) };
    const answer = await shop.ask('POST', '/v1/carts', body);
    expect(answer.status).toBe(201);
    return shop.cartOf(answer.body.id, answer.body.token);
  };
  /** Visitors of whom is known what becomes of them, by the rule alone. */
  const visitorWith = (couponId: string, variant: 'treated' | 'holdout'): string => {
    for (;;) {
      const visitor = visitorId();
      if (holdoutVariant({ id: couponId, holdoutPpm: 500_000 }, visitorsShopper(visitor)) === variant) return visitor;
    }
  };
  const noted = async (couponId: string): Promise<{ shopper: string; variant: string }[]> => {
    const { rows } = await shop.database.pool.query<{ shopper: string; variant: string }>(
      'select shopper, variant from coupon_exposures where coupon_id = $1 order by exposed_at',
      [couponId],
    );
    return rows;
  };
  const toldOf = async (): Promise<number> => {
    const { rows } = await shop.database.pool.query<{ n: number }>(
      `select count(*)::int as n from outbox_events where type = 'easy11.holdout.exposed.v1'`,
    );
    return rows[0]?.n ?? 0;
  };

  test('stays in the cart of who is held out, takes nothing off and says why, in the quote too', async () => {
    const id = await half('HALF-1');
    const cart = await cartOf(visitorWith(id, 'holdout'));
    const held = { code: 'HALF-1', applied: false, problem: 'held-out', discount: null };
    expect((await put(cart, 'half-1')).body.coupon).toEqual(held);
    expect((await cart.ask('GET')).body.coupon).toEqual(held);
    const { body: quote } = await cart.ask('POST', '/quotes', GB);
    expect(quote).toMatchObject({ discount: { amount: 0 }, total: { amount: 590 }, coupon: { problem: 'held-out' } });
    // Whom a cart is of is nobody else's business.
    expect(Object.keys((await shop.ask('GET', `/v1/quotes/${quote.id}`)).body)).not.toContain('shopper');
    const treated = await cartOf(visitorWith(id, 'treated'));
    expect((await put(treated, 'HALF-1')).body.coupon).toMatchObject({ applied: true, problem: null });
  });

  test('counts who types it in once, however often, in however many carts and at whatever moment they do', async () => {
    const id = await half('HALF-2');
    const before = await toldOf();
    const visitor = visitorWith(id, 'holdout');
    const carts = await Promise.all(Array.from({ length: 12 }, () => cartOf(visitor)));
    const answers = await Promise.all(carts.flatMap((cart) => [put(cart, 'HALF-2'), put(cart, 'HALF-2')]));
    expect(new Set(answers.map(({ body }) => body.coupon.problem))).toEqual(new Set(['held-out']));
    expect(await noted(id)).toEqual([{ shopper: visitorsShopper(visitor), variant: 'holdout' }]);
    expect((await toldOf()) - before).toBe(1);
  });

  test('is decided once for a cart: whoever it is said to be of afterwards, and whatever is taken out and put in', async () => {
    const id = await half('HALF-3');
    for (const [first, other] of [
      ['treated', 'holdout'],
      ['holdout', 'treated'],
    ] as const) {
      const cart = await cartOf();
      const applied = (await put(cart, 'HALF-3', visitorWith(id, first))).body.coupon.applied;
      expect(applied).toBe(first === 'treated');
      const others = Array.from({ length: 8 }, () => put(cart, 'HALF-3', visitorWith(id, other)));
      for (const { body } of await Promise.all(others)) expect(body.coupon.applied).toBe(applied);
      await put(cart, null, visitorWith(id, other));
      expect((await put(cart, 'HALF-3', visitorWith(id, other))).body.coupon.applied).toBe(applied);
    }
    expect((await noted(id)).map(({ variant }) => variant)).toEqual(['treated', 'holdout']);
  });

  test('goes by the cart of who has not agreed to be remembered, and about half of those get it', async () => {
    const id = await half('HALF-4');
    const carts = await Promise.all(Array.from({ length: 40 }, () => cartOf()));
    const answers = await Promise.all(carts.map((cart) => put(cart, 'HALF-4')));
    for (const [n, { body }] of answers.entries()) {
      const variant = holdoutVariant({ id, holdoutPpm: 500_000 }, carts[n]?.id ?? '');
      expect(body.coupon.applied).toBe(variant === 'treated');
    }
    expect((await noted(id)).map(({ shopper }) => shopper).sort()).toEqual(carts.map((cart) => cart.id).sort());
  });

  test('comes into another cart together with whom it was weighed for: nobody loses what they were shown', async () => {
    const id = await half('HALF-5');
    for (const variant of ['treated', 'holdout'] as const) {
      const from = await cartOf(visitorWith(id, variant));
      await put(from, 'HALF-5');
      const into = await cartOf(visitorWith(id, variant === 'treated' ? 'holdout' : 'treated'));
      const merged = await into.ask(
        'POST',
        '/merge',
        { cartId: from.id, token: from.token },
        { 'Idempotency-Key': randomUUID() },
      );
      expect(merged.body.coupon.applied).toBe(variant === 'treated');
      await put(into, null);
      expect((await put(into, 'HALF-5')).body.coupon.applied).toBe(variant === 'treated');
    }
    expect(await noted(id)).toHaveLength(2);
  });

  test.each([
    ['what is no visitor', 'visitor 1'],
    ['a number of an old kind', 'vis_00000000-0000-0000-0000-000000000000'],
    ['somebody else’s shopper', 'visitor:0123456789abcdef0123456789abcdef'],
    ['a cart', `crt_${randomUUID()}`],
  ])('takes %s for nobody: the request is refused', async (_what, visitor) => {
    await shop.coupon(`NOBODY-${randomUUID().slice(0, 8)}`);
    const cart = await cartOf();
    expect(told(await put(cart, 'HALF-1', visitor))).toEqual([422, 'validation-failed']);
    expect(told(await shop.ask('POST', '/v1/carts', { visitorId: visitor }))).toEqual([422, 'validation-failed']);
    expect((await cart.ask('GET')).body.coupon).toBeNull();
  });

  test('is given to everybody when its measurement ends, which it does once', async () => {
    const id = await half('HALF-6');
    const cart = await cartOf(visitorWith(id, 'holdout'));
    await put(cart, 'HALF-6');
    const { body: quote } = await cart.ask('POST', '/quotes', GB);
    const where = `/coupons/${id}`;
    const change = (holdoutPercent: string) => shop.admin('PATCH', where, { holdoutPercent }, { 'If-Match': '*' });
    for (const percent of ['10', '50', '-0', '0.00001'])
      expect(told(await change(percent))).toEqual([422, 'validation-failed']);
    expect((await shop.admin('GET', where)).body).toMatchObject({ holdoutPercent: '50', holdoutEndedAt: null });
    const ended = (await change('0')).body;
    expect(ended).toMatchObject({ holdoutPercent: '0', holdoutEndedAt: expect.any(String) });
    expect((await change('0')).body.holdoutEndedAt).toBe(ended.holdoutEndedAt);
    expect((await cart.ask('GET')).body.coupon).toMatchObject({ applied: true });
    // What was quoted stays as it was.
    expect((await shop.ask('GET', `/v1/quotes/${quote.id}`)).body.total).toEqual(quote.total);
    const late = await cartOf();
    expect((await put(late, 'HALF-6')).body.coupon.applied).toBe(true);
    expect(await noted(id)).toHaveLength(1);
    expect(told(await shop.admin('DELETE', where))).toEqual([409, 'conflict']);
  });

  test.each(['50.0001', '51', '-1', '5%', '.5'])('cannot be held back from %s per cent', async (holdoutPercent) => {
    const { status, body } = await shop.admin('POST', '/coupons', {
      code: 'W',
      name: 'W',
      percent: '1',
      holdoutPercent,
    });
    expect([status, body.errors[0].pointer]).toEqual([422, '/holdoutPercent']);
  });

  test('can be held back from a part of a per cent', async () => {
    const made = await shop.admin('POST', '/coupons', { code: 'PART', name: 'P', percent: '1', holdoutPercent: '2.5' });
    expect(made.body).toMatchObject({ holdoutPercent: '2.5', holdoutEndedAt: null });
  });

  describe('and one that is not', () => {
    const statements: string[] = [];
    /** What PostgreSQL is asked while a request is answered, by the names of the statements. */
    async function asked(request: () => Promise<unknown>): Promise<string[]> {
      statements.length = 0;

      const query = pg.Client.prototype.query as (this: pg.Client, ...given: unknown[]) => unknown;
      const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
        this: pg.Client,
        ...given: unknown[]
      ) {
        const [first] = given;
        statements.push(typeof first === 'string' ? first : String((first as { name?: string; text?: string }).name));
        return query.apply(this, given);
      } as never);
      try {
        await request();
      } finally {
        spy.mockRestore();
      }
      return [...statements];
    }

    test('differ by two statements, when it is typed in for the first time', async () => {
      await shop.coupon('PLAIN');
      await half('HALF-7');
      const [plain, measured] = [await cartOf(), await cartOf()];
      const usual = await asked(() => put(plain, 'PLAIN'));
      expect(usual).toContain('promotions-terms');
      expect(usual.filter((name) => /expose|outbox/.test(name))).toEqual([]);
      const first = await asked(() => put(measured, 'HALF-7'));
      expect(first.filter((name) => !['promotions-expose', 'outbox-append'].includes(name))).toEqual(usual);
      expect(first).toHaveLength(usual.length + 2);
      const quoted = (cart: Cart) => asked(() => cart.ask('POST', '/quotes', GB));
      expect(await quoted(measured)).toEqual(await quoted(plain));
    });
  });
});
