import { LogisticRegression, type LogisticParameters } from '../../../core';
import { sigmoid } from '../../../core/logistic/newton';
import { areaUnderCurve, brierScore, deciles, logLoss, type Decile } from './classification';
import { CHURN_FEATURES, featuresAt, type CustomerFeatures } from './churn-features';
import { spanOf, toDate, TooLittleData, type PurchaseDays } from './purchases';

/**
 * Churn: how likely it is that a customer buys nothing in the days ahead. Logistic regression on what is known at a cutoff, its
 * probabilities set right by Platt's scaling (Platt 1999) of scores from outside of each fold, and judged on a later cutoff that it
 * has not seen. Pure and deterministic.
 */

export interface ChurnOptions {
  /** Churned is who buys nothing in so many days. */
  readonly aheadDays: number;
  /** Who has bought nothing for as long as this has gone already, and is not asked about. */
  readonly activeDays: number;
}

export const CHURN_DEFAULTS: ChurnOptions = { aheadDays: 60, activeDays: 365 };

export interface ChurnParameters {
  readonly logistic: LogisticParameters;
  /** The probability is sigmoid(slope · log-odds + intercept). */
  readonly calibration: { readonly slope: number; readonly intercept: number };
  readonly penalty: number;
}

export interface ChurnEvaluation {
  readonly trainedAt: string;
  readonly testedAt: string;
  readonly aheadDays: number;
  readonly trainedOn: number;
  readonly testedOn: number;
  readonly churnRate: number;
  readonly areaUnderCurve: number;
  /** Of the days since the last purchase alone: what a list sorted by that would reach. */
  readonly areaUnderCurveOfRecency: number;
  readonly brier: number;
  /** Of the churn rate of the training, said of everybody. */
  readonly brierOfRate: number;
  readonly logLoss: number;
  /** 1 − brier / brierOfRate. */
  readonly skill: number;
  readonly deciles: readonly Decile[];
}

export interface ChurnScore {
  readonly customer: string;
  readonly probability: number;
  readonly daysSinceLast: number;
}

export interface ChurnModel {
  readonly parameters: ChurnParameters;
  /** The weights of the standardised features, by name: above 0 makes churn likelier. */
  readonly weights: Readonly<Record<string, number>>;
  readonly evaluation: ChurnEvaluation;
  readonly scores: readonly ChurnScore[];
}

const FOLDS = 5;
const PENALTIES = [0.1, 1, 10, 100] as const;
const LEAST_OF_EACH = 30;

/** Trains at one cutoff, tests at the next, then trains at that one too and says of everybody how likely they are to go. Throws TooLittleData. */
export function trainChurn(
  data: PurchaseDays,
  { aheadDays, activeDays }: ChurnOptions = CHURN_DEFAULTS,
  onProgress: (share: number) => void = () => undefined,
): ChurnModel {
  const { first, last } = spanOf(data);
  const [testAt, trainAt] = [last - aheadDays, last - 2 * aheadDays];
  if (trainAt - first < aheadDays)
    throw new TooLittleData(
      `The purchases reach over ${last - first + 1} days; ${3 * aheadDays + 1} are needed to train, to test and to look back`,
    );
  const at = (cutoff: number): CustomerFeatures[] => featuresAt(data, { cutoff, activeDays, ahead: aheadDays, last });
  const [train, test] = [at(trainAt), at(testAt)];
  const fitted = fit(train);
  onProgress(0.5);
  const evaluation = evaluate(fitted, train, test, { trainAt, testAt, aheadDays });
  const parameters = fit(test);
  onProgress(0.9);
  const probability = probabilityBy(parameters);
  const scores = at(last).map(({ customer, features }) => ({
    customer: data.customers[customer] as string,
    probability: probability(features),
    daysSinceLast: Math.round(Math.expm1(features[0] as number)),
  }));
  const weights = Object.fromEntries(
    CHURN_FEATURES.map((name, index) => [name, parameters.logistic.weights[index] as number]),
  );
  return { parameters, weights, evaluation, scores };
}

/** The calibrated probability that a customer with certain features goes. */
function probabilityBy({
  logistic,
  calibration: { slope, intercept },
}: ChurnParameters): (features: ArrayLike<number>) => number {
  const model = LogisticRegression.from(logistic);
  return (features) => sigmoid(slope * model.logOdds(features) + intercept);
}

/** Chooses the penalty by the scores of customers left out, and sets the probabilities right by the same scores. */
function fit(rows: readonly CustomerFeatures[]): ChurnParameters {
  const labels = labelsOf(rows);
  const churned = labels.reduce((sum, one) => sum + one, 0);
  if (Math.min(churned, rows.length - churned) < LEAST_OF_EACH)
    throw new TooLittleData(
      `${churned} of ${rows.length} customers bought nothing afterwards; ${LEAST_OF_EACH} who did not and ${LEAST_OF_EACH} who did are needed`,
    );
  const features = rows.map((row) => row.features);
  const tried = PENALTIES.map((penalty) => {
    const scores = outOfFold(rows, penalty);
    return { penalty, scores, loss: logLoss(scores.map(sigmoid), labels) };
  });
  const { penalty, scores } = tried.reduce((best, one) => (one.loss < best.loss ? one : best));
  const platt = LogisticRegression.fit(
    scores.map((one) => [one]),
    labels,
    { penalty: 1e-3 },
  );
  const intercept = platt.logOdds([0]);
  return {
    logistic: LogisticRegression.fit(features, labels, { penalty }).parameters,
    calibration: { slope: platt.logOdds([1]) - intercept, intercept },
    penalty,
  };
}

/** The log-odds of each customer by a model that has not seen them. Folds go by the customer's number, whatever the order. */
function outOfFold(rows: readonly CustomerFeatures[], penalty: number): number[] {
  const scores = new Array<number>(rows.length).fill(0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = rows.filter(({ customer }) => foldOf(customer) !== fold);
    if (others.length === 0) continue;
    const model = LogisticRegression.fit(
      others.map((row) => row.features),
      labelsOf(others),
      { penalty },
    );
    rows.forEach(({ customer, features }, index) => {
      if (foldOf(customer) === fold) scores[index] = model.logOdds(features);
    });
  }
  return scores;
}

/** Mixed, so that customers who are near each other in the list do not fall together (Knuth's multiplicative hash). */
const foldOf = (customer: number): number => (Math.imul(customer + 1, 2_654_435_761) >>> 8) % FOLDS;

const labelsOf = (rows: readonly CustomerFeatures[]): number[] => rows.map(({ churned }) => churned ?? 0);

function evaluate(
  parameters: ChurnParameters,
  train: readonly CustomerFeatures[],
  test: readonly CustomerFeatures[],
  { trainAt, testAt, aheadDays }: { trainAt: number; testAt: number; aheadDays: number },
): ChurnEvaluation {
  const labels = labelsOf(test);
  const probability = probabilityBy(parameters);
  const probabilities = test.map(({ features }) => probability(features));
  const rate = (of: readonly number[]): number => of.reduce((sum, one) => sum + one, 0) / of.length;
  const brier = brierScore(probabilities, labels);
  const trainRate = rate(labelsOf(train));
  const brierOfRate = brierScore(new Array<number>(test.length).fill(trainRate), labels);
  return {
    trainedAt: toDate(trainAt),
    testedAt: toDate(testAt),
    aheadDays,
    trainedOn: train.length,
    testedOn: test.length,
    churnRate: rate(labels),
    areaUnderCurve: areaUnderCurve(probabilities, labels),
    areaUnderCurveOfRecency: areaUnderCurve(
      test.map(({ features }) => features[0] as number),
      labels,
    ),
    brier,
    brierOfRate,
    logLoss: logLoss(probabilities, labels),
    skill: brierOfRate === 0 ? 0 : 1 - brier / brierOfRate,
    deciles: deciles(probabilities, labels),
  };
}
