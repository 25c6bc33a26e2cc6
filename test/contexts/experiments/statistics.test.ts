import fc from 'fast-check';
import { chiSquareTail, difference, goodnessOfFit, wilson } from '../../../src/contexts/experiments/statistics';

describe('the interval of a proportion', () => {
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %d in %d is what Newcombe prints (1998, table I, method 3)', (successes, trials, low, high) => {
    const found = wilson(successes, trials);
    expect([found.low, found.high].map((bound) => bound.toFixed(4))).toEqual([low.toFixed(4), high.toFixed(4)]);
  });

  test('has the rate within it, lies from 0 to 1, and mirrors when successes and failures are swapped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e7 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, share) => {
        const successes = Math.round(trials * share);
        const { low, high } = wilson(successes, trials);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(successes / trials);
        expect(high).toBeGreaterThanOrEqual(successes / trials);
        expect(wilson(trials - successes, trials).low).toBeCloseTo(1 - high, 9);
      }),
    );
  });
});

describe('the interval of a difference', () => {
  test.each([
    [56, 70, 48, 80, 0.0524, 0.3339],
    [9, 10, 3, 10, 0.1705, 0.809],
    [6, 7, 2, 7, 0.0582, 0.8062],
    [5, 56, 0, 29, -0.0381, 0.1926],
    [0, 10, 0, 20, -0.1611, 0.2775],
    [0, 10, 0, 10, -0.2775, 0.2775],
    [10, 10, 0, 20, 0.6791, 1],
    [10, 10, 0, 10, 0.6075, 1],
  ])('of %d/%d and %d/%d is what Newcombe prints (1998, table II, method 10)', (a, m, b, n, low, high) => {
    const found = difference({ successes: a, trials: m }, { successes: b, trials: n });
    expect(found.estimate).toBeCloseTo(a / m - b / n, 12);
    expect([found.low, found.high].map((bound) => bound.toFixed(4))).toEqual([low.toFixed(4), high.toFixed(4)]);
  });

  test('turns round when the two are swapped', () => {
    const part = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(part, part, ([m, p], [n, q]) => {
        const [one, other] = [
          { successes: Math.round(m * p), trials: m },
          { successes: Math.round(n * q), trials: n },
        ];
        const [there, back] = [difference(one, other), difference(other, one)];
        expect(there.low).toBeCloseTo(-back.high, 12);
        expect(there.high).toBeCloseTo(-back.low, 12);
        expect(there.low).toBeLessThanOrEqual(there.estimate);
        expect(there.high).toBeGreaterThanOrEqual(there.estimate);
      }),
    );
  });
});

describe('the test of shares', () => {
  test.each([
    [3.841, 1, 0.05],
    [10.828, 1, 0.001],
    [5.991, 2, 0.05],
    [11.345, 3, 0.01],
    [11.07, 5, 0.05],
    [20.515, 5, 0.001],
    [16.919, 9, 0.05],
    [0.016, 1, 0.9],
    [4.168, 9, 0.9],
  ])('has at %d with %d degrees of freedom the %d of the printed tables', (x, degrees, p) => {
    // The tables round x to three decimals.
    expect(Math.abs(chiSquareTail(x, degrees) / p - 1)).toBeLessThan(0.005);
  });

  test('agrees with the sum of the density, taken in small steps', () => {
    // The density of 3 degrees of freedom, from 6 on, by the midpoint rule.
    const density = (x: number): number => Math.sqrt(x / (2 * Math.PI)) * Math.exp(-x / 2);
    let area = 0;
    for (let x = 6.0005; x < 80; x += 0.001) area += density(x) * 0.001;
    expect(chiSquareTail(6, 3)).toBeCloseTo(area, 7);
    expect(chiSquareTail(9 - 1e-9, 1)).toBeCloseTo(chiSquareTail(9, 1), 10); // where the two ways to reckon meet
  });

  test('finds the mismatch that Kohavi, Tang and Xu tell of', () => {
    // Trustworthy Online Controlled Experiments (2020), chapter 3: 821,588 and 815,482 of a test at 50 % each, p = 1.8E-6.
    const fit = goodnessOfFit([821_588, 815_482], [50, 50]);
    expect(fit?.pValue.toExponential(1)).toBe('1.8e-6');
    expect(fit?.degreesOfFreedom).toBe(1);
  });

  test('says nothing while too few are expected somewhere', () => {
    expect(goodnessOfFit([4, 5], [1, 1])).toBeUndefined();
    expect(goodnessOfFit([5, 5], [1, 1])).toEqual({ chiSquare: 0, degreesOfFreedom: 1, pValue: 1 });
    expect(goodnessOfFit([100, 0], [99, 1])).toBeUndefined();
    expect(goodnessOfFit([0, 0, 0], [1, 1, 1])).toBeUndefined();
  });
});
