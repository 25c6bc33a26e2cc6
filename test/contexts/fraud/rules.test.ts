import fc from 'fast-check';
import { DEFAULT_RULES, scoreByRules, type Signals, type Velocity } from '../../../src/contexts/fraud/rules';

const score = scoreByRules(DEFAULT_RULES);
const signals = (change: Partial<Signals> = {}): Signals => ({
  orderId: 'ord_1',
  amount: { amount: 1999, currency: 'GBP' },
  email: 'ada@example.org',
  destination: { lines: ['1 Main Street'], city: 'London', postcode: 'W1', country: 'GB' },
  billingCountry: null,
  ...change,
});
const calm: Velocity = { ofCustomer: 0, toDestination: 0 };
const amount = (units: number): Partial<Signals> => ({ amount: { amount: units, currency: 'GBP' } });

describe('the rules of fraud', () => {
  test('find nothing in an ordinary order', () => {
    expect(score(signals(), calm)).toEqual({ score: 0, decision: 'accept', reasons: [] });
    expect(score(signals({ billingCountry: 'GB' }), calm).score).toBe(0);
  });

  test('say why: each reason with its points, and the score is their sum', () => {
    const found = score(signals({ ...amount(60_000), billingCountry: 'FR' }), calm);
    expect(found).toMatchObject({ score: 55, decision: 'review' });
    expect(found.reasons.map(({ rule, points }) => [rule, points])).toEqual([
      ['amount', 30],
      ['country-mismatch', 25],
    ]);
  });

  test('ask a person about many orders of one customer, and refuse what is bad in every way', () => {
    expect(score(signals(), { ofCustomer: 3, toDestination: 3 }).decision).toBe('accept');
    expect(score(signals(), { ofCustomer: 4, toDestination: 0 }).decision).toBe('accept');
    expect(score(signals(), { ofCustomer: 10, toDestination: 0 }).decision).toBe('review');
    expect(score(signals(amount(300_000)), { ofCustomer: 10, toDestination: 0 }).decision).toBe('reject');
  });

  test('never score lower for more: neither orders, nor money', () => {
    const count = fc.nat(40);
    fc.assert(
      fc.property(count, count, fc.nat(400_000), count, count, fc.nat(400_000), (a, b, c, da, db, dc) => {
        const less = score(signals(amount(c)), { ofCustomer: a, toDestination: b });
        const more = score(signals(amount(c + dc)), { ofCustomer: a + da, toDestination: b + db });
        expect(more.score).toBeGreaterThanOrEqual(less.score);
        expect(less.score).toBe(
          Math.min(
            100,
            less.reasons.reduce((sum, { points }) => sum + points, 0),
          ),
        );
      }),
      { seed: 1 },
    );
  });

  test('know no bounds for a currency that has none, rather than wrong ones', () => {
    expect(score(signals({ amount: { amount: 10_000_000, currency: 'KRW' } }), calm).score).toBe(0);
  });
});
