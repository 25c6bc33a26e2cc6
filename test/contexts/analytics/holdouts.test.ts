import { randomUUID } from 'node:crypto';
import { difference } from '../../../src/contexts/experiments/statistics';
import { draft } from '../../../src/contexts/orders/checkout';
import { checkoutSchema } from '../../../src/contexts/orders/schemas';
import { insertOrders, type NewOrder } from '../../../src/contexts/orders/store/orders';
import type { StoredQuote } from '../../../src/contexts/pricing';
import { lookUpCoupon, noteExposure, redeemCoupon } from '../../../src/contexts/promotions';
import { changeCoupon } from '../../../src/contexts/promotions/coupons';
import { couponChangeSchema, newCouponSchema } from '../../../src/contexts/promotions/schemas';
import { enqueue } from '../../../src/contexts/analytics/store/exports';
import { insertCoupon } from '../../../src/contexts/promotions/store/coupons';
import { Random } from '../../support/random';
import { checkoutRequest } from '../orders/shop';
import { openWorkshop, type Workshop } from './workshop';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const DAY = 86_400_000;
const begun = Date.now() - 60 * DAY;

/** An order that somebody placed, and what it came to: amounts are minor units, a fifth on top of `net` is tax. */
interface Bought {
  readonly shopper: string | null;
  readonly at: number;
  readonly net: number;
  readonly currency?: string;
  readonly state?: string;
  /** The coupon that was used, and what it took off. */
  readonly coupon?: { readonly id: string; readonly code: string; readonly amount: number };
}

const quoteOf = ({ shopper, net, currency = 'GBP', coupon }: Bought): StoredQuote => {
  const money = (amount: number) => ({ amount, currency });
  const [less, tax] = [coupon?.amount ?? 0, Math.round(net / 5)];
  const figures = { subtotal: money(net + less), discount: money(less), tax: money(tax), total: money(net + tax) };
  return {
    ...{ id: `quo_${randomUUID()}`, destination: { country: 'GB', state: null }, region: 'GB', currency, shopper },
    ...{
      customerGroup: null,
      lines: [{ sku: 'MUG', quantity: 1, unitPrice: money(net + less), ...figures, explain: [] }],
    },
    ...{ ...figures, coupon: null, taxIncluded: false, taxes: [], rounding: { level: 'line', mode: 'half-up' } },
    ...{ fxSnapshot: null, createdAt: '', expiresAt: '' },
  };
};

/** Orders as the checkout writes them, at another time, and as far on their way as they are said to be. */
async function place(orders: readonly Bought[]): Promise<void> {
  await shop.database.transaction(async (client) => {
    const drafts = orders.map((order): NewOrder => {
      const input = checkoutSchema.parse(checkoutRequest(`quo_${randomUUID()}`));
      return draft({ input, actor: 'test', quote: quoteOf(order) }).order;
    });
    await insertOrders(client, drafts);
    for (const [n, { at, state = 'confirmed', coupon, currency = 'GBP' }] of orders.entries()) {
      const orderId = drafts[n]?.id ?? '';
      const time = new Date(at).toISOString();
      await client.query(
        `update orders set state = $2, created_at = $3, reason = case when $2 = 'cancelled' then 'customer' end where id = $1`,
        [orderId, state, time],
      );
      if (!coupon) continue;
      const customer = { email: `${randomUUID()}@example.org` };
      const amount = { amount: coupon.amount, currency };
      await redeemCoupon(client, { couponId: coupon.id, code: coupon.code, orderId, amount, customer });
    }
    await enqueue(
      client,
      'order_lines',
      drafts.map(({ id }) => id),
    ); // as analytics does when it hears of them
  });
}

/** Its id is the same in every run, and with it who is held out. */
async function couponOf(code: string, holdoutPercent: string): Promise<string> {
  const id = `cpn_${code.toLowerCase()}`;
  const { pool } = shop.database;
  await insertCoupon(pool, id, newCouponSchema.parse({ code, name: code, percent: '10', holdoutPercent }));
  await pool.query('update coupons set created_at = $2 where id = $1', [id, new Date(begun - DAY)]);
  await enqueue(pool, 'coupon_holdouts', [id]);
  return id;
}

/** Shoppers type a coupon in at some moment. Resolves to who got it and who did not. */
async function typeIn(code: string, shoppers: ReadonlyMap<string, number>): Promise<Map<string, string>> {
  await shop.database.transaction(async (client) => {
    const terms = await lookUpCoupon(client, code);
    if (!terms) throw new Error('there is no such coupon');
    for (const shopper of shoppers.keys()) await noteExposure(client, terms, shopper);
  });
  const { rows } = await shop.database.pool.query<{ id: string; shopper: string; variant: string }>(
    `update coupon_exposures as e set exposed_at = given.at
     from unnest($1::text[], $2::timestamptz[]) as given(shopper, at) where e.shopper = given.shopper
       and coupon_id = (select id from coupons where code = $3) returning e.id, e.shopper, e.variant`,
    [[...shoppers.keys()], [...shoppers.values()].map((at) => new Date(at).toISOString()), code],
  );
  await enqueue(
    shop.database.pool,
    'coupon_exposures',
    rows.map(({ id }) => id),
  );
  return new Map(rows.map(({ shopper, variant }) => [shopper, variant]));
}

const sum = (values: readonly number[]): number => values.reduce((all, one) => all + one, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return sum(values.map((one) => (one - centre) ** 2)) / (values.length - 1);
};
const near = (value: number, digits = 9): number => expect.closeTo(value, digits) as number;

test('a coupon that lifts conversion by fifteen points is found to do so, at what it costs', async () => {
  const random = new Random(20);
  const id = await couponOf('KNOWN', '30');
  const shoppers = new Map(Array.from({ length: 1_500 }, (_, n) => [`visitor:${n}`, begun + random.below(20 * DAY)]));
  const variants = await typeIn('KNOWN', shoppers);
  const noise: Bought[] = [];
  const spent = new Map<string, number[]>([...variants.keys()].map((shopper) => [shopper, []]));
  const counted: Bought[] = [];
  for (const [shopper, variant] of variants) {
    const at = shoppers.get(shopper) ?? 0;
    const treated = variant === 'treated';
    // What is known: 35 % of those who get it buy, 20 % of the others; a purchase is £40 to £60, and a tenth less with the coupon.
    for (let more = random.chance(treated ? 0.35 : 0.2); more; more = random.chance(0.15)) {
      const price = 4_000 + random.below(2_000);
      const uses = treated && random.chance(0.8);
      const less = uses ? Math.round(price / 10) : 0;
      counted.push({
        ...{ shopper, at: at + 1_000 + random.below(29 * DAY), net: price - less },
        ...(uses && { coupon: { id, code: 'KNOWN', amount: less } }),
      });
      spent.get(shopper)?.push(price - less);
    }
    // Before they typed it in, long after, taken back, or not paid yet: none of it came of the coupon.
    if (random.chance(0.2)) noise.push({ shopper, at: at - 60_000, net: 9_000 });
    if (random.chance(0.1)) noise.push({ shopper, at: at + 30 * DAY + 60_000, net: 9_000 });
    if (random.chance(0.1)) noise.push({ shopper, at: at + DAY, net: 9_000, state: 'cancelled' });
    if (random.chance(0.1)) noise.push({ shopper, at: at + DAY, net: 9_000, state: 'pending' });
  }
  // Nobody, and somebody who never typed it in.
  for (const shopper of [null, 'visitor:stranger', `crt_${randomUUID()}`])
    noise.push({ shopper, at: begun + DAY, net: 9_000 });
  await place([...counted, ...noise]);
  expect(await shop.run()).toMatchObject({
    ...{ state: 'succeeded', error: null },
    exported: { coupon_exposures: 1_500, coupon_holdouts: 1, order_lines: counted.length + noise.length },
  });

  const group = (variant: string): number[] =>
    [...variants].filter(([, one]) => one === variant).map(([shopper]) => sum(spent.get(shopper) ?? []));
  const [treated, held] = [group('treated'), group('holdout')];
  const buyers = (values: readonly number[]): number => values.filter((value) => value > 0).length;
  const lift = difference(
    { successes: buyers(treated), trials: treated.length },
    { successes: buyers(held), trials: held.length },
  );
  const more = mean(treated) - mean(held);
  const spread = 1.959963984540054 * Math.sqrt(variance(treated) / treated.length + variance(held) / held.length);
  const [row, ...others] = await shop.query('select * from coupon_uplift');
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    ...{
      coupon_id: id,
      code: 'KNOWN',
      holdout_percent: 30,
      currency: 'GBP',
      ended_at: null,
      sample_ratio_mismatch: false,
    },
    ...{ treated: treated.length, held_out: held.length },
    ...{ treated_converted: buyers(treated), held_out_converted: buyers(held) },
    ...{ uplift: near(lift.estimate), uplift_low: near(lift.low), uplift_high: near(lift.high) },
    ...{ treated_revenue: sum(treated), held_out_revenue: sum(held) },
    ...{ treated_revenue_per_shopper: near(mean(treated), 6), held_out_revenue_per_shopper: near(mean(held), 6) },
    ...{ revenue_uplift: near(more, 6), revenue_uplift_low: near(more - spread, 6) },
    revenue_uplift_high: near(more + spread, 6),
    discount: sum(counted.map(({ coupon }) => coupon?.amount ?? 0)),
    ...{ net: near(more * treated.length, 3), net_low: near((more - spread) * treated.length, 3) },
    net_high: near((more + spread) * treated.length, 3),
  });
  // And that is what was put in.
  expect(lift.low).toBeLessThan(0.15);
  expect(lift.high).toBeGreaterThan(0.15);
  expect(lift.low).toBeGreaterThan(0);
});

test('what is bought after the end of a measurement is not of it, and currencies stand apart', async () => {
  const id = await couponOf('ENDS', '50');
  const at = begun + DAY;
  const variants = await typeIn('ENDS', new Map(Array.from({ length: 12 }, (_, n) => [`visitor:${n}`, at])));
  const of = (variant: string): string[] => [...variants].flatMap(([one, got]) => (got === variant ? [one] : []));
  const [[t1 = '', t2 = ''], [h1 = '', h2 = '']] = [of('treated'), of('holdout')];
  await place([
    { shopper: t1, at: at + 1_000, net: 900, coupon: { id, code: 'ENDS', amount: 100 } },
    { shopper: t2, at: at + 1_000, net: 2_000, currency: 'EUR' },
    { shopper: h1, at: at + 1_000, net: 700, currency: 'EUR' },
    { shopper: h2, at: at + 3 * DAY, net: 5_000 },
  ]);
  await shop.run();
  const sql = `select currency, treated_converted, held_out_converted, treated_revenue, held_out_revenue, discount, ended_at is null as lasts
    from coupon_uplift order by currency`;
  const both = { treated_converted: 2, discount: 0 };
  expect(await shop.query(sql)).toEqual([
    { ...both, currency: 'EUR', held_out_converted: 2, treated_revenue: 2_000, held_out_revenue: 700, lasts: true },
    {
      ...both,
      currency: 'GBP',
      held_out_converted: 2,
      treated_revenue: 900,
      held_out_revenue: 5_000,
      discount: 100,
      lasts: true,
    },
  ]);
  await shop.database.transaction(async (client) => {
    await changeCoupon(client, id, couponChangeSchema.parse({ holdoutPercent: '0' }), undefined);
    await client.query('update coupons set holdout_ended_at = $2 where id = $1', [id, new Date(at + DAY)]);
    await enqueue(client, 'coupon_holdouts', [id]);
  });
  await shop.run();
  expect(await shop.query(sql)).toEqual([
    { ...both, currency: 'EUR', held_out_converted: 1, treated_revenue: 2_000, held_out_revenue: 700, lasts: false },
    {
      ...both,
      currency: 'GBP',
      held_out_converted: 1,
      treated_revenue: 900,
      held_out_revenue: 0,
      discount: 100,
      lasts: false,
    },
  ]);
});

test('says so where who was counted does not fit the share, and has no row where nobody was yet', async () => {
  const shoppers = new Map(Array.from({ length: 400 }, (_, n) => [`visitor:${n}`, begun]));
  for (const code of ['FAIR', 'SKEWED', 'FRESH']) {
    const id = await couponOf(code, '10');
    if (code !== 'FRESH') await typeIn(code, shoppers);
    const lost = `delete from coupon_exposures where coupon_id = $1 and variant = 'treated' and shopper < 'visitor:3'`;
    if (code === 'SKEWED') await shop.database.pool.query(lost, [id]);
  }
  await shop.run();
  const sql = 'select code, sample_ratio_mismatch as odd, uplift, currency, net from coupon_uplift order by code';
  const nothing = { uplift: 0, currency: null, net: 0 };
  expect(await shop.query(sql)).toEqual([
    { code: 'FAIR', odd: false, ...nothing },
    { code: 'SKEWED', odd: true, ...nothing },
  ]);
});
