import { longestStretch, type DayRevenue } from './calendar';
import { CHURN_DEFAULTS, trainChurn, type ChurnModel, type ChurnOptions } from './churn';
import { FORECAST_DEFAULTS, trainForecast, type ForecastOptions } from './forecast';
import {
  LIFETIME_VALUE_DEFAULTS,
  trainLifetimeValue,
  type LifetimeValueModel,
  type LifetimeValueOptions,
} from './lifetime-value';
import type { SeasonalModel } from './mstl';
import { toDate, TooLittleData, type PurchaseDays } from './purchases';

/** What is learnt in one training, as the registry keeps it. Pure but for the model of seasons that is handed in. */

export interface Facts {
  readonly purchases: PurchaseDays;
  readonly revenue: readonly DayRevenue[];
}

export interface LearningOptions {
  readonly clv: LifetimeValueOptions;
  readonly churn: ChurnOptions;
  readonly forecast: ForecastOptions;
}

export const LEARNING_DEFAULTS: LearningOptions = {
  clv: LIFETIME_VALUE_DEFAULTS,
  churn: CHURN_DEFAULTS,
  forecast: FORECAST_DEFAULTS,
};

/** What a model says of a customer; `value` is what they are sorted by. */
export interface LearntScore {
  readonly customer: string;
  readonly value: number;
  readonly detail: Readonly<Record<string, number>>;
}

export interface Learnt {
  readonly skill: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metrics: Readonly<Record<string, unknown>>;
  readonly artefact: Readonly<Record<string, unknown>>;
  readonly scores: readonly LearntScore[];
}

/** A model, or why there is none. */
export type Lesson = { readonly learnt: Learnt } | { readonly missing: string };

/** Learns one kind of model. */
export type Teacher = (facts: Facts, options: LearningOptions, onProgress: (share: number) => void) => Lesson;

const attempt = (learn: () => Learnt): Lesson => {
  try {
    return { learnt: learn() };
  } catch (error) {
    if (error instanceof TooLittleData) return { missing: error.message };
    throw error;
  }
};

export const learnClv: Teacher = ({ purchases }, { clv }, onProgress) =>
  attempt(() => {
    const own = withinStretch(purchases);
    const model = trainLifetimeValue(own.data, clv, onProgress);
    return {
      skill: model.evaluation.skill,
      parameters: { ...clv, bgNbd: model.purchases.parameters, gammaGamma: model.spending.parameters },
      metrics: { ...model.evaluation },
      artefact: { ...own.days, ...summaryOfValues(model), remarks: model.remarks },
      scores: model.values.map(({ customer, value, ...detail }) => ({ customer, value, detail })),
    };
  });

export const learnChurn: Teacher = ({ purchases }, { churn }, onProgress) =>
  attempt(() => {
    const own = withinStretch(purchases);
    const model = trainChurn(own.data, churn, onProgress);
    return {
      skill: model.evaluation.skill,
      parameters: { ...churn, ...model.parameters },
      metrics: { ...model.evaluation },
      artefact: { ...own.days, ...summaryOfChurn(model), weights: model.weights, remarks: remarksOnChurn(model) },
      scores: model.scores.map(({ customer, probability, daysSinceLast }) => ({
        customer,
        value: probability,
        detail: { daysSinceLast },
      })),
    };
  });

export const learnForecast =
  (seasonal: (periods: readonly number[]) => SeasonalModel): Teacher =>
  ({ revenue }, { forecast }, onProgress) =>
    attempt(() => {
      const { evaluation, periods, ...artefact } = trainForecast(revenue, seasonal, forecast, onProgress);
      return {
        skill: evaluation.skill,
        parameters: { ...forecast, periods, transform: 'log', trend: 'ets', intervals: 'conformal' },
        metrics: { ...evaluation },
        artefact,
        scores: [],
      };
    });

/** The purchases of the longest history without a long pause: see longestStretch. */
function withinStretch(all: PurchaseDays): {
  readonly data: PurchaseDays;
  readonly days: { readonly from: string; readonly through: string };
} {
  const { first, last } = longestStretch(all.day);
  const rows = Array.from(all.day.keys()).filter((row) => {
    const day = all.day[row] as number;
    return day >= first && day <= last;
  });
  const data = {
    customers: all.customers,
    customer: Uint32Array.from(rows, (row) => all.customer[row] as number),
    day: Int32Array.from(rows, (row) => all.day[row] as number),
    amount: Float64Array.from(rows, (row) => all.amount[row] as number),
  };
  return { data, days: { from: toDate(first), through: toDate(last) } };
}

/** All customers together, and in tenths from the most valuable to the least. */
function summaryOfValues({ values }: LifetimeValueModel): Readonly<Record<string, unknown>> {
  const sorted = [...values].sort((left, right) => right.value - left.value);
  const sum = (of: typeof sorted): number => of.reduce((total, { value }) => total + value, 0);
  const total = sum(sorted);
  const tenths = Math.min(10, sorted.length);
  return {
    customers: sorted.length,
    totalValue: total,
    meanProbabilityAlive: sorted.reduce((all, one) => all + one.probabilityAlive, 0) / sorted.length,
    deciles: Array.from({ length: tenths }, (_, tenth) => {
      const [from, to] = [tenth, tenth + 1].map((edge) => Math.floor((edge * sorted.length) / tenths));
      const part = sorted.slice(from, to);
      const value = sum(part);
      return { decile: tenth + 1, customers: part.length, value, share: total === 0 ? 0 : value / total };
    }),
  };
}

/** How many customers are how likely to go, and how many of them are expected to. */
function summaryOfChurn({ scores }: ChurnModel): Readonly<Record<string, unknown>> {
  const bandOf = (probability: number): number => Math.min(4, Math.floor(probability * 5));
  return {
    customers: scores.length,
    expectedToChurn: scores.reduce((sum, { probability }) => sum + probability, 0),
    bands: [0, 1, 2, 3, 4].map((band) => ({
      from: band / 5,
      to: (band + 1) / 5,
      customers: scores.filter(({ probability }) => bandOf(probability) === band).length,
    })),
  };
}

function remarksOnChurn({ evaluation: { areaUnderCurve, areaUnderCurveOfRecency, skill } }: ChurnModel): string[] {
  return [
    ...(areaUnderCurve <= areaUnderCurveOfRecency
      ? ['It ranks customers no better than the days since their last purchase alone.']
      : []),
    ...(skill < 0 ? ['Its probabilities are worse than the same rate said of everybody.'] : []),
  ];
}
