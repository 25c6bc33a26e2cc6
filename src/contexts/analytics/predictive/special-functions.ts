/** Special functions that the models of purchases need. Pure. */

/** Lanczos' coefficients for g = 7, n = 9 (Godfrey 2001). */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** The logarithm of the gamma function for x > 0, to about 15 digits. */
export function logGamma(x: number): number {
  // The reflection keeps the digits near zero.
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + 7.5;
  let sum: number = LANCZOS[0];
  for (let term = 1; term < LANCZOS.length; term++) sum += (LANCZOS[term] as number) / (shifted + term);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
}

/** logGamma(x), logGamma(x + 1), … logGamma(x + most): by its recurrence, an addition each. */
export function logGammaSteps(x: number, most: number): Float64Array {
  const steps = new Float64Array(most + 1);
  steps[0] = logGamma(x);
  for (let step = 1; step <= most; step++) steps[step] = (steps[step - 1] as number) + Math.log(x + step - 1);
  return steps;
}

/** A series that needs more terms than this is not used for what converges so slowly. */
const MOST_TERMS = 100_000;

/**
 * Gauss's hypergeometric function ₂F₁(a, b; c; z) for 0 ≤ z < 1 and a c that is not 0, -1, -2 …. Euler's transformation (Abramowitz & Stegun 15.3.3) is
 * applied where it makes the parameters smaller, so that the terms neither swell nor cancel for customers with many purchases. With a `power` the
 * answer is (1 − z)^power · ₂F₁, whose factors alone may be too large and too small for a number.
 * Throws RangeError outside of that, and where the series does not settle.
 */
export function hypergeometric(a: number, b: number, c: number, z: number, power = 0): number {
  if (!(z >= 0 && z < 1) || (c <= 0 && Number.isInteger(c)))
    throw new RangeError(`₂F₁ is worked out for 0 ≤ z < 1 and a c with values, not at z = ${z}, c = ${c}`);
  const transformed = Math.abs(c - a) + Math.abs(c - b) < Math.abs(a) + Math.abs(b);
  return transformed
    ? (1 - z) ** (power + c - a - b) * series(c - a, c - b, c, z)
    : (1 - z) ** power * series(a, b, c, z);
}

function series(a: number, b: number, c: number, z: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 0; n < MOST_TERMS; n++) {
    term *= (((a + n) * (b + n)) / ((c + n) * (n + 1))) * z;
    sum += term;
    // What is left is less than a geometric series once the ratio is below one.
    if (Math.abs(term) <= 1e-16 * Math.abs(sum)) return sum;
  }
  throw new RangeError(`₂F₁(${a}, ${b}; ${c}; ${z}) does not settle`);
}
