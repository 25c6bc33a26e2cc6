/**
 * Intervals that hold what they say. A model's own leave out what it does not know of itself (that its seasons and its smoothing are
 * estimates), so they are widened or narrowed by how far earlier forecasts were off: conformal prediction with scores that are the error
 * beside the model's own width (Lei et al. 2018), whose level follows what was held so far (Gibbs & Candès 2021). Pure.
 */

/** Half widths in logarithms, a step each. */
export interface Widths {
  readonly narrow: readonly number[];
  readonly wide: readonly number[];
}

interface Given {
  /** The place in the series of the first day ahead. */
  readonly origin: number;
  readonly point: readonly number[];
  readonly own: readonly number[];
  readonly widths: Widths;
  /** By scores, not yet the model's own. */
  readonly calibrated: boolean;
  /** Steps whose day is over. */
  learnt: number;
}

const LEVELS = [0.8, 0.95] as const;
/** The normal distribution's 95 % beside its 80 %. */
const WIDE_OVER_NARROW = 1.959964 / 1.281552;
/** How far a day moves the levels, all forecasts of it together. */
const RATE = 0.05;
/** Beyond them a level follows no further: the widest error there was is all that can be known. */
const [LEAST_LEVEL, MOST_LEVEL] = [0.3, 0.999];
/** Beside it a model that claims to be exact is taken at its errors. */
const LEAST_WIDTH = 1e-6;

export class AdaptiveIntervals {
  readonly #forecastsOfADay: number;
  readonly #leastDays: number;
  readonly #given: Given[] = [];
  readonly #days = new Set<number>();
  readonly #levels: [number, number] = [...LEVELS];
  /** Ascending. */
  #scores: number[] = [];

  /**
   * @param forecastsOfADay In how many forecasts a day is, more or less.
   * @param leastDays With the errors of fewer days the model's own widths are given.
   */
  constructor(forecastsOfADay: number, leastDays: number) {
    this.#forecastsOfADay = forecastsOfADay;
    this.#leastDays = leastDays;
  }

  /** Learns from the days before `end` what has not been learnt yet. `values` are NaN on days that count in no error. */
  learn(values: readonly number[], end: number): void {
    const fresh: number[] = [];
    for (const given of this.#given)
      for (; given.learnt < given.point.length && given.origin + given.learnt < end; given.learnt++) {
        const value = values[given.origin + given.learnt] as number;
        if (!Number.isNaN(value)) fresh.push(this.#learnOne(given, given.learnt, value));
      }
    this.#scores = [...this.#scores, ...fresh].sort((left, right) => left - right);
  }

  #learnOne({ origin, point, own, widths, calibrated }: Given, step: number, value: number): number {
    const error = Math.abs(Math.log(value) - (point[step] as number));
    this.#days.add(origin + step);
    if (calibrated)
      [widths.narrow, widths.wide].forEach((width, place) => {
        const level = LEVELS[place] as number;
        const moved = (RATE / this.#forecastsOfADay) * (error <= (width[step] as number) ? level - 1 : level);
        this.#levels[place] = Math.min(MOST_LEVEL, Math.max(LEAST_LEVEL, (this.#levels[place] as number) + moved));
      });
    return error / Math.max(own[step] as number, LEAST_WIDTH);
  }

  /** The half widths of a forecast in logarithms from `origin` on, of which `own` are the model's own for 80 %; its errors will be learnt from. */
  give(origin: number, point: readonly number[], own: readonly number[]): Widths {
    const calibrated = this.#days.size >= this.#leastDays;
    const narrow = calibrated ? this.#quantile(this.#levels[0]) : 1;
    const wide = calibrated ? this.#quantile(this.#levels[1]) : WIDE_OVER_NARROW;
    const times = (factor: number): number[] => own.map((width) => factor * Math.max(width, LEAST_WIDTH));
    const widths = { narrow: times(narrow), wide: times(Math.max(narrow, wide)) };
    this.#given.push({ origin, point, own, widths, calibrated, learnt: 0 });
    return widths;
  }

  /** With the correction for few days, not for few scores: forecasts of one day are off together. */
  #quantile(level: number): number {
    const rank = Math.ceil(level * (1 + 1 / this.#days.size) * this.#scores.length);
    return this.#scores[Math.min(rank, this.#scores.length) - 1] as number;
  }
}
