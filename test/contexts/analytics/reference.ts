/**
 * What the golden rules say of the rows of the data set, computed apart: from the file, without SQL and without our importer. A row
 * counts when it has a customer, was not cancelled, and quantity and price are above 0; nothing is deduplicated.
 */
export interface RetailRow {
  readonly invoice: string;
  readonly quantity: number;
  /** `2011-01-19 10:17`, in the order of time. */
  readonly at: string;
  readonly price: string;
  readonly customer: string;
}

/** Quantity × price in pence, from the digits, rounded half up: no floating point. */
function penceOf(quantity: number, price: string): number {
  const [whole = '0', fraction = ''] = price.split('.');
  const digits = BigInt(whole + fraction.padEnd(6, '0').slice(0, 6));
  return Number((digits * BigInt(quantity) * 100n + 500_000n) / 1_000_000n);
}

const monthIndex = (at: string): number => Number(at.slice(0, 4)) * 12 + Number(at.slice(5, 7)) - 1;

export interface Expected {
  readonly months: Readonly<Record<string, { customers: number; orders: number; lines: number; revenue: number }>>;
  readonly rfm: Readonly<Record<string, readonly number[]>>;
  readonly cohorts: readonly (readonly [cohort: string, offset: number, customers: number, active: number])[];
}

export function expectedOf(rows: readonly RetailRow[]): Expected {
  const golden = rows.filter(
    ({ invoice, customer, quantity, price }) =>
      customer !== '' && !/^[ac]/i.test(invoice) && quantity > 0 && Number(price) > 0,
  );
  const months = new Map<string, { customers: Set<string>; orders: Set<string>; lines: number; revenue: number }>();
  const people = new Map<
    string,
    { first: string; last: string; orders: Set<string>; spent: number; months: Set<number> }
  >();
  for (const { invoice, quantity, at, price, customer } of golden) {
    const amount = penceOf(quantity, price);
    const month = months.get(at.slice(0, 7)) ?? { customers: new Set(), orders: new Set(), lines: 0, revenue: 0 };
    months.set(at.slice(0, 7), month);
    month.customers.add(customer);
    month.orders.add(invoice);
    month.lines += 1;
    month.revenue += amount;
    const person = people.get(customer) ?? { first: at, last: at, orders: new Set(), spent: 0, months: new Set() };
    people.set(customer, person);
    if (at < person.first) person.first = at;
    if (at > person.last) person.last = at;
    person.orders.add(invoice);
    person.spent += amount;
    person.months.add(monthIndex(at));
  }
  const day = (at: string): number => Date.parse(at.slice(0, 10)) / 86_400_000;
  const asOf = Math.max(...[...people.values()].map(({ last }) => day(last))) + 1;
  const values = new Map(
    [...people].map(([customer, { last, orders, spent }]) => [
      customer,
      [asOf - day(last), orders.size, spent] as const,
    ]),
  );
  const all = [...values.values()];
  /** 1 + ⌊5 × worse ÷ all⌋, by looking where the value stands among all in order. */
  const scorer = (pick: (value: readonly [number, number, number]) => number): ((mine: number) => number) => {
    const sorted = all.map(pick).sort((a, b) => a - b);
    const worse = new Map<number, number>();
    sorted.forEach((value, n) => worse.has(value) || worse.set(value, n));
    return (mine) => 1 + Math.floor((5 * (worse.get(mine) ?? Number.NaN)) / sorted.length);
  };
  const r = scorer(([recency]) => -recency);
  const f = scorer(([, frequency]) => frequency);
  const m = scorer(([, , spent]) => spent);
  const cohorts = new Map<string, Map<number, number>>();
  for (const person of people.values()) {
    const cohort = person.first.slice(0, 7);
    const offsets = cohorts.get(cohort) ?? new Map<number, number>();
    cohorts.set(cohort, offsets);
    for (const month of person.months) {
      const offset = month - monthIndex(person.first);
      offsets.set(offset, (offsets.get(offset) ?? 0) + 1);
    }
  }
  return {
    months: Object.fromEntries(
      [...months].map(([month, { customers, orders, lines, revenue }]) => [
        month,
        { customers: customers.size, orders: orders.size, lines, revenue },
      ]),
    ),
    rfm: Object.fromEntries(
      [...values].map(([customer, [recency, frequency, spent]]) => [
        customer,
        [recency, frequency, spent, r(-recency), f(frequency), m(spent)],
      ]),
    ),
    cohorts: [...cohorts]
      .flatMap(([cohort, offsets]) =>
        [...offsets].map(([offset, active]) => [cohort, offset, offsets.get(0) ?? 0, active] as const),
      )
      .sort(([a, n], [b, k]) => (a < b ? -1 : a > b ? 1 : n - k)),
  };
}

/** The same from the marts. */
export async function marts(query: (sql: string) => Promise<Readonly<Record<string, unknown>>[]>): Promise<Expected> {
  const months = await query('select * from revenue_by_month order by month');
  const rfm = await query('select * from rfm');
  const cohorts = await query('select * from cohorts order by cohort, offset_months');
  return {
    months: Object.fromEntries(
      months
        .filter(({ lines }) => Number(lines) > 0)
        .map(({ month, customers, orders, lines, revenue }) => [
          String(month).slice(0, 7),
          { customers, orders, lines, revenue },
        ]),
    ) as Expected['months'],
    rfm: Object.fromEntries(
      rfm.map((row) => [
        String(row.customer),
        [row.recency_days, row.frequency, row.monetary, row.r, row.f, row.m] as number[],
      ]),
    ),
    cohorts: cohorts.map((row) => [
      String(row.cohort).slice(0, 7),
      Number(row.offset_months),
      Number(row.customers),
      Number(row.active),
    ]),
  };
}
