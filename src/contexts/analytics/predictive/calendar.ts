import { TooLittleData } from './purchases';

/** Revenue by day as a forecast wants it: without the days on which a shop is closed. Pure. */

export interface DayRevenue {
  /** Days since 1970-01-01. */
  readonly day: number;
  /** Minor units; above 0. */
  readonly amount: number;
}

export interface Series {
  /** Every day of a weekday that the shop is open on, from the first sale to the last. */
  readonly days: readonly number[];
  /** What was sold on them; NaN on a day of an open weekday without a sale. */
  readonly values: readonly number[];
  /** 0 is Sunday. */
  readonly openWeekdays: readonly number[];
  readonly daysWithoutSale: number;
}

/** A pause without a single sale that is longer is the end of one history and the beginning of another. */
export const LONGEST_PAUSE_DAYS = 60;
/** A weekday without a sale in as many weeks is a day on which the shop is closed. */
const WEEKS_TO_CLOSE = 12;

/** 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;

/**
 * The stretch of days, without a pause of more than sixty, that has the most days with a sale; the later of two alike. A file of
 * years ago and the first orders of today are not one history. Throws TooLittleData when there is no day at all.
 */
export function longestStretch(days: Iterable<number>): { readonly first: number; readonly last: number } {
  const sorted = [...new Set(days)].sort((left, right) => left - right);
  let best: { first: number; last: number; count: number } | undefined;
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (to + 1 < sorted.length && (sorted[to + 1] as number) - (sorted[to] as number) <= LONGEST_PAUSE_DAYS) to++;
    const count = to - from + 1;
    if (!best || count >= best.count) best = { first: sorted[from] as number, last: sorted[to] as number, count };
    from = to + 1;
  }
  if (!best) throw new TooLittleData('Nothing has been sold yet');
  return { first: best.first, last: best.last };
}

/** Puts revenue on a calendar. Days beyond `first` and `last` are left out. */
export function toSeries(revenue: Iterable<DayRevenue>, { first, last }: { first: number; last: number }): Series {
  const byDay = new Map<number, number>();
  for (const { day, amount } of revenue)
    if (day >= first && day <= last && amount > 0) byDay.set(day, (byDay.get(day) ?? 0) + amount);
  const openWeekdays = [0, 1, 2, 3, 4, 5, 6].filter((weekday) =>
    [...byDay.keys()].some((day) => weekdayOf(day) === weekday && last - day < 7 * WEEKS_TO_CLOSE),
  );
  const open = new Set(openWeekdays);
  const days: number[] = [];
  for (let day = first; day <= last; day++) if (open.has(weekdayOf(day))) days.push(day);
  const values = days.map((day) => byDay.get(day) ?? NaN);
  return { days, values, openWeekdays, daysWithoutSale: values.filter(Number.isNaN).length };
}

/**
 * Fills days without a sale (holidays, most of them) by the mean of the two nearest of the same weekday, so that a model of seasons
 * has a value for each. Nothing beyond the values given is looked at.
 */
export function fillGaps(values: readonly number[], season: number): number[] {
  return values.map((value, index) => {
    if (!Number.isNaN(value)) return value;
    const near: number[] = [];
    for (let step = season; near.length < 2 && step < values.length; step += season)
      for (const other of [values[index - step], values[index + step]])
        if (other !== undefined && !Number.isNaN(other) && near.length < 2) near.push(other);
    const known = near.length > 0 ? near : values.filter((one) => !Number.isNaN(one));
    return known.reduce((sum, one) => sum + one, 0) / known.length;
  });
}

/** The next days after `last` on which the shop is open, `count` days of the calendar ahead. */
export function openDaysAfter(last: number, count: number, openWeekdays: readonly number[]): number[] {
  return Array.from({ length: count }, (_, step) => last + 1 + step).filter((day) =>
    openWeekdays.includes(weekdayOf(day)),
  );
}
