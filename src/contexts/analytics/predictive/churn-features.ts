import { rowsByCustomer, type PurchaseDays } from './purchases';

/** What is known of a customer on a day, in numbers, without a look at anything after it. Pure. */

/** In the order of the columns. Days and money are as log(1 + x): twice as long is one step, at ten days as at a hundred. */
export const CHURN_FEATURES = [
  'log days since the last purchase',
  'log days since the first purchase',
  'log purchases within 30 days',
  'log purchases within 90 days',
  'log purchases within 180 days',
  'log purchases of all time',
  'log money within 90 days',
  'log money within 180 days',
  'log money of a purchase',
  'log mean days between purchases',
  'log days since the last purchase, in own mean days between purchases',
] as const;

export interface CustomerFeatures {
  /** Into `customers` of the purchases. */
  readonly customer: number;
  readonly features: Float64Array;
  /** 1 when nothing was bought in the days after the cutoff that were asked about; undefined where those are not all seen yet. */
  readonly churned: 0 | 1 | undefined;
}

/** The features of everybody who bought within `activeDays` before the end of day `cutoff`, and whether they bought in the `ahead` days after it. */
export function featuresAt(
  data: PurchaseDays,
  { cutoff, activeDays, ahead, last }: { cutoff: number; activeDays: number; ahead: number; last: number },
): CustomerFeatures[] {
  const found: CustomerFeatures[] = [];
  for (const { customer, from, to } of rowsByCustomer(data, cutoff)) {
    if (cutoff - (data.day[to - 1] as number) >= activeDays) continue;
    // The customer's next row, if it is theirs, is the first purchase after the cutoff.
    const next = data.customer[to] === customer ? (data.day[to] as number) : Infinity;
    const known = cutoff + ahead <= last;
    found.push({
      customer,
      features: features(data, from, to, cutoff),
      churned: known ? (next <= cutoff + ahead ? 0 : 1) : undefined,
    });
  }
  return found;
}

function features({ day, amount }: PurchaseDays, from: number, to: number, cutoff: number): Float64Array {
  const [first, last] = [day[from] as number, day[to - 1] as number];
  const count = to - from;
  const within = { count30: 0, count90: 0, count180: 0, money90: 0, money180: 0, money: 0 };
  for (let row = from; row < to; row++) {
    const [age, value] = [cutoff - (day[row] as number), amount[row] as number];
    within.money += value;
    if (age < 30) within.count30++;
    if (age < 90) {
      within.count90++;
      within.money90 += value;
    }
    if (age < 180) {
      within.count180++;
      within.money180 += value;
    }
  }
  const recency = cutoff - last;
  // Of a single purchase: as long as nothing has come after it.
  const between = count > 1 ? (last - first) / (count - 1) : Math.max(1, recency);
  return Float64Array.from(
    [
      recency,
      cutoff - first,
      within.count30,
      within.count90,
      within.count180,
      count,
      within.money90,
      within.money180,
      within.money / count,
      between,
      recency / Math.max(1, between),
    ],
    Math.log1p,
  );
}
