import { expectedPurchases, fitBgNbd, probabilityAlive, type BgNbdFit, type PurchaseHistory } from './bg-nbd';
import { expectedSpend, fitGammaGamma, type GammaGammaFit, type GammaGammaParameters } from './gamma-gamma';
import { rowsByCustomer, spanOf, toDate, TooLittleData, type PurchaseDays } from './purchases';

/** Customer lifetime value: how often a customer will buy again (BG/NBD) times what they spend (Gamma-Gamma), discounted. Pure. */

export interface LifetimeValueOptions {
  /** Days ahead that the value is of. */
  readonly horizonDays: number;
  /** What a year takes off the worth of money: 0.1 is 10 %. */
  readonly yearlyDiscount: number;
}

export const LIFETIME_VALUE_DEFAULTS: LifetimeValueOptions = { horizonDays: 365, yearlyDiscount: 0.1 };

/** What the model says of one customer, over the horizon. */
export interface LifetimeValue {
  readonly customer: string;
  readonly probabilityAlive: number;
  readonly expectedPurchases: number;
  /** Minor units. */
  readonly expectedSpend: number;
  /** Discounted; whole minor units. */
  readonly value: number;
}

/** How the model did on time that it had not seen, beside as many purchases again as in the days of as long before. */
export interface LifetimeValueEvaluation {
  readonly cutoff: string;
  readonly holdoutDays: number;
  readonly customers: number;
  /** All purchases of the holdout, and how many were expected. */
  readonly actualPurchases: number;
  readonly expectedPurchases: number;
  /** Root of the mean squared error of a customer's purchases: what is right on average is best by it, unlike by absolute error. */
  readonly rootMeanSquaredError: number;
  readonly naiveRootMeanSquaredError: number;
  /** Minor units: what these customers spent, and were expected to. */
  readonly actualRevenue: number;
  readonly expectedRevenue: number;
  /** 1 − squared error / naive squared error: 0 is no better than that, 1 is perfect. */
  readonly skill: number;
}

export interface LifetimeValueModel {
  readonly purchases: BgNbdFit;
  readonly spending: GammaGammaFit;
  readonly evaluation: LifetimeValueEvaluation;
  readonly values: readonly LifetimeValue[];
  /** What a person should know before they believe it. */
  readonly remarks: readonly string[];
}

interface Known {
  readonly customer: number;
  readonly history: PurchaseHistory;
  /** Of the purchases after the first, as the Gamma-Gamma model wants it; undefined without one. */
  readonly repeatMean: number | undefined;
}

/** Fewer who came back say nothing about coming back. */
const LEAST_REPEATERS = 50;
const LEAST_HOLDOUT_DAYS = 14;

/** Fits, evaluates on the last quarter of the time, and fits again on all of it. Throws TooLittleData. */
export function trainLifetimeValue(
  data: PurchaseDays,
  { horizonDays, yearlyDiscount }: LifetimeValueOptions = LIFETIME_VALUE_DEFAULTS,
  onProgress: (share: number) => void = () => undefined,
): LifetimeValueModel {
  const { first, last } = spanOf(data);
  const evaluation = evaluate(data, first, last);
  onProgress(0.4);
  const known = knownAt(data, last);
  const { purchases, spending } = fit(known);
  onProgress(0.8);
  const steps = Math.max(1, Math.round(horizonDays / 30));
  const values = known.map(({ customer, history, repeatMean }) => {
    const spend = spendOf(spending.parameters, history, repeatMean);
    let [value, before] = [0, 0];
    for (let step = 1; step <= steps; step++) {
      const days = (horizonDays * step) / steps;
      const upTo = expectedPurchases(purchases.parameters, history, days);
      value += ((upTo - before) * spend) / (1 + yearlyDiscount) ** (days / 365);
      before = upTo;
    }
    return {
      customer: data.customers[customer] as string,
      probabilityAlive: probabilityAlive(purchases.parameters, history),
      expectedPurchases: before,
      expectedSpend: spend,
      value: Math.round(value),
    };
  });
  return { purchases, spending, evaluation, values, remarks: remarksOn(purchases, evaluation) };
}

function remarksOn({ parameters: { a, b }, converged }: BgNbdFit, { skill }: LifetimeValueEvaluation): string[] {
  const left = a / (a + b);
  return [
    ...(left < 0.001
      ? [
          'The purchases do not show that customers leave for good: everybody counts as likely to buy again, at their own rate.',
        ]
      : []),
    ...(converged ? [] : ['The search for the parameters was given up before it settled.']),
    ...(skill < 0 ? ['It did worse than as many purchases again as in the days before.'] : []),
  ];
}

function fit(known: readonly Known[]): { readonly purchases: BgNbdFit; readonly spending: GammaGammaFit } {
  const spending = known.flatMap(({ history, repeatMean }) =>
    repeatMean === undefined ? [] : [{ purchases: history.repeats, mean: repeatMean }],
  );
  if (spending.length < LEAST_REPEATERS)
    throw new TooLittleData(`${spending.length} customers bought on a second day; ${LEAST_REPEATERS} are needed`);
  return { purchases: fitBgNbd(known.map(({ history }) => history)), spending: fitGammaGamma(spending) };
}

/** Fits to what was known at a cutoff and compares what came after it. */
function evaluate(data: PurchaseDays, first: number, last: number): LifetimeValueEvaluation {
  const holdoutDays = Math.floor((last - first) / 4);
  if (holdoutDays < LEAST_HOLDOUT_DAYS)
    throw new TooLittleData(
      `The purchases reach over ${last - first + 1} days; ${4 * LEAST_HOLDOUT_DAYS + 1} are needed to hold some back`,
    );
  const cutoff = last - holdoutDays;
  const known = knownAt(data, cutoff);
  const { purchases, spending } = fit(known);
  const later = boughtWithin(data, cutoff, last);
  const before = boughtWithin(data, cutoff - holdoutDays, cutoff);
  const totals = { actual: 0, expected: 0, error: 0, naiveError: 0, actualRevenue: 0, expectedRevenue: 0 };
  for (const { customer, history, repeatMean } of known) {
    const actual = later.get(customer) ?? NOTHING;
    const expected = expectedPurchases(purchases.parameters, history, holdoutDays);
    const naive = (before.get(customer) ?? NOTHING).purchases;
    totals.actual += actual.purchases;
    totals.expected += expected;
    totals.error += (actual.purchases - expected) ** 2;
    totals.naiveError += (actual.purchases - naive) ** 2;
    totals.actualRevenue += actual.revenue;
    totals.expectedRevenue += expected * spendOf(spending.parameters, history, repeatMean);
  }
  return {
    cutoff: toDate(cutoff),
    holdoutDays,
    customers: known.length,
    actualPurchases: totals.actual,
    expectedPurchases: totals.expected,
    rootMeanSquaredError: Math.sqrt(totals.error / known.length),
    naiveRootMeanSquaredError: Math.sqrt(totals.naiveError / known.length),
    actualRevenue: Math.round(totals.actualRevenue),
    expectedRevenue: Math.round(totals.expectedRevenue),
    skill: totals.naiveError === 0 ? 0 : 1 - totals.error / totals.naiveError,
  };
}

interface Bought {
  readonly purchases: number;
  readonly revenue: number;
}
const NOTHING: Bought = { purchases: 0, revenue: 0 };

/** What each customer bought after the day `after`, up to and with `until`. */
function boughtWithin(data: PurchaseDays, after: number, until: number): Map<number, Bought> {
  const bought = new Map<number, Bought>();
  data.day.forEach((day, row) => {
    if (day <= after || day > until) return;
    const customer = data.customer[row] as number;
    const { purchases, revenue } = bought.get(customer) ?? NOTHING;
    bought.set(customer, { purchases: purchases + 1, revenue: revenue + (data.amount[row] as number) });
  });
  return bought;
}

function knownAt(data: PurchaseDays, cutoff: number): Known[] {
  return [...rowsByCustomer(data, cutoff)].map(({ customer, from, to }) => {
    const firstDay = data.day[from] as number;
    const repeats = to - from - 1;
    let sum = 0;
    for (let row = from + 1; row < to; row++) sum += data.amount[row] as number;
    return {
      customer,
      history: { repeats, lastAt: (data.day[to - 1] as number) - firstDay, observed: cutoff - firstDay },
      repeatMean: repeats > 0 ? sum / repeats : undefined,
    };
  });
}

function spendOf(parameters: GammaGammaParameters, { repeats }: PurchaseHistory, mean: number | undefined): number {
  return expectedSpend(parameters, mean === undefined ? { purchases: 0, mean: 0 } : { purchases: repeats, mean });
}
