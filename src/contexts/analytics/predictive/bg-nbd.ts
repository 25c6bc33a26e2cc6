import { minimise } from './nelder-mead';
import { hypergeometric, logGamma, logGammaSteps } from './special-functions';

/**
 * The BG/NBD model of who buys again, and of who has gone for good: Fader, Hardie & Lee, "Counting Your Customers the Easy Way",
 * Marketing Science 24 (2005). A customer buys at a rate of their own, which is gamma distributed over customers (r, alpha), and after
 * each purchase leaves with a probability of their own, which is beta distributed (a, b). Pure; time is in any one unit.
 */

/** What the model knows of a customer. */
export interface PurchaseHistory {
  /** Purchases after the first. */
  readonly repeats: number;
  /** Time from the first purchase to the last; 0 without a repeat. */
  readonly lastAt: number;
  /** Time from the first purchase to the end of what was seen; at least `lastAt`. */
  readonly observed: number;
}

export interface BgNbdParameters {
  readonly r: number;
  readonly alpha: number;
  readonly a: number;
  readonly b: number;
}

export interface BgNbdFit {
  readonly parameters: BgNbdParameters;
  readonly logLikelihood: number;
  readonly customers: number;
  readonly converged: boolean;
}

/** Beyond e^±12 a parameter says nothing that the data could: its heterogeneity is gone. */
const FURTHEST = 12;

/** The log-likelihood of the histories, equation 6 of the paper; the parts that swell are added as logarithms. O(customers). */
export function logLikelihood(
  { r, alpha, a, b }: BgNbdParameters,
  histories: readonly PurchaseHistory[],
  most = mostRepeats(histories),
): number {
  const [ofR, ofB, ofAB] = [logGammaSteps(r, most), logGammaSteps(b, most), logGammaSteps(a + b, most)];
  const constant = r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b);
  const logA = Math.log(a);
  let sum = 0;
  for (const { repeats: x, lastAt, observed } of histories) {
    const common = constant + (ofR[x] as number) + (ofB[x] as number) - (ofAB[x] as number);
    const alive = -(r + x) * Math.log(alpha + observed);
    if (x === 0) {
      sum += common + alive;
      continue;
    }
    const gone = logA - Math.log(b + x - 1) - (r + x) * Math.log(alpha + lastAt);
    const larger = Math.max(alive, gone);
    sum += common + larger + Math.log1p(Math.exp(Math.min(alive, gone) - larger));
  }
  return sum;
}

/** Fits the four parameters by maximum likelihood, searched for as logarithms. Deterministic. Throws RangeError without histories. */
export function fitBgNbd(histories: readonly PurchaseHistory[]): BgNbdFit {
  if (histories.length === 0) throw new RangeError('There are no customers to fit to');
  const most = mostRepeats(histories);
  const span = histories.reduce((sum, { observed }) => sum + observed, 0) / histories.length || 1;
  const objective = (logs: readonly number[]): number => {
    if (logs.some((log) => Math.abs(log) > FURTHEST + Math.log(1 + span))) return Infinity;
    return -logLikelihood(toParameters(logs), histories, most) / histories.length;
  };
  // Two beginnings: customers alike and loyal, customers different and fickle.
  const starts = [
    [0, Math.log(span), 0, Math.log(3)],
    [Math.log(0.3), Math.log(span / 5), Math.log(0.5), Math.log(2)],
  ];
  const found = starts.map((start) => minimise(objective, start, { tolerance: 1e-11 }));
  const best = found.reduce((left, right) => (right.value < left.value ? right : left));
  return {
    parameters: toParameters(best.at),
    logLikelihood: -best.value * histories.length,
    customers: histories.length,
    converged: best.converged,
  };
}

/**
 * How many purchases to expect of this customer in the time `ahead`, equation 10 of the paper. For a history that is empty
 * (0 repeats, observed 0) this is what to expect of a new customer.
 */
export function expectedPurchases(parameters: BgNbdParameters, history: PurchaseHistory, ahead: number): number {
  if (ahead <= 0) return 0;
  const { r, alpha } = parameters;
  // At a = 1, and at a + b = 1 without a repeat, the formula is 0/0 with a limit: a step aside costs less than it shows.
  const aside = (value: number): number => (Math.abs(value - 1) < 1e-7 ? 1 + 1e-7 : value);
  const a = aside(parameters.a);
  const b = aside(a + parameters.b) - a;
  const { repeats: x, lastAt, observed } = history;
  // The factor ((alpha + observed) / (alpha + observed + ahead))^(r + x) of the paper is (1 − z)^(r + x).
  const z = ahead / (alpha + observed + ahead);
  const ifAlive = ((a + b + x - 1) / (a - 1)) * (1 - hypergeometric(r + x, b + x, a + b + x - 1, z, r + x));
  if (x === 0) return ifAlive;
  return ifAlive / (1 + (a / (b + x - 1)) * ((alpha + observed) / (alpha + lastAt)) ** (r + x));
}

/** How likely it is that the customer has not gone for good. A customer without a repeat has had no occasion to go: 1. */
export function probabilityAlive({ r, alpha, a, b }: BgNbdParameters, history: PurchaseHistory): number {
  const { repeats: x, lastAt, observed } = history;
  if (x === 0) return 1;
  return 1 / (1 + (a / (b + x - 1)) * ((alpha + observed) / (alpha + lastAt)) ** (r + x));
}

const mostRepeats = (histories: readonly PurchaseHistory[]): number =>
  histories.reduce((most, { repeats }) => Math.max(most, repeats), 0);

function toParameters(logs: readonly number[]): BgNbdParameters {
  const [r = 1, alpha = 1, a = 1, b = 1] = logs.map(Math.exp);
  return { r, alpha, a, b };
}
