import fc from 'fast-check';
import { MARKETS, findMarket } from '../../../src/contexts/pricing/markets';
import {
  exchange,
  percentToPpm,
  ppmToPercent,
  priceBasket,
  taxOf,
  type TaxRule,
} from '../../../src/contexts/pricing/rules';

const items = fc.array(
  fc.record({ unitAmount: fc.integer({ min: 0, max: 10_000_000 }), quantity: fc.integer({ min: 1, max: 1000 }) }),
  { minLength: 1, maxLength: 12 },
);
const taxRule: fc.Arbitrary<TaxRule> = fc.record({
  treatment: fc.constantFrom('exclusive', 'inclusive', 'inside'),
  ratePpm: fc.integer({ min: 0, max: 400_000 }),
  rounding: fc.record({ level: fc.constantFrom('line', 'order'), mode: fc.constantFrom('half-up', 'half-even') }),
});
const discount = fc.integer({ min: 0, max: 1_000_000 });

describe('a priced basket', () => {
  test('adds up: every figure of the order is the sum of its lines, in whole units, whatever tax and discount', () => {
    fc.assert(
      fc.property(items, discount, taxRule, (basket, off, tax) => {
        const order = priceBasket(basket, off, tax);
        for (const figure of ['subtotal', 'discount', 'tax', 'total'] as const) {
          expect(Number.isSafeInteger(order[figure])).toBe(true);
          expect(order.lines.reduce((sum, line) => sum + line[figure], 0)).toBe(order[figure]);
        }
        expect(order.total).toBe(order.subtotal - order.discount + order.taxAdded);
        expect(order.taxAdded).toBe(tax.treatment === 'exclusive' ? order.tax : 0);
        for (const line of order.lines) {
          expect(Math.min(line.subtotal, line.discount, line.tax, line.total)).toBeGreaterThanOrEqual(0);
          expect(line.discount).toBeLessThanOrEqual(line.subtotal);
        }
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  const coupon = fc.oneof(
    fc.record({ percentPpm: fc.integer({ min: 1, max: 1_000_000 }) }),
    fc.record({ amount: fc.integer({ min: 1, max: 1e10 }) }),
  );

  test('adds up with a coupon too, which takes off its share of what other discounts leave, and never more', () => {
    fc.assert(
      fc.property(items, discount, taxRule, coupon, (basket, off, tax, given) => {
        const [plain, order] = [priceBasket(basket, off, tax), priceBasket(basket, off, tax, given)];
        for (const figure of ['subtotal', 'discount', 'coupon', 'tax', 'total'] as const)
          expect(order.lines.reduce((sum, line) => sum + line[figure], 0)).toBe(order[figure]);
        expect(order.total).toBe(order.subtotal - order.discount + order.taxAdded);
        expect(order.discount).toBe(plain.discount + order.coupon);
        const left = plain.subtotal - plain.discount;
        if ('amount' in given) expect(order.coupon).toBe(Math.min(given.amount, left));
        else expect(Math.abs(order.coupon - (left * given.percentPpm) / 1e6)).toBeLessThanOrEqual(0.5 + 1e-4);
        order.lines.forEach((line, index) => {
          expect(Math.min(line.coupon, line.tax, line.total)).toBeGreaterThanOrEqual(0);
          expect(line.discount).toBeLessThanOrEqual(line.subtotal);
          // A line's share is within a unit of the exact one.
          const before = plain.lines[index]!.subtotal - plain.lines[index]!.discount;
          const exact = left === 0 ? 0 : (order.coupon * before) / left;
          expect(Math.abs(line.coupon - exact)).toBeLessThan(1 + 1e-4);
        });
      }),
      { seed: 13, numRuns: 500 },
    );
  });

  test('has a tax that is within half a unit of the exact one, for the order or for each line', () => {
    fc.assert(
      fc.property(items, discount, taxRule, (basket, off, tax) => {
        const order = priceBasket(basket, off, tax);
        const rate = tax.ratePpm / 1e6;
        const share = tax.treatment === 'inclusive' ? rate / (1 + rate) : rate;
        const exact = (order.subtotal - order.discount) * share;
        const most = tax.rounding.level === 'line' ? basket.length / 2 : 0.5;
        expect(Math.abs(order.tax - exact)).toBeLessThanOrEqual(most + 1e-4);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  test('has no total such as 34.116425: fractions of a cent are rounded once, in the tax (medusa 14818)', () => {
    const rule: TaxRule = { treatment: 'exclusive', ratePpm: 88_750, rounding: { level: 'order', mode: 'half-up' } };
    // 31.97 with 8.875 % is 34.8073375, and 2.8373375 of it is tax.
    const order = priceBasket([{ unitAmount: 3197, quantity: 1 }], 0, rule);
    expect([order.tax, order.total]).toEqual([284, 3481]);
  });

  test('rounds for lines or for the order as its policy says, and the lines show it (saleor 12348)', () => {
    const basket = Array.from({ length: 3 }, () => ({ unitAmount: 105, quantity: 1 }));
    const rule = (level: 'line' | 'order'): TaxRule => ({
      treatment: 'exclusive',
      ratePpm: 100_000,
      rounding: { level, mode: 'half-up' },
    });
    const perLine = priceBasket(basket, 0, rule('line'));
    const perOrder = priceBasket(basket, 0, rule('order'));
    expect([perLine.tax, perLine.lines.map(({ tax }) => tax)]).toEqual([33, [11, 11, 11]]);
    expect([perOrder.tax, perOrder.lines.map(({ tax }) => tax)]).toEqual([32, [11, 11, 10]]);
  });

  test('refuses what an amount cannot be', () => {
    const rule: TaxRule = { treatment: 'exclusive', ratePpm: 0, rounding: { level: 'line', mode: 'half-up' } };
    expect(() => priceBasket([{ unitAmount: 1e12, quantity: 1_000_000 }], 0, rule)).toThrow(RangeError);
  });
});

test('a tax is a share of the net price, of the gross price, or comes on top', () => {
  const rule = (treatment: TaxRule['treatment']): TaxRule => ({
    treatment,
    ratePpm: 200_000,
    rounding: { level: 'line', mode: 'half-up' },
  });
  expect(['exclusive', 'inclusive', 'inside'].map((kind) => taxOf(1200, rule(kind as TaxRule['treatment'])))).toEqual([
    240, 200, 240,
  ]);
});

describe('exchanging', () => {
  const rates = { EUR: '1', USD: '1.0389', GBP: '0.82918', JPY: '163.06', KWD: '0.32' };
  test.each([
    [1000, 'EUR', 'USD', 1039],
    [1000, 'GBP', 'USD', 1253],
    [1000, 'EUR', 'JPY', 1631],
    [1631, 'JPY', 'EUR', 1000],
    [1000, 'EUR', 'KWD', 3200],
    [1000, 'EUR', 'EUR', 1000],
    [1000, 'EUR', 'XXX', undefined],
  ])('%i %s is %s %s', (amount, from, to, result) => {
    expect(exchange(amount, from, to, rates)).toBe(result);
  });

  test('never is more than half a unit off, in any pair of currencies', () => {
    const code = fc.constantFrom(...(Object.keys(rates) as (keyof typeof rates)[]));
    const digits = { EUR: 2, USD: 2, GBP: 2, JPY: 0, KWD: 3 };
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), code, code, (amount, from, to) => {
        const exact = (amount / 10 ** digits[from]) * (Number(rates[to]) / Number(rates[from])) * 10 ** digits[to];
        expect(Math.abs(exchange(amount, from, to, rates)! - exact)).toBeLessThanOrEqual(0.5 + exact * 1e-12);
      }),
      { seed: 11 },
    );
  });
});

test('percentages are exact', () => {
  expect(['0', '6.875', '12.5', '100', '0.0001'].map(percentToPpm)).toEqual([0, 68_750, 125_000, 1_000_000, 1]);
  expect(['100.0001', '-1', '1e1', '', '0.00001', '5,5'].map(percentToPpm)).toEqual(Array(6).fill(undefined));
  expect([68_750, 0, 1].map(ppmToPercent)).toEqual(['6.875', '0', '0.0001']);
});

describe('the markets', () => {
  test('are the five regions and home, each with rates, a source and a date', () => {
    expect(new Set(MARKETS.map(({ region }) => region))).toEqual(new Set(['US', 'EU', 'APAC', 'IN', 'BR', 'GB']));
    for (const market of MARKETS) {
      expect(market.currencies.length).toBeGreaterThan(0);
      expect(market.source).not.toBe('');
      expect(market.asOf).toMatch(/^\d{4}-\d\d-\d\d$/);
      for (const { ratePpm } of market.taxes) expect(Number.isInteger(ratePpm) && ratePpm < 400_000).toBe(true);
    }
    const count = (region: string): number => MARKETS.filter((market) => market.region === region).length;
    expect([count('US'), count('EU'), count('APAC'), count('IN'), count('BR')]).toEqual([51, 27, 2, 36, 27]);
  });

  test('are found by country, and by state where taxes are a state’s', () => {
    expect(findMarket('DE', undefined)).toMatchObject({ region: 'EU', taxes: [{ name: 'VAT', ratePpm: 190_000 }] });
    expect(findMarket('DE', 'BY')).toMatchObject({ country: 'DE', state: undefined });
    expect(findMarket('US', 'MN')).toMatchObject({ taxes: [{ ratePpm: 68_750 }] });
    expect([findMarket('US', undefined), findMarket('US', 'ZZ'), findMarket('XX', 'CA')]).toEqual([
      'state',
      'state',
      'country',
    ]);
    expect(findMarket('IN', 'MH')).toMatchObject({ taxes: [{ name: 'CGST' }, { name: 'SGST' }] });
    expect(findMarket('IN', 'KA')).toMatchObject({ taxes: [{ name: 'IGST', ratePpm: 180_000 }] });
  });
});
