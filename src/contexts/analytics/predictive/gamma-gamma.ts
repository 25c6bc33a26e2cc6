import { minimise } from './nelder-mead';
import { logGamma } from './special-functions';

/**
 * The Gamma-Gamma model of what a customer spends at a time: Fader & Hardie, "The Gamma-Gamma Model of Monetary Value" (2013). The
 * value of a purchase varies around the customer's own mean, and that mean over customers; the few purchases of one customer are
 * drawn towards what all spend. Pure; money is in any one unit.
 */

export interface Spending {
  /** The purchases that the mean is of; at least 1. */
  readonly purchases: number;
  /** The mean value of those; above 0. */
  readonly mean: number;
}

export interface GammaGammaParameters {
  readonly p: number;
  readonly q: number;
  /** In the unit of money. */
  readonly v: number;
}

export interface GammaGammaFit {
  readonly parameters: GammaGammaParameters;
  readonly logLikelihood: number;
  readonly customers: number;
  readonly converged: boolean;
}

/** The log-likelihood, equation 1a of the note. */
export function logLikelihood({ p, q, v }: GammaGammaParameters, spending: readonly Spending[]): number {
  const constant = q * Math.log(v) - logGamma(q);
  let sum = 0;
  for (const { purchases: x, mean } of spending) {
    const px = p * x;
    sum +=
      constant +
      logGamma(px + q) -
      logGamma(px) +
      (px - 1) * Math.log(mean) +
      px * Math.log(x) -
      (px + q) * Math.log(x * mean + v);
  }
  return sum;
}

/**
 * Fits p, q and v by maximum likelihood; q is kept above 1, where the mean over customers exists. Deterministic. Throws RangeError
 * without customers, and for a mean that is not above 0.
 */
export function fitGammaGamma(spending: readonly Spending[]): GammaGammaFit {
  if (spending.length === 0) throw new RangeError('There are no customers to fit to');
  if (spending.some(({ purchases, mean }) => !(purchases >= 1 && mean > 0)))
    throw new RangeError('What a customer spends must be above 0');
  const average = spending.reduce((sum, { mean }) => sum + mean, 0) / spending.length;
  const toParameters = (logs: readonly number[]): GammaGammaParameters => {
    const [p = 1, aboveOne = 1, v = 1] = logs.map(Math.exp);
    return { p, q: 1 + aboveOne, v: v * average };
  };
  const objective = (logs: readonly number[]): number =>
    logs.some((log) => Math.abs(log) > 12) ? Infinity : -logLikelihood(toParameters(logs), spending) / spending.length;
  const found = [
    [1, 1, 0],
    [0, 0, 1],
  ].map((start) => minimise(objective, start, { tolerance: 1e-11 }));
  const best = found.reduce((left, right) => (right.value < left.value ? right : left));
  return {
    parameters: toParameters(best.at),
    logLikelihood: -best.value * spending.length,
    customers: spending.length,
    converged: best.converged,
  };
}

/** What a purchase of any customer is worth on average. */
export const populationMean = ({ p, q, v }: GammaGammaParameters): number => (p * v) / (q - 1);

/** What a purchase of this customer is expected to be worth: their own mean and everybody's, weighted by how much is known of them. */
export function expectedSpend(parameters: GammaGammaParameters, { purchases, mean }: Spending): number {
  const { p, q } = parameters;
  const own = (p * purchases) / (p * purchases + q - 1);
  return (1 - own) * populationMean(parameters) + own * mean;
}
