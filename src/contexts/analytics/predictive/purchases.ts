/** What the models of customers are fitted to: who bought on which day, for how much. Pure. */

/**
 * A row for each customer and day with a purchase, by customer and then by day: several orders of a day are one. In columns, so that
 * a million rows reach a worker without being copied one by one.
 */
export interface PurchaseDays {
  /** Names; `customer` points into it. */
  readonly customers: readonly string[];
  readonly customer: Uint32Array;
  /** Days since 1970-01-01. */
  readonly day: Int32Array;
  /** Minor units of one currency; above 0. */
  readonly amount: Float64Array;
}

/** The rows of one customer: from `from` up to but not including `to`. */
export interface CustomerRows {
  readonly customer: number;
  readonly from: number;
  readonly to: number;
}

/** There is too little to fit a model to; the message says what is missing, for a person. */
export class TooLittleData extends Error {
  override readonly name = 'TooLittleData';
}

const DAY_MS = 86_400_000;

/** `2011-08-31` as days since 1970-01-01. */
export const toDay = (date: string): number => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS);

/** Days since 1970-01-01 as `2011-08-31`. */
export const toDate = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The first and the last day with a purchase. Throws TooLittleData when there is none. */
export function spanOf({ day }: PurchaseDays): { readonly first: number; readonly last: number } {
  if (day.length === 0) throw new TooLittleData('Nobody whose name is known has bought anything yet');
  let [first, last] = [day[0] as number, day[0] as number];
  for (const one of day) {
    first = Math.min(first, one);
    last = Math.max(last, one);
  }
  return { first, last };
}

/** Each customer's rows up to and with the day `until`; customers who first bought later are left out. O(rows). */
export function* rowsByCustomer({ customer, day }: PurchaseDays, until = Infinity): Generator<CustomerRows> {
  for (let from = 0; from < customer.length;) {
    let next = from;
    let to = from;
    while (next < customer.length && customer[next] === customer[from]) {
      if ((day[next] as number) <= until) to = next + 1;
      next++;
    }
    if (to > from) yield { customer: customer[from] as number, from, to };
    from = next;
  }
}

/** Puts rows in any order into columns; rows of one customer and day become one. */
export function toPurchaseDays(
  rows: Iterable<{ readonly customer: string; readonly day: number; readonly amount: number }>,
): PurchaseDays {
  const sums = new Map<string, Map<number, number>>();
  for (const { customer, day, amount } of rows) {
    const days = sums.get(customer) ?? new Map<number, number>();
    days.set(day, (days.get(day) ?? 0) + amount);
    sums.set(customer, days);
  }
  const customers = [...sums.keys()].sort();
  const flat = customers.flatMap((name, customer) =>
    [...(sums.get(name) as Map<number, number>)]
      .sort(([left], [right]) => left - right)
      .map(([day, amount]) => ({ customer, day, amount })),
  );
  return {
    customers,
    customer: Uint32Array.from(flat, ({ customer }) => customer),
    day: Int32Array.from(flat, ({ day }) => day),
    amount: Float64Array.from(flat, ({ amount }) => amount),
  };
}
