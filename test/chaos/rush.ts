import { randomUUID } from 'node:crypto';
import { openShop, type Answer, type Shop } from '../contexts/orders/shop';
import { Random } from '../support/random';

export interface RushOptions {
  readonly seed: number;
  readonly runs: number;
  readonly customers: number;
  readonly units: number;
  readonly say?: (sentence: string) => void;
}

export interface RushReport {
  /** Runs that did not sell exactly what there was. */
  readonly wrong: readonly string[];
  readonly broken: readonly string[];
  /** Answers that are neither "placed" nor "out of stock", by status and code. */
  readonly others: Readonly<Record<string, number>>;
  readonly deadlocks: number;
  /** Of the answers to checkouts, milliseconds; those that were sent away and came again count until they were served. */
  readonly latencies: readonly number[];
  /** From the first checkout to the last answer of each run, milliseconds. */
  readonly totals: readonly number[];
}

/**
 * The long form of C1: everybody wants the same product in the same moment, half of them with two more products in random order, and
 * each has a quote and a key. Exactly as many orders as there are units must be placed, and everybody else told that it is sold out.
 */
export async function runRush({ seed, runs, customers, units, say }: RushOptions): Promise<RushReport> {
  const shop = await openShop();
  const random = new Random(seed);
  const wrong: string[] = [];
  const others: Record<string, number> = {};
  const [latencies, totals]: [number[], number[]] = [[], []];
  try {
    const before = await deadlocks(shop);
    for (let run = 1; run <= runs; run++) {
      const skus: string[] = [];
      for (let n = 0; n < 3; n++) skus.push(await shop.product(units));
      const requests: Record<string, unknown>[] = [];
      for (let n = 0; n < customers; n++) {
        const lines = basket(skus, n, random).map((sku) => ({ sku, quantity: 1 }));
        const quote = await shop.ask('POST', '/v1/quotes', { destination: { country: 'GB' }, lines });
        if (quote.status !== 201) throw new Error(`${quote.status}: ${quote.text}`);
        requests.push(shop.request(quote.body.id));
      }
      const began = performance.now();
      const outcomes = await Promise.all(requests.map((request) => buy(shop, request, others, latencies)));
      totals.push(performance.now() - began);
      const sold = outcomes.filter((outcome) => outcome === 202).length;
      const refused = outcomes.filter((outcome) => outcome === 'out-of-stock').length;
      if (sold !== units || refused !== customers - units)
        wrong.push(`run ${run}: ${sold} sold of ${units}, ${refused} told that it is sold out`);
      say?.(`run ${run} of ${runs}: ${sold} of ${units} sold to ${customers}, ${totals.at(-1)?.toFixed(0)} ms`);
    }
    const broken = await shop.broken();
    return { wrong, broken, others, deadlocks: (await deadlocks(shop)) - before, latencies, totals };
  } finally {
    await shop.close();
  }
}

/** All want the first; every second one also the others, in random order. */
function basket(skus: readonly string[], customer: number, random: Random): string[] {
  const wanted = customer % 2 === 0 ? skus.slice(0, 1) : [...skus];
  const lines: string[] = [];
  while (wanted.length > 0) lines.push(...wanted.splice(random.below(wanted.length), 1));
  return lines;
}

/** A client that comes again, the same, when it is told to. */
async function buy(
  shop: Shop,
  request: Record<string, unknown>,
  others: Record<string, number>,
  latencies: number[],
): Promise<string | number> {
  const [key, began] = [randomUUID(), performance.now()];
  for (;;) {
    const { status, body, headers }: Answer = await shop.checkout(request, { key });
    const outcome: string | number = status === 202 ? 202 : String(body?.code ?? status);
    if (outcome === 202 || outcome === 'out-of-stock') {
      latencies.push(performance.now() - began);
      return outcome;
    }
    const name = `${status} ${outcome}`;
    others[name] = (others[name] ?? 0) + 1;
    if (status !== 503 || headers.get('retry-after') !== '1') return outcome;
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 400));
  }
}

/** Ended by PostgreSQL since the database was made. */
async function deadlocks({ pool }: Shop): Promise<number> {
  await pool.query('select pg_stat_clear_snapshot()');
  const { rows } = await pool.query<{ n: number }>(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.n ?? 0;
}
