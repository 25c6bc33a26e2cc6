import { setTimeout as sleep } from 'node:timers/promises';
import { openShop, PATIENCE, type Shop } from '../contexts/orders/shop';
import { eventually } from '../support/eventually';
import type { InjectedClock } from '../support/injected-clock';
import { milliseconds, quantile, seconds, type Drill, type DrillReport, type Say } from './drill';

/** Failures in a row that open the breaker, how long it stays open, and that with all that chance adds. */
const [FAILURES, OPEN_MS, OPEN_AT_MOST_MS] = [5, 30_000, 36_000];
/** How soon a checkout must be answered, whatever the provider does. */
const ANSWER_MS = 1_000;

export interface OutageOptions {
  readonly customers: number;
  /** Moves the breaker; without it time passes by itself. */
  readonly clock?: InjectedClock;
  /** How long the provider hangs, and how long it fails, before it is down. 0 leaves both out. */
  readonly illMs?: number;
  readonly say?: Say;
}

export interface OutageReport extends DrillReport {
  /** The longest that a checkout took, and half of them while all was well. */
  readonly longestMs: number;
  readonly usualMs: number;
}

/** Customers who buy all the time, and what they were answered. */
class Customers {
  readonly ids: string[] = [];
  readonly latencies: number[] = [];
  readonly wrong: string[] = [];
  readonly answers: Record<string, number> = {};
  #closed = false;
  #trading: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly shop: Shop,
    private readonly sku: string,
  ) {}

  async buy(): Promise<void> {
    const request = this.shop.request(await this.shop.quote([this.sku]));
    const began = performance.now();
    const { status, body, text } = await this.shop.checkout(request);
    this.latencies.push(performance.now() - began);
    this.answers[`answered ${status}`] = (this.answers[`answered ${status}`] ?? 0) + 1;
    if (status === 202) this.ids.push(body.order.id);
    else if (status !== 503) this.wrong.push(`C7 answered ${status}: ${text}`);
  }

  open(customers: number): void {
    const live = async (): Promise<void> => {
      while (!this.#closed) {
        await this.buy();
        await sleep(200);
      }
    };
    this.#trading = Promise.all(Array.from({ length: customers }, live));
    this.#trading.catch(() => undefined); // `close` throws it
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#trading;
  }
}

/**
 * C7: the provider hangs, fails, and is down. Every checkout is answered 202 or 503 within a second. When it is down the breaker
 * opens after five failures in a row, nobody asks it for half a minute, then one call does; and when it is back every order is
 * confirmed, with one charge.
 */
export async function runOutage({
  customers,
  clock,
  illMs = 0,
  say = () => undefined,
}: OutageOptions): Promise<OutageReport> {
  const shop = await openShop({}, clock ? { breakerClock: clock } : {});
  try {
    const broken: string[] = [];
    const sku = await shop.product(1_000_000);
    const trade = new Customers(shop, sku);
    for (let n = 0; n < 20; n++) await trade.buy();
    const usualMs = quantile(trade.latencies, 0.5);
    const confirmed = async (): Promise<void> => {
      for (const id of trade.ids) await shop.reaches(id, 'confirmed');
    };
    await confirmed();

    const kinds = { hangs: { timeoutAfter: 1, hangMs: 600_000 }, fails: { errorBefore: 1 } };
    for (const [what, faults] of Object.entries(illMs > 0 ? kinds : {})) {
      const ill = new Customers(shop, sku);
      await shop.sandbox.control({ faults });
      ill.open(customers);
      await sleep(illMs);
      await ill.close();
      await shop.sandbox.control({ faults: {} });
      collect(trade, ill);
      say(
        `the provider ${what}: ${ill.ids.length} orders placed, the longest ${milliseconds(quantile(ill.latencies, 1))}`,
      );
      await patiently(trade.ids, shop);
    }
    await closed(shop, clock);
    broken.push(...(await down(shop, trade, customers, clock, say)));

    const began = performance.now();
    await patiently(trade.ids, shop);
    const longestMs = quantile(trade.latencies, 1);
    return {
      usualMs,
      longestMs,
      broken: [...broken, ...trade.wrong, ...(await shop.broken())],
      figures: {
        'orders placed': trade.ids.length,
        ...trade.answers,
        'checkout, half of them within, all being well': milliseconds(usualMs),
        'checkout, half of them within': milliseconds(quantile(trade.latencies, 0.5)),
        'checkout, the longest (1 s at most)': milliseconds(longestMs),
        'all confirmed after the provider was back': seconds(performance.now() - began),
      },
    };
  } finally {
    await shop.close();
  }
}

function collect(all: Customers, some: Customers): void {
  all.ids.push(...some.ids);
  all.latencies.push(...some.latencies);
  all.wrong.push(...some.wrong);
  for (const [name, count] of Object.entries(some.answers)) all.answers[name] = (all.answers[name] ?? 0) + count;
}

/** Sagas wait longer and longer for a provider that is away: as long again as it was. */
async function patiently(ids: readonly string[], { pool }: Shop): Promise<void> {
  await eventually(5 * PATIENCE, async () => {
    await sleep(100);
    const { rows } = await pool.query<{ n: number }>(
      `select count(*)::int as n from orders where id = any($1) and state = 'confirmed'`,
      [ids],
    );
    return rows[0]?.n === ids.length;
  });
}

const breakerOf = (shop: Shop): string | undefined => shop.app.app.payments?.status().breaker;

/** Waits until the breaker is closed, with a call that goes through if it has to. */
async function closed(shop: Shop, clock: InjectedClock | undefined): Promise<void> {
  clock?.advance(OPEN_AT_MOST_MS);
  await eventually(2 * PATIENCE, () => Promise.resolve(breakerOf(shop) === 'closed'));
}

/** The provider is not there: what its breaker must do. */
async function down(
  shop: Shop,
  trade: Customers,
  customers: number,
  clock: InjectedClock | undefined,
  say: Say,
): Promise<string[]> {
  const broken: string[] = [];
  const calls = async (): Promise<number> => {
    const { requests } = await shop.sandbox.stats();
    return Object.entries(requests).reduce((sum, [name, n]) => (name.includes('/v1/payments') ? sum + n : sum), 0);
  };
  const must = (what: string, is: number, be: number): void => {
    if (is !== be) broken.push(`C7 ${what}: ${is}, not ${be}`);
  };
  const before = await calls();
  const asked = async (): Promise<number> => (await calls()) - before;
  await shop.sandbox.control({ downMs: 3_600_000 });
  // One customer alone: many at once would have more than five calls on their way when it opens.
  await trade.buy();
  await eventually(PATIENCE, () => Promise.resolve(breakerOf(shop) === 'open'));
  const openedAt = performance.now();
  must('calls until the breaker opens', await asked(), FAILURES);
  say('the provider is down, and the breaker open');
  trade.open(customers);
  // By the clock of the breaker, and so much of the real one that sagas have tried again.
  const until = (ms: number): Promise<unknown> =>
    clock ? sleep(1_500) : sleep(Math.max(0, openedAt + ms - performance.now()));
  clock?.advance(OPEN_MS - 1_000);
  await until(OPEN_MS - 1_000);
  must('calls while it is open', await asked(), FAILURES);
  clock?.advance(OPEN_AT_MOST_MS - OPEN_MS + 1_000);
  await eventually(PATIENCE, async () => (await asked()) > FAILURES);
  await sleep(clock ? 1_000 : 10_000);
  must('calls when half a minute is over', await asked(), FAILURES + 1);
  say('the breaker was half open for one call');
  await until(2 * OPEN_MS);
  await shop.sandbox.control({ downMs: 0 });
  clock?.advance(OPEN_AT_MOST_MS);
  await eventually(PATIENCE, () => Promise.resolve(breakerOf(shop) === 'closed'));
  await trade.close();
  say('the provider is back, and the breaker closed');
  return broken;
}

/** The long form of C7. */
export const outage: Drill = {
  name: 'provider',
  sentence: 'C7: the payment provider hangs, fails, and is down for a minute while customers buy',
  options: { customers: 8, ill: 60 },
  run: async (option, say) => {
    const report = await runOutage({ customers: option('customers'), illMs: option('ill') * 1_000, say });
    const slow = report.longestMs >= ANSWER_MS ? [`C7 a checkout took ${milliseconds(report.longestMs)}`] : [];
    return { ...report, broken: [...report.broken, ...slow] };
  },
};
