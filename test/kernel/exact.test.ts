import fc from 'fast-check';
import { allocate, roundedQuotient, toSafe } from '../../src/kernel/exact';

const weights = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 20 });
const amount = fc.integer({ min: -1e12, max: 1e12 });

describe('allocating an amount', () => {
  test('loses no unit, and gives nobody more than a unit too much or too little', () => {
    fc.assert(
      fc.property(amount, weights, (total, shares) => {
        const parts = allocate(total, shares);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(total);
        const weight = shares.reduce((sum, one) => sum + one, 0);
        if (weight === 0) return;
        parts.forEach((part, i) => {
          // |part * weight - total * share| < weight: exactly, beyond what a float can say.
          const off = BigInt(part) * BigInt(weight) - BigInt(total) * BigInt(shares[i]!);
          expect(off < 0n ? -off : off).toBeLessThan(BigInt(weight));
        });
      }),
      { seed: 11 },
    );
  });

  test.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [-100, [1, 1, 1], [-34, -33, -33]],
    [5, [0, 0], [5, 0]],
    [1, [1, 2], [0, 1]],
    [0, [3, 4], [0, 0]],
  ])('of %i by %j gives %j', (total, shares, parts) => {
    expect(allocate(total, shares)).toEqual(parts);
  });

  test('needs somebody to allocate to, and whole weights', () => {
    expect(() => allocate(1, [])).toThrow(RangeError);
    expect(() => allocate(1, [-1])).toThrow(RangeError);
    expect(() => allocate(1, [0.5])).toThrow(RangeError);
  });
});

describe('rounding', () => {
  test.each([
    [5n, 2n, 3n, 2n],
    [7n, 2n, 4n, 4n],
    [-5n, 2n, -3n, -2n],
    [4n, 3n, 1n, 1n],
    [5n, 3n, 2n, 2n],
  ])('%s / %s is %s half-up and %s half-even', (over, under, up, even) => {
    expect([roundedQuotient(over, under, 'half-up'), roundedQuotient(over, under, 'half-even')]).toEqual([up, even]);
  });

  test('refuses what a number cannot carry', () => {
    expect(() => toSafe(2n ** 53n)).toThrow(RangeError);
    expect(() => roundedQuotient(1n, 0n, 'half-up')).toThrow(RangeError);
  });
});
