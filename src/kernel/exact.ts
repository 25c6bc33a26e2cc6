/** Exact arithmetic for money: whole numbers and fractions of them, rounded once and where it is said. */

/** Where exactly half a unit goes: away from zero, or to the even neighbour. */
export type RoundingMode = 'half-up' | 'half-even';

/** numerator / denominator as a whole number. The denominator must be above 0. */
export function roundedQuotient(numerator: bigint, denominator: bigint, mode: RoundingMode): bigint {
  if (denominator <= 0n) throw new RangeError('the denominator must be above 0');
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const [whole, rest] = [size / denominator, size % denominator];
  const up = rest * 2n > denominator || (rest * 2n === denominator && (mode === 'half-up' || whole % 2n === 1n));
  const rounded = up ? whole + 1n : whole;
  return negative ? -rounded : rounded;
}

/** A safe integer out of an exact one. Throws RangeError for one that a number cannot carry. */
export function toSafe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is more than an amount can be`);
  return number;
}

/**
 * Splits a whole amount in proportion to weights without losing a unit: everybody gets the part rounded down, and what is left
 * goes to the largest remainders, the first of equals first (Hamilton's method). All weights 0: the first gets everything.
 */
export function allocate(amount: number, weights: readonly number[]): number[] {
  if (weights.length === 0) throw new RangeError('there is nobody to allocate to');
  if (weights.some((weight) => !Number.isSafeInteger(weight) || weight < 0))
    throw new RangeError('weights must be whole numbers, 0 or more');
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  if (total === 0n) return weights.map((_, index) => (index === 0 ? amount : 0));
  const size = BigInt(Math.abs(amount));
  const parts = weights.map((weight) => (size * BigInt(weight)) / total);
  const left = Number(size - parts.reduce((sum, part) => sum + part, 0n));
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (size * BigInt(weight)) % total }))
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0n) + 1n;
  // Not by multiplication: 0 times -1 is -0.
  return parts.map((part) => (amount < 0 && part !== 0n ? -Number(part) : Number(part)));
}
