import fc from 'fast-check';
import { expectedPurchases, fitBgNbd, probabilityAlive } from '../../../../src/contexts/analytics/predictive/bg-nbd';
import {
  expectedSpend,
  fitGammaGamma,
  populationMean,
} from '../../../../src/contexts/analytics/predictive/gamma-gamma';
import { trainLifetimeValue } from '../../../../src/contexts/analytics/predictive/lifetime-value';
import { TooLittleData, toPurchaseDays } from '../../../../src/contexts/analytics/predictive/purchases';
import { hypergeometric, logGamma } from '../../../../src/contexts/analytics/predictive/special-functions';
import { Random } from '../../../support/random';
import { beta, exponential, gamma } from './draws';

/** What the paper of 2005 found for the customers of CDNOW, in weeks. */
const CDNOW = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

describe('special functions', () => {
  test('the gamma function is the factorial, and its value at a half is the root of pi', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
    expect(logGamma(1e-3)).toBeCloseTo(6.907178885383854, 12);
  });

  test('the hypergeometric series has the values that are known in closed form', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.99, noNaN: true }), (z) => {
        expect(hypergeometric(1, 1, 2, z)).toBeCloseTo(-Math.log1p(-z) / z, 9);
        expect(hypergeometric(3.5, 2.25, 2.25, z) * (1 - z) ** 3.5).toBeCloseTo(1, 9);
      }),
      { seed: 1, numRuns: 200 },
    );
    expect(() => hypergeometric(1, 1, 2, 1)).toThrow(RangeError);
  });
});

describe('BG/NBD', () => {
  test('expects of a customer what the paper works out', () => {
    const history = { repeats: 2, lastAt: 30.43, observed: 38.86 };
    expect(expectedPurchases(CDNOW, history, 39)).toBeCloseTo(1.226, 3);
    expect(expectedPurchases(CDNOW, history, 0)).toBe(0);
  });

  test('expects what the simulation of its own story brings, and knows who has gone', () => {
    const random = new Random(7);
    const parameters = { r: 1.2, alpha: 8, a: 1.5, b: 4 };
    const seen = { later: 0, alive: 0 };
    const expected = { later: 0, alive: 0 };
    let count = 0;
    for (let customer = 0; customer < 50_000; customer++) {
      const { times, leftAt } = story(random, parameters, 50);
      const before = times.filter((time) => time <= 20);
      const lastAt = before[1];
      if (before.length !== 2 || lastAt === undefined) continue;
      const history = { repeats: 2, lastAt, observed: 20 };
      count++;
      seen.later += times.length - 2;
      seen.alive += leftAt > 20 ? 1 : 0;
      expected.later += expectedPurchases(parameters, history, 30);
      expected.alive += probabilityAlive(parameters, history);
    }
    expect(count).toBeGreaterThan(5_000);
    expect(Math.abs(seen.later / expected.later - 1)).toBeLessThan(0.06);
    expect(Math.abs(seen.alive / expected.alive - 1)).toBeLessThan(0.05);
  });

  test('finds again the parameters that customers were drawn with', () => {
    const random = new Random(11);
    const truth = { r: 0.8, alpha: 12, a: 0.9, b: 3 };
    const histories = Array.from({ length: 6_000 }, () => {
      const observed = 40 + 40 * random.next();
      const { times } = story(random, truth, observed);
      return { repeats: times.length, lastAt: times.at(-1) ?? 0, observed };
    });
    const { parameters, converged } = fitBgNbd(histories);
    expect(converged).toBe(true);
    expect(Math.abs(parameters.r / truth.r - 1)).toBeLessThan(0.12);
    expect(Math.abs(parameters.alpha / truth.alpha - 1)).toBeLessThan(0.15);
    // a and b are known by their ratio better than each alone.
    const leaves = parameters.a / (parameters.a + parameters.b);
    expect(Math.abs(leaves / (truth.a / (truth.a + truth.b)) - 1)).toBeLessThan(0.1);
  });

  test('expects more the longer it looks ahead, and thinks less of who stays away, whatever the customer', () => {
    const positive = fc.double({ min: 0.05, max: 20, noNaN: true });
    const history = fc
      .tuple(fc.nat(300), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 1, max: 2_000, noNaN: true }))
      .map(([repeats, share, observed]) => ({ repeats, lastAt: repeats === 0 ? 0 : share * observed, observed }));
    fc.assert(
      fc.property(positive, positive, positive, positive, history, (r, alpha, a, b, known) => {
        const parameters = { r, alpha, a, b };
        const [near, far] = [10, 365].map((days) => expectedPurchases(parameters, known, days));
        expect(near).toBeGreaterThanOrEqual(0);
        expect(far).toBeGreaterThanOrEqual(near! * (1 - 1e-9));
        const alive = probabilityAlive(parameters, known);
        expect(alive).toBeGreaterThanOrEqual(0);
        expect(alive).toBeLessThanOrEqual(1);
        expect(probabilityAlive(parameters, { ...known, observed: known.observed + 30 })).toBeLessThanOrEqual(alive);
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});

describe('Gamma-Gamma', () => {
  test('has the mean of the paper for what customers of CDNOW spend', () => {
    expect(populationMean({ p: 6.25, q: 3.74, v: 15.44 })).toBeCloseTo(35.22, 2);
  });

  test('draws few purchases towards what all spend, and many towards their own mean', () => {
    const parameters = { p: 6.25, q: 3.74, v: 15.44 };
    expect(expectedSpend(parameters, { purchases: 0, mean: 0 })).toBe(populationMean(parameters));
    const [one, ten, thousand] = [1, 10, 1000].map((purchases) => expectedSpend(parameters, { purchases, mean: 100 }));
    expect(one).toBeGreaterThan(populationMean(parameters));
    expect(ten).toBeGreaterThan(one!);
    expect(thousand).toBeCloseTo(100, 0);
  });

  test('finds again the parameters that spending was drawn with', () => {
    const random = new Random(5);
    const truth = { p: 4, q: 3, v: 2_000 };
    const spending = Array.from({ length: 6_000 }, () => {
      const rate = gamma(random, truth.q) / truth.v;
      const purchases = 1 + random.below(6);
      let sum = 0;
      for (let n = 0; n < purchases; n++) sum += gamma(random, truth.p) / rate;
      return { purchases, mean: sum / purchases };
    });
    const { parameters } = fitGammaGamma(spending);
    for (const name of ['p', 'q', 'v'] as const)
      expect(Math.abs(parameters[name] / truth[name] - 1)).toBeLessThan(0.15);
  });
});

describe('lifetime value', () => {
  const shop = (customers: number, days: number): ReturnType<typeof toPurchaseDays> => {
    const random = new Random(3);
    const rows = Array.from({ length: customers }, (_, number) => {
      const first = random.below(days / 2);
      const { times } = story(random, { r: 1, alpha: 40, a: 0.5, b: 4 }, days - first);
      const rate = gamma(random, 4) / 6_000;
      return [0, ...times].map((time) => ({
        customer: `c${number}`,
        day: 15_000 + Math.floor(first + time),
        amount: Math.max(1, Math.round(gamma(random, 3) / rate)),
      }));
    });
    return toPurchaseDays(rows.flat());
  };

  test('is judged on days that it has not seen, and comes near what customers then bought', () => {
    const { evaluation, values } = trainLifetimeValue(shop(1_000, 400), { horizonDays: 180, yearlyDiscount: 0.1 });
    expect(evaluation.holdoutDays).toBe(99);
    expect(Math.abs(evaluation.expectedPurchases / evaluation.actualPurchases - 1)).toBeLessThan(0.1);
    expect(Math.abs(evaluation.expectedRevenue / evaluation.actualRevenue - 1)).toBeLessThan(0.15);
    expect(evaluation.skill).toBeGreaterThan(0.1);
    expect(values).toHaveLength(1_000);
    for (const { value, expectedPurchases: count, expectedSpend: spend } of values) {
      expect(Number.isInteger(value)).toBe(true);
      expect(value).toBeLessThanOrEqual(Math.ceil(count * spend)); // the discount takes something off
      expect(value).toBeGreaterThanOrEqual(Math.floor((count * spend) / 1.1 ** (180 / 365)));
    }
  });

  test('says what is missing where nobody, or hardly anybody, came back', () => {
    expect(() => trainLifetimeValue(toPurchaseDays([]))).toThrow(TooLittleData);
    expect(() => trainLifetimeValue(shop(20, 400))).toThrow(/customers bought on a second day; 50 are needed/);
    expect(() => trainLifetimeValue(shop(20, 30))).toThrow(/reach over \d+ days; 57 are needed/);
  });
});

/** The story that the model tells of a customer: purchases after the first until `end`, and when the customer left. */
function story(
  random: Random,
  { r, alpha, a, b }: typeof CDNOW,
  end: number,
): { readonly times: number[]; readonly leftAt: number } {
  const [rate, leaves] = [gamma(random, r) / alpha, beta(random, a, b)];
  const times: number[] = [];
  for (let at = exponential(random) / rate; at <= end; at += exponential(random) / rate) {
    times.push(at);
    if (random.next() < leaves) return { times, leftAt: at };
  }
  return { times, leftAt: Infinity };
}
