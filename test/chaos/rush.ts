import { insist, openShop, type Shop } from '../contexts/orders/shop';
import { Random } from '../support/random';
import { milliseconds, quantile, type Drill } from './drill';

/** Within how long 95 % of a thousand who come at once must be answered. */
const P95_MS = 1_200;

export interface RushOptions {
  readonly seed: number;
  readonly runs: number;
  readonly customers: number;
  readonly units: number;
  /** One run more before the others, in the same shop, which is held to everything but the clock. */
  readonly warmUp?: boolean;
  readonly say?: (sentence: string) => void;
}

export interface RushReport {
  /** Runs that did not sell exactly what there was. */
  readonly wrong: readonly string[];
  readonly broken: readonly string[];
  /** Answers that are neither "placed" nor "out of stock", by status and code: there must be none. */
  readonly others: Readonly<Record<string, number>>;
  readonly deadlocks: number;
  /** Of the answers to checkouts, milliseconds. */
  readonly latencies: readonly number[];
  /** From the first checkout to the last answer of each run, milliseconds. */
  readonly totals: readonly number[];
}

/**
 * C1: everybody wants the same product in the same moment, half of them with two more products in random order, and
 * each has a quote and a key. Exactly as many orders as there are units must be placed, and everybody else told that it is sold out,
 * all of them at the first time of asking.
 */
export async function runRush({ seed, runs, customers, units, warmUp = false, say }: RushOptions): Promise<RushReport> {
  const shop = await openShop();
  const random = new Random(seed);
  const wrong: string[] = [];
  const others: Record<string, number> = {};
  const [latencies, totals]: [number[], number[]] = [[], []];
  try {
    const before = await deadlocks(shop);
    for (let run = warmUp ? 0 : 1; run <= runs; run++) {
      const skus: string[] = [];
      for (let n = 0; n < 3; n++) skus.push(await shop.product(units));
      const requests: Record<string, unknown>[] = [];
      for (let n = 0; n < customers; n++) {
        const lines = basket(skus, n, random).map((sku) => ({ sku, quantity: 1 }));
        const quote = await insist(() => shop.ask('POST', '/v1/quotes', { destination: { country: 'GB' }, lines }));
        if (quote.status !== 201) throw new Error(`${quote.status}: ${quote.text}`);
        requests.push(shop.request(quote.body.id));
      }
      const began = performance.now();
      const outcomes = await Promise.all(requests.map((request) => buy(shop, request, others, latencies)));
      const took = performance.now() - began;
      if (run > 0) totals.push(took);
      else latencies.length = 0;
      const sold = outcomes.filter((outcome) => outcome === 202).length;
      const refused = outcomes.filter((outcome) => outcome === 'out-of-stock').length;
      if (sold !== units || refused !== customers - units)
        wrong.push(`run ${run}: ${sold} sold of ${units}, ${refused} told that it is sold out`);
      say?.(`run ${run} of ${runs}: ${sold} of ${units} sold to ${customers}, ${milliseconds(took)}`);
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

/** Asks once. Nobody is sent away to come again: however many come, each is to hear how it ended. */
async function buy(
  shop: Shop,
  request: Record<string, unknown>,
  others: Record<string, number>,
  latencies: number[],
): Promise<string | number> {
  const began = performance.now();
  const { status, body } = await shop.checkout(request);
  latencies.push(performance.now() - began);
  const outcome: string | number = status === 202 ? 202 : String(body?.code ?? status);
  if (outcome === 202 || (status === 409 && outcome === 'out-of-stock')) return outcome;
  const name = `${status} ${outcome}`;
  others[name] = (others[name] ?? 0) + 1;
  return name;
}

/** Ended by PostgreSQL since the database was made. */
async function deadlocks({ pool }: Shop): Promise<number> {
  await pool.query('select pg_stat_clear_snapshot()');
  const { rows } = await pool.query<{ n: number }>(
    'select deadlocks::int as n from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.n ?? 0;
}

/** The long form of C1. */
export const rush: Drill = {
  name: 'rush',
  sentence: 'C1: a thousand customers at once for the last units, with baskets of several lines in random order',
  options: { runs: 20, customers: 1_000, units: 100, seed: 1 },
  run: async (option, say) => {
    const sizes = { customers: option('customers'), units: option('units'), seed: option('seed') };
    const report = await runRush({ ...sizes, runs: option('runs'), warmUp: true, say });
    const p95 = quantile(report.latencies, 0.95);
    const broken = [...report.wrong, ...report.broken];
    for (const [name, count] of Object.entries(report.others)) broken.push(`${count} times answered ${name}`);
    if (report.deadlocks > 0) broken.push(`${report.deadlocks} deadlocks`);
    if (p95 >= P95_MS) broken.push(`95 % are answered within ${milliseconds(p95)}, not ${milliseconds(P95_MS)}`);
    return {
      broken,
      figures: {
        checkouts: report.latencies.length,
        'runs that sold something else than there was': report.wrong.length,
        'answered 5xx': Object.entries(report.others).reduce((sum, [name, n]) => (name >= '5' ? sum + n : sum), 0),
        'answered otherwise': Object.entries(report.others).reduce((sum, [name, n]) => (name < '5' ? sum + n : sum), 0),
        deadlocks: report.deadlocks,
        'answer, half of them within': milliseconds(quantile(report.latencies, 0.5)),
        [`answer, 95 % within (${milliseconds(P95_MS)} at most)`]: milliseconds(p95),
        'a run, the middle one': milliseconds(quantile(report.totals, 0.5)),
        'a run, the longest': milliseconds(quantile(report.totals, 1)),
      },
    };
  },
};
