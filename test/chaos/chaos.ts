import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ADMIN_TOKEN } from '../support/app';
import { overHttp } from '../contexts/orders/shop';
import { createTestDatabase } from '../support/database';
import { brokenTrade } from '../support/invariants';
import { Random } from '../support/random';
import { startSandbox } from '../support/sandbox';
import { insist, newTally, shopOnce, type Tally } from './customers';
import { MortalServer } from './mortal';
import { watchSagas } from './sagas';

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
  /** Whether every saga came to its end, none of them left waiting for anything, and how long that took. */
  readonly quiet: boolean;
  readonly quiescentMs: number;
  /** Sagas that needed a person, at most at any time. */
  readonly manual: number;
}

const QUIET_MS = 300_000;

/** Whether everything that must be true is. */
export const isSound = ({ broken, quiet, replayMismatches, tally }: ChaosReport): boolean =>
  quiet && broken.length + replayMismatches + tally.mismatches.length === 0;

/** What goes wrong at the provider: the mixture that the design was proved with. */
const FAULTS = {
  timeoutAfter: 0.08,
  errorBefore: 0.05,
  errorAfter: 0.04,
  decline: 0.05,
  webhooks: { duplicate: 0.3, reorder: 0.3, lateMs: 800 },
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
  const { database, url, drop } = await createTestDatabase();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-chaos-'));
  const sandbox = await startSandbox();
  const server = await MortalServer.create(
    {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      DATABASE_URL: url,
      EASY11_DATA_DIR: folder,
      EASY11_ADMIN_TOKEN: ADMIN_TOKEN,
      EASY11_DEMO_PRODUCTS: '0',
      EASY11_RATE_LIMIT: '0',
      EASY11_SHED_DELAY: '0',
      EASY11_PAYMENTS: 'sandbox',
      EASY11_SANDBOX_URL: sandbox.url,
      EASY11_SANDBOX_SECRET: sandbox.secret,
      LOG_LEVEL: 'fatal',
    },
    built,
  );
  const sagas = watchSagas(database.pool);
  try {
    await server.start();
    const shop = overHttp({ adminToken: ADMIN_TOKEN, close: drop }, sandbox, () => server.url, database.pool);
    // Less than is wanted: some have to be told so.
    const skus: string[] = [];
    for (let n = 0; n < 6; n++) skus.push(await shop.product(Math.ceil(checkouts / 4)));
    await sandbox.control({
      webhookUrl: `${server.url}/v1/webhooks/payments/sandbox`,
      faults: { seed, ...FAULTS },
    });
    const tally = newTally();
    let left = checkouts;
    let served = 0;
    const buying = Promise.all(
      Array.from({ length: customers }, async (_, n) => {
        const own = new Random(seed * 1_000 + n);
        while (left-- > 0) {
          await shopOnce(shop, skus, own, tally);
          served++;
        }
      }),
    );
    // Spread over the checkouts, however fast they go: each life ends with customers in the middle of theirs.
    for (let n = 0; n < kills; n++) {
      const until = ((n + 0.5 + random.next() / 2) / kills) * checkouts;
      while (served < until && left > 0) await Promise.race([sleep(20), buying]);
      await sleep(random.next() * 300);
      await server.kill();
      say?.(`kill ${n + 1} of ${kills}; ${tally.purchases.length} orders placed, ${tally.retries} retries`);
      await server.start();
    }
    await buying;
    say?.('all customers are served: waiting until the shop is quiet');
    const quiet = performance.now();
    const becameQuiet = await sagas.end(quietMs);
    const quiescentMs = performance.now() - quiet;
    let replayMismatches = 0;
    for (const { key, body, answer } of tally.purchases) {
      const again = await insist(tally, () => shop.checkout(body, { key }));
      if (again.text !== answer.text || again.status !== answer.status) replayMismatches++;
    }
    const { rows } = await database.pool.query<{ state: string; n: number }>(
      'select state, count(*)::int as n from orders group by state',
    );
    return {
      broken: await brokenTrade(database.pool, await sandbox.books()),
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
    await server.stop();
    await sandbox.close();
    await drop();
    await rm(folder, { recursive: true, force: true });
  }
}
