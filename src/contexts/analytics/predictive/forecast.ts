import { fillGaps, longestStretch, openDaysAfter, toSeries, type DayRevenue, type Series } from './calendar';
import { AdaptiveIntervals, type Widths } from './intervals';
import type { SeasonalModel } from './mstl';
import { toDate, TooLittleData } from './purchases';

/**
 * A forecast of daily revenue: MSTL on the logarithm, so that a forecast is never below nothing and a good week counts by its
 * share, with a season of the week's open days, and of the year where two years are known. Judged by a rolling origin, whose errors also
 * set the width of its intervals.
 */

export interface ForecastOptions {
  /** Days of the calendar ahead. */
  readonly horizonDays: number;
}

export const FORECAST_DEFAULTS: ForecastOptions = { horizonDays: 28 };

/** Minor units; closed days are 0 with intervals of 0. */
export interface ForecastDay {
  readonly date: string;
  readonly amount: number;
  readonly lower80: number;
  readonly upper80: number;
  readonly lower95: number;
  readonly upper95: number;
}

/** Errors of a way to forecast, over all origins and days with a sale. */
export interface ForecastErrors {
  /** Mean absolute percentage error: 0.25 is 25 %. */
  readonly meanAbsolutePercentageError: number;
  /** The sum of the absolute errors, beside the sum of what was sold. */
  readonly weightedAbsolutePercentageError: number;
  /** The sum of the errors, beside the sum of what was sold: above 0 is too much. */
  readonly bias: number;
}

export interface ForecastEvaluation {
  readonly origins: number;
  readonly firstOrigin: string;
  readonly lastOrigin: string;
  readonly days: number;
  readonly model: ForecastErrors;
  /** What was sold on the same weekday of the week before. */
  readonly seasonalNaive: ForecastErrors;
  /** How many of the days were within the intervals of 80 % and 95 %, which knew only what was before them. */
  readonly coverage80: number;
  readonly coverage95: number;
  /** Days that these two are counted on: those of the later half of the origins. A day is in several forecasts. */
  readonly coverageDays: number;
  /** 1 − weighted error / weighted error of the naive. */
  readonly skill: number;
}

export interface ForecastModel {
  readonly periods: readonly number[];
  readonly openWeekdays: readonly number[];
  readonly daysWithoutSale: number;
  readonly from: string;
  readonly through: string;
  readonly evaluation: ForecastEvaluation;
  readonly days: readonly ForecastDay[];
  readonly remarks: readonly string[];
}

const LEAST_WEEKS = 12;
const MOST_ORIGINS = 60;
const WEEKDAYS = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];

type Seasonal = (periods: readonly number[]) => SeasonalModel;

/** Fits, tests and forecasts from the end of the data. Throws TooLittleData. */
export function trainForecast(
  revenue: readonly DayRevenue[],
  seasonal: Seasonal,
  { horizonDays }: ForecastOptions = FORECAST_DEFAULTS,
  onProgress: (share: number) => void = () => undefined,
): ForecastModel {
  const stretch = longestStretch(revenue.map(({ day }) => day));
  const series = toSeries(revenue, stretch);
  const weeks = (stretch.last - stretch.first + 1) / 7;
  if (weeks < LEAST_WEEKS || series.values.length - series.daysWithoutSale < series.openWeekdays.length * 8)
    throw new TooLittleData(
      `Sales reach over ${Math.floor(weeks)} weeks, with ${series.values.length - series.daysWithoutSale} days of sale; ` +
        `${LEAST_WEEKS} weeks with a sale on most days are needed`,
    );
  const season = series.openWeekdays.length;
  const year = Math.round((season * 365.25) / 7);
  const twoYears = series.values.length - stepsOf(horizonDays, season) >= 2 * year;
  const periods = [...(season > 1 ? [season] : []), ...(twoYears ? [year] : [])];
  const { evaluation, intervals } = backtest(series, seasonal, periods, horizonDays, onProgress);
  const ahead = openDaysAfter(stretch.last, horizonDays, series.openWeekdays);
  const predicted = new Map(ahead.map((day, index) => [day, index]));
  const made = predict(series.values, seasonal, periods, season, ahead.length);
  const money = toMoney(made.point, intervals.give(series.values.length, made.point, made.own));
  const days = Array.from({ length: horizonDays }, (_, step) => {
    const day = stretch.last + 1 + step;
    const index = predicted.get(day);
    const at = (values: readonly number[]): number => (index === undefined ? 0 : Math.round(values[index] as number));
    return {
      date: toDate(day),
      amount: at(money.point),
      lower80: at(money.lower80),
      upper80: at(money.upper80),
      lower95: at(money.lower95),
      upper95: at(money.upper95),
    };
  });
  return {
    periods,
    openWeekdays: series.openWeekdays,
    daysWithoutSale: series.daysWithoutSale,
    from: toDate(stretch.first),
    through: toDate(stretch.last),
    evaluation,
    days,
    remarks: remarksOn(series, evaluation),
  };
}

/** How many open days are so many days of the calendar, more or less. */
const stepsOf = (horizonDays: number, season: number): number => Math.max(1, Math.round((horizonDays * season) / 7));

/** In logarithms: the forecast, and half the width of the interval that the model itself takes for 80 %. */
interface Prediction {
  readonly point: readonly number[];
  readonly own: readonly number[];
}

function predict(
  values: readonly number[],
  seasonal: Seasonal,
  periods: readonly number[],
  season: number,
  count: number,
): Prediction {
  const model = seasonal(periods);
  try {
    model.fit(fillGaps(values, season).map(Math.log));
    const { point, intervals } = model.predict(count, 0.8);
    const own = (step: number): number =>
      ((intervals?.upper[step] ?? Number.NaN) - (intervals?.lower[step] ?? Number.NaN)) / 2;
    // A series too short or too even for a width of its own has none: its errors say how wide it is.
    return { point: Array.from(point), own: Array.from(point, (_, step) => own(step) || 0) };
  } finally {
    model.free();
  }
}

interface Amounts {
  readonly point: readonly number[];
  readonly lower80: readonly number[];
  readonly upper80: readonly number[];
  readonly lower95: readonly number[];
  readonly upper95: readonly number[];
}

/** Back to money. What no double can hold is not a forecast, and the last value may be as far off as it likes. */
function toMoney(point: readonly number[], { narrow, wide }: Widths): Amounts {
  const at = (sign: -1 | 0 | 1, widths: readonly number[]): number[] =>
    point.map((log, step) => Math.min(Math.exp(log + sign * (widths[step] as number)), Number.MAX_SAFE_INTEGER));
  return {
    point: at(0, narrow),
    lower80: at(-1, narrow),
    upper80: at(1, narrow),
    lower95: at(-1, wide),
    upper95: at(1, wide),
  };
}

/** Forecasts from up to sixty earlier ends of the data, each as if nothing after it were known. */
function backtest(
  { days, values, openWeekdays }: Series,
  seasonal: Seasonal,
  periods: readonly number[],
  horizonDays: number,
  onProgress: (share: number) => void,
): { readonly evaluation: ForecastEvaluation; readonly intervals: AdaptiveIntervals } {
  const season = openWeekdays.length;
  const ahead = stepsOf(horizonDays, season);
  const [latest, least] = [values.length - ahead, Math.max(6 * season, 2 * Math.max(0, ...periods))];
  const stride = Math.max(1, Math.ceil((latest - least) / (MOST_ORIGINS - 1)));
  const origins: number[] = [];
  for (let origin = latest; origin >= least; origin -= stride) origins.unshift(origin);
  if (origins.length === 0) throw new TooLittleData('There are too few weeks to hold some back');
  const intervals = new AdaptiveIntervals(Math.max(1, ahead / stride), season);
  const [model, naive, held] = [new Errors(), new Errors(), new Coverage()];
  origins.forEach((origin, turn) => {
    intervals.learn(values, origin);
    const known = values.slice(0, origin);
    const made = predict(known, seasonal, periods, season, ahead);
    const amounts = toMoney(made.point, intervals.give(origin, made.point, made.own));
    const filled = fillGaps(known, season);
    for (let step = 0; step < ahead; step++) {
      const actual = values[origin + step] as number;
      if (Number.isNaN(actual)) continue;
      model.add(actual, amounts.point[step] as number);
      naive.add(actual, filled[origin - season + (step % season)] as number);
      if (turn >= Math.floor(origins.length / 2)) held.add(origin + step, actual, amounts, step);
    }
    onProgress((turn + 1) / (origins.length + 1));
  });
  intervals.learn(values, values.length);
  const [ofModel, ofNaive] = [model.summary(), naive.summary()];
  const dayBefore = (origin: number): string => toDate(days[origin - 1] as number);
  const evaluation = {
    origins: origins.length,
    firstOrigin: dayBefore(origins[0] as number),
    lastOrigin: dayBefore(origins.at(-1) as number),
    days: model.count,
    model: ofModel,
    seasonalNaive: ofNaive,
    ...held.summary(),
    skill: 1 - ofModel.weightedAbsolutePercentageError / ofNaive.weightedAbsolutePercentageError,
  };
  return { evaluation, intervals };
}

/** How many outcomes the intervals held, and on how many days they were. */
class Coverage {
  readonly #days = new Set<number>();
  #count = 0;
  #within80 = 0;
  #within95 = 0;

  add(day: number, actual: number, { lower80, upper80, lower95, upper95 }: Amounts, step: number): void {
    const within = (lower: readonly number[], upper: readonly number[]): number =>
      (lower[step] as number) <= actual && actual <= (upper[step] as number) ? 1 : 0;
    this.#days.add(day);
    this.#count++;
    this.#within80 += within(lower80, upper80);
    this.#within95 += within(lower95, upper95);
  }

  summary(): Pick<ForecastEvaluation, 'coverage80' | 'coverage95' | 'coverageDays'> {
    return {
      coverage80: this.#within80 / this.#count,
      coverage95: this.#within95 / this.#count,
      coverageDays: this.#days.size,
    };
  }
}

class Errors {
  count = 0;
  #sold = 0;
  #absolute = 0;
  #relative = 0;
  #signed = 0;

  add(actual: number, forecast: number): void {
    this.count++;
    this.#sold += actual;
    this.#absolute += Math.abs(forecast - actual);
    this.#relative += Math.abs(forecast - actual) / actual;
    this.#signed += forecast - actual;
  }

  summary(): ForecastErrors {
    return {
      meanAbsolutePercentageError: this.#relative / this.count,
      weightedAbsolutePercentageError: this.#absolute / this.#sold,
      bias: this.#signed / this.#sold,
    };
  }
}

function remarksOn({ openWeekdays, daysWithoutSale }: Series, { skill }: ForecastEvaluation): string[] {
  const closed = WEEKDAYS.filter((_, weekday) => !openWeekdays.includes(weekday));
  return [
    ...(closed.length > 0
      ? [`Nothing is sold on ${closed.join(' and ')}: they are forecast as 0 and count in no error.`]
      : []),
    ...(daysWithoutSale > 0
      ? [`Other days without a sale: ${daysWithoutSale}. They were filled in for the fit, and count in no error.`]
      : []),
    ...(skill < 0 ? ['It did worse than the same weekday of the week before.'] : []),
  ];
}
