/** What counts can say. All pure; intervals are of 95 %. */

export const LEVEL = 0.95;
/** The normal quantile at 97.5 %. */
const Z = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval for a proportion (JASA 22, 1927), without continuity correction: the third method of Newcombe, Statistics
 * in Medicine 17:857–872, 1998. Holds for few and for none. `trials` is at least 1.
 */
export function wilson(successes: number, trials: number): Interval {
  const p = successes / trials;
  const centre = p + Z ** 2 / (2 * trials);
  const spread = Z * Math.sqrt((p * (1 - p)) / trials + Z ** 2 / (4 * trials ** 2));
  const whole = 1 + Z ** 2 / trials;
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - spread) / whole),
    high: successes === trials ? 1 : Math.min(1, (centre + spread) / whole),
  };
}

/** Successes among trials, of which there is at least one. */
export interface Proportion {
  readonly successes: number;
  readonly trials: number;
}

/**
 * The difference `of − from` of two independent proportions, with Newcombe's interval from the two score intervals: the tenth method
 * of Statistics in Medicine 17:873–890, 1998.
 */
export function difference(of: Proportion, from: Proportion): Interval & { readonly estimate: number } {
  const [p, q] = [of.successes / of.trials, from.successes / from.trials];
  const [mine, other] = [wilson(of.successes, of.trials), wilson(from.successes, from.trials)];
  return {
    estimate: p - q,
    low: p - q - Math.hypot(p - mine.low, other.high - q),
    high: p - q + Math.hypot(mine.high - p, q - other.low),
  };
}

export interface GoodnessOfFit {
  readonly chiSquare: number;
  readonly degreesOfFreedom: number;
  readonly pValue: number;
}

/** Below so many expected in a cell the chi-square distribution is no good guide (Cochran, Biometrics 10, 1954). */
const LEAST_EXPECTED = 5;

/** Pearson's test of counts against shares in proportion to `weights`; undefined where too little is expected somewhere. */
export function goodnessOfFit(counts: readonly number[], weights: readonly number[]): GoodnessOfFit | undefined {
  const [total, whole] = [counts, weights].map((all) => all.reduce((sum, one) => sum + one, 0)) as [number, number];
  const expected = weights.map((weight) => (total * weight) / whole);
  if (expected.length < 2 || expected.some((one) => one < LEAST_EXPECTED)) return undefined;
  const chiSquare = expected.reduce((sum, want, index) => sum + ((counts[index] ?? 0) - want) ** 2 / want, 0);
  const degreesOfFreedom = counts.length - 1;
  return { chiSquare, degreesOfFreedom, pValue: chiSquareTail(chiSquare, degreesOfFreedom) };
}

/**
 * The probability of a chi-square value of at least `x`, by the finite sums of Abramowitz and Stegun, 26.4.4 (odd degrees of
 * freedom) and 26.4.5 (even). O(degreesOfFreedom).
 */
export function chiSquareTail(x: number, degreesOfFreedom: number): number {
  if (x <= 0) return 1;
  const decay = Math.exp(-x / 2);
  const odd = degreesOfFreedom % 2 === 1;
  let term = odd ? decay * Math.sqrt(2 / (Math.PI * x)) : decay;
  let sum = odd ? normalTails(Math.sqrt(x)) : decay;
  for (let step = odd ? 1 : 2; step < degreesOfFreedom; step += 2) {
    term *= x / step;
    sum += term;
  }
  return Math.min(1, sum);
}

/**
 * The probability of a standard normal value farther than `z` (not negative) from 0: by the series of Abramowitz and Stegun,
 * 26.2.11, where that is short, and by their continued fraction, 26.2.14, beyond.
 */
function normalTails(z: number): number {
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  if (z < 3) {
    let [term, sum] = [z, z];
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= z ** 2 / k;
      sum += term;
    }
    return 1 - 2 * density * sum;
  }
  let fraction = z;
  for (let k = 60; k >= 1; k--) fraction = z + k / fraction;
  return (2 * density) / fraction;
}
