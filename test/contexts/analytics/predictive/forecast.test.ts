import fc from 'fast-check';
import {
  fillGaps,
  longestStretch,
  openDaysAfter,
  toSeries,
  weekdayOf,
} from '../../../../src/contexts/analytics/predictive/calendar';
import { trainForecast } from '../../../../src/contexts/analytics/predictive/forecast';
import { loadMstl } from '../../../../src/contexts/analytics/predictive/mstl';
import { toDate, toDay } from '../../../../src/contexts/analytics/predictive/purchases';
import { Random } from '../../../support/random';

const MONDAY = toDay('2024-01-01');
const SATURDAY = 6;

/** Revenue with a weekly shape, noise of a tenth, no Saturdays, and closed from Christmas to the new year. */
function revenue(weeks: number, shape: readonly number[] = [2, 5, 4, 4, 6, 8, 0]): { day: number; amount: number }[] {
  const random = new Random(4);
  return Array.from({ length: weeks * 7 }, (_, step) => MONDAY + step)
    .filter((day) => shape[weekdayOf(day)] !== 0 && !toDate(day).includes('-12-2'))
    .map((day) => ({ day, amount: Math.round(10_000 * shape[weekdayOf(day)]! * (0.9 + 0.2 * random.next())) }));
}

describe('the calendar', () => {
  test('knows weekdays, and goes from dates to days and back', () => {
    expect(weekdayOf(MONDAY)).toBe(1);
    expect(weekdayOf(toDay('1969-12-28'))).toBe(0);
    fc.assert(fc.property(fc.integer({ min: -10_000, max: 40_000 }), (day) => toDay(toDate(day)) === day));
  });

  test('keeps the longest history that no long pause interrupts', () => {
    expect(longestStretch([1, 2, 50, 400, 401])).toEqual({ first: 1, last: 50 });
    expect(longestStretch([1, 2, 400, 401])).toEqual({ first: 400, last: 401 });
    expect(() => longestStretch([])).toThrow('Nothing has been sold yet');
  });

  test('leaves out the weekdays on which nothing is sold, and counts other days without a sale', () => {
    const series = toSeries(revenue(60), { first: MONDAY, last: MONDAY + 60 * 7 - 1 });
    expect(series.openWeekdays).toEqual([0, 1, 2, 3, 4, 5]);
    expect(series.days.every((day) => weekdayOf(day) !== SATURDAY)).toBe(true);
    expect(series.daysWithoutSale).toBe(8);
    expect(openDaysAfter(MONDAY + 3, 3, series.openWeekdays)).toEqual([MONDAY + 4, MONDAY + 6]);
  });

  test('fills a gap from the nearest of the same weekday, and changes nothing else', () => {
    expect(fillGaps([1, 10, 3, NaN, 5, 30], 2)).toEqual([1, 10, 3, 20, 5, 30]);
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 1, max: 99 })), { minLength: 1 }),
        fc.integer({ min: 1, max: 7 }),
        (values, season) => {
          fc.pre(values.some((value) => value !== null));
          const filled = fillGaps(
            values.map((value) => value ?? NaN),
            season,
          );
          values.forEach((value, index) => value !== null && expect(filled[index]).toBe(value));
          for (const value of filled) expect(value >= 1 && value <= 99).toBe(true);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('the forecast of revenue', () => {
  test('follows the week, beats the week before, and keeps its promise of the intervals', async () => {
    const { days, evaluation, periods, remarks } = trainForecast(revenue(50), await loadMstl(), { horizonDays: 14 });
    expect(periods).toEqual([6]);
    expect(days).toHaveLength(14);
    expect(days[0]!.date).toBe('2024-12-16');
    for (const { date, amount, lower80, upper80, lower95, upper95 } of days) {
      const shape = [2, 5, 4, 4, 6, 8, 0][weekdayOf(toDay(date))]!;
      expect(Math.abs(amount - 10_000 * shape)).toBeLessThanOrEqual(1_000 * shape);
      expect(lower95 <= lower80 && lower80 <= amount && amount <= upper80 && upper80 <= upper95).toBe(true);
    }
    expect(evaluation.model.meanAbsolutePercentageError).toBeLessThan(0.08);
    expect(evaluation.skill).toBeGreaterThan(0.1);
    expect(evaluation.coverage80).toBeGreaterThan(0.65);
    expect(evaluation.coverage95).toBeGreaterThan(evaluation.coverage80);
    expect(remarks.join(' ')).toContain('Nothing is sold on Saturdays');
  });

  test('knows the year where two years are known', async () => {
    const { periods } = trainForecast(revenue(110, [1, 0, 0, 3, 0, 0, 0]), await loadMstl(), { horizonDays: 7 });
    expect(periods).toEqual([2, 104]);
  });

  test('says what is missing where there are few weeks, or few sales in them', async () => {
    const mstl = await loadMstl();
    expect(() => trainForecast([], mstl)).toThrow('Nothing has been sold yet');
    expect(() => trainForecast(revenue(6), mstl)).toThrow(/Sales reach over 6 weeks, with \d+ days of sale; 12 weeks/);
    const rare = revenue(30).filter((_, index) => index % 20 === 0);
    expect(() => trainForecast(rare, mstl)).toThrow(/with a sale on most days are needed/);
  });

  test('admits it when it does worse than the week before', async () => {
    // A week is worth what the one before was, or ten times that, and stays so for a long while: a level that steps, which the last
    // week follows at once.
    const steps = revenue(40).map(({ day, amount }) => ({ day, amount: amount * (day < MONDAY + 30 * 7 ? 1 : 10) }));
    const { evaluation, remarks } = trainForecast(steps, slow(await loadMstl()), { horizonDays: 14 });
    expect(evaluation.skill).toBeLessThan(0);
    expect(remarks).toContain('It did worse than the same weekday of the week before.');
  });
});

/** A model that has seen only the first twenty weeks, whatever it is fitted to. */
function slow(seasonal: Awaited<ReturnType<typeof loadMstl>>): typeof seasonal {
  return (periods) => {
    const model = seasonal(periods);
    return {
      fit: (values) => model.fit([...values].slice(0, 20 * 6)),
      predict: (count, level) => model.predict(count, level),
      free: () => model.free(),
    };
  };
}
