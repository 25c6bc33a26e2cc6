import { setTimeout as sleep } from 'node:timers/promises';
import type { WebhookCounts } from '../../src/sandbox-provider/webhooks';
import { allHeard, EVERY_CONSUMER } from '../support/consumers';
import { createTestDatabase } from '../support/database';
import { brokenAtRest } from '../support/invariants';
import { Random } from '../support/random';
import { insist, newTally, shopOnce, type Tally } from './customers';
import { watchSagas } from './sagas';
import { openMortalShop } from './shop';

export interface ChaosOptions {
  readonly seed: number;
  readonly kills: number;
  readonly checkouts: number;
  readonly customers: number;
  /** Kills what `npm start` runs, out of dist/, instead of the sources. */
  readonly built?: boolean;
  /** How long the shop may take to become quiet. Default five minutes. */
  readonly quietMs?: number;
  readonly say?: (sentence: string) => void;
}

export interface ChaosReport {
  readonly broken: readonly string[];
  readonly orders: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly tally: Tally;
  /** Stored answers that a replay at the end did not get to the byte. */
  readonly replayMismatches: number;
  /** What became of the provider's webhooks, the forged, old and cut ones among them. */
  readonly provider: WebhookCounts;
  /** Whether every saga came to its end, none of them left waiting for anything, and all was heard; and how long that took. */
  readonly quiet: boolean;
  readonly quiescentMs: number;
  /** Sagas that needed a person, at most at any time. */
  readonly manual: number;
}

/** How long it is waited for: longer than it may take, so that the report says how long it took. */
const QUIET_MS = 300_000;
/** How soon after the last customer the shop must be quiet. */
export const QUIET_WITHIN_MS = 60_000;

/** Whether everything that must be true is. */
export const isSound = ({ broken, quiet, quiescentMs, replayMismatches, tally, provider }: ChaosReport): boolean =>
  quiet &&
  quiescentMs <= QUIET_WITHIN_MS &&
  broken.length + replayMismatches + tally.mismatches.length + provider.badTaken === 0;

/** What goes wrong at the provider: the mixture that the design was proved with. */
const FAULTS = {
  timeoutAfter: 0.08,
  errorBefore: 0.05,
  errorAfter: 0.04,
  decline: 0.05,
  webhooks: { duplicate: 0.3, reorder: 0.3, lateMs: 800, lose: 0.05, forge: 0.1, stale: 0.1, truncate: 0.1 },
};

/**
 * Customers buy from a shop that is killed again and again, at a provider that fails in every way it can. When they have all got
 * their answers and the shop is quiet, everything that must be true is asked of the database and of the provider's books.
 */
export async function runChaos({
  seed,
  kills,
  checkouts,
  customers,
  built = false,
  quietMs = QUIET_MS,
  say,
}: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(seed);
  const { database, url, drop } = await createTestDatabase({}, 4);
  const opened = await openMortalShop(url, database.pool, built).catch(async (error: unknown) => {
    await drop();
    throw error;
  });
  const { server, sandbox, shop } = opened;
  const sagas = watchSagas(database.pool);
  try {
    // Less than is wanted: some have to be told so.
    const skus: string[] = [];
    for (let n = 0; n < 6; n++) skus.push(await shop.product(Math.ceil(checkouts / 4)));
    await sandbox.control({ faults: { seed, ...FAULTS } });
    const tally = newTally();
    let begun = 0;
    let served = 0;
    const buying = Promise.all(
      Array.from({ length: customers }, async () => {
        while (begun < checkouts) {
          await shopOnce(shop, skus, seed, begun++, tally);
          served++;
        }
      }),
    );
    // Spread over the checkouts, however fast they go: each life ends with customers in the middle of theirs.
    for (let n = 0; n < kills; n++) {
      const until = ((n + 0.5 + random.next() / 2) / kills) * checkouts;
      while (served < until && begun < checkouts) await Promise.race([sleep(20), buying]);
      await sleep(random.next() * 300);
      await server.kill();
      say?.(`kill ${n + 1} of ${kills}; ${tally.purchases.length} orders placed, ${tally.retries} retries`);
      await server.start();
    }
    await buying;
    say?.('all customers are served: waiting until the shop is quiet');
    const quiet = performance.now();
    const becameQuiet = (await sagas.end(quietMs)) && (await allHeard(database.pool, quietMs));
    const quiescentMs = performance.now() - quiet;
    let replayMismatches = 0;
    const pauses = new Random(seed);
    for (const { key, body, answer } of tally.purchases) {
      const again = await insist(tally, pauses, () => shop.checkout(body, { key }));
      if (again.text !== answer.text || again.status !== answer.status) replayMismatches++;
    }
    const { rows } = await database.pool.query<{ state: string; n: number }>(
      'select state, count(*)::int as n from orders group by state',
    );
    return {
      broken: await brokenAtRest(database.pool, () => sandbox.books(), { consumers: EVERY_CONSUMER, withinMs: 60_000 }),
      provider: (await sandbox.stats()).webhooks,
      orders: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
      kills: server.kills,
      tally,
      replayMismatches,
      quiet: becameQuiet,
      quiescentMs,
      manual: await sagas.mostManual(),
    };
  } finally {
    await sagas.close();
    await opened.close();
    await drop();
  }
}
