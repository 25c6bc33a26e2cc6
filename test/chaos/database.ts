import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded, type EmbeddedServer } from '../../src/platform/database/embedded';
import { isAlive } from '../../src/platform/database/embedded/processes';
import type { Answer } from '../contexts/orders/shop';
import { allHeard, EVERY_CONSUMER } from '../support/consumers';
import { brokenAtRest } from '../support/invariants';
import { seconds, type Drill, type DrillReport, type Say } from './drill';
import { watchSagas } from './sagas';
import { openMortalShop, type MortalShop } from './shop';

/** How soon after PostgreSQL is back an order must be placed again. */
const RECOVERY_MS = 10_000;

export interface RestartOptions {
  /** Each is two restarts: one with the shop alive, one with the shop dead too. */
  readonly rounds: number;
  readonly customers: number;
  /** Checkouts before, between and after. */
  readonly between: number;
  readonly built?: boolean;
  readonly say?: Say;
}

/** What customers saw. */
interface Trade {
  readonly unexpected: string[];
  readonly placed: { readonly id: string; readonly at: number }[];
  /** Answers that were 503. */
  away: number;
  served: number;
  closed: boolean;
  /** Only while the shop itself is dead may nobody answer. */
  dead: boolean;
}

/**
 * C5: PostgreSQL dies as under `pg_ctl restart -m immediate`, again and again, while customers buy: with the shop alive, then with it
 * dead too. Errors are 503 and say when to come back, the shop recovers by itself, and no order that was confirmed is lost.
 */
export async function runRestarts(options: RestartOptions): Promise<DrillReport> {
  const { rounds, customers, between, built = false, say = () => undefined } = options;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-restart-'));
  await chmod(folder, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  // The machine stays up: what PostgreSQL has handed to it is kept without fsync too.
  const database = await startEmbedded(folder, pino({ level: 'silent' }), { settings: { fsync: 'off' } });
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => undefined); // it dies on purpose
  pool.on('connect', (client) => client.on('error', () => undefined));
  let opened: MortalShop | undefined;
  try {
    opened = await openMortalShop(database.url, pool, built);
    const { server, shop } = opened;
    const sku = await shop.product(1_000_000);
    const trade: Trade = { unexpected: [], placed: [], away: 0, served: 0, closed: false, dead: false };
    const trading = Promise.all(Array.from({ length: customers }, () => customer(shop, sku, trade)));
    const more = async (than: number): Promise<void> => {
      const [from, end] = [trade.served, performance.now() + 120_000];
      while (trade.served < from + than && performance.now() < end) await sleep(20);
    };
    const recovery: number[] = [];
    const recovered = async (what: string): Promise<void> => {
      const back = performance.now();
      await more(customers + 1); // one more than can have been answered already
      const took = (trade.placed.find(({ at }) => at > back)?.at ?? Infinity) - back;
      recovery.push(took);
      say(`PostgreSQL was restarted, ${what}: the next order after ${seconds(took)}; ${trade.placed.length} placed`);
    };
    const began = performance.now();
    await more(between);
    /** What an order takes on this machine in this hour, while all is well: some 30 ms where nothing else runs. */
    const usual = (performance.now() - began) / between;
    for (let round = 0; round < rounds; round++) {
      await restart(database, folder);
      await recovered('the shop alive');
      await more(between);
      trade.dead = true;
      await server.kill();
      await restart(database, folder);
      await server.start();
      trade.dead = false;
      await recovered('the shop dead');
      await more(between);
    }
    trade.closed = true;
    await trading;
    // Ten seconds, and where the machine is many times slower, as many times more.
    const most = Math.max(RECOVERY_MS, 100 * usual);
    const late = recovery.filter((took) => !(took < most)).map((took) => `C5 recovered only after ${seconds(took)}`);
    const after = await balance(opened, pool, trade);
    const figures = {
      'orders placed': trade.placed.length,
      'restarts of PostgreSQL': recovery.length,
      'answers 503': trade.away,
      'next order after PostgreSQL was back (10 s at most)': recovery.map(seconds).join(', '),
      ...after.figures,
    };
    return { figures, broken: [...trade.unexpected.map((one) => `C5 ${one}`), ...late, ...after.broken] };
  } finally {
    await opened?.close();
    await pool.end();
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Kills every process of the server at once; resolves when it takes connections again. */
async function restart(database: EmbeddedServer, folder: string): Promise<void> {
  const pid = Number((await readFile(path.join(folder, 'postgres/postmaster.pid'), 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGQUIT');
  while (isAlive(pid)) await sleep(5);
  for (;;) {
    const client = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 1_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await client.end();
    } catch {
      await sleep(25); // it is not back yet
    }
  }
}

/** Buys until the trade is closed. */
async function customer(shop: MortalShop['shop'], sku: string, trade: Trade): Promise<void> {
  /** Asks again, the same, while the database is away. */
  const insist = async (ask: () => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      const asleep = trade.dead;
      try {
        const answer = await ask();
        if (answer.status < 500 && answer.body?.code !== 'idempotency-key-in-flight') return answer;
        if (answer.status >= 500) {
          trade.away++;
          const told = answer.status === 503 && Number(answer.headers.get('retry-after')) > 0;
          if (!told) trade.unexpected.push(answer.text);
        }
      } catch (error) {
        if (!trade.dead && !asleep) trade.unexpected.push(String(error));
      }
      await sleep(100);
    }
  };
  while (!trade.closed) {
    const lines = [{ sku, quantity: 1 }];
    const quote = await insist(() => shop.ask('POST', '/v1/quotes', { destination: { country: 'GB' }, lines }));
    const [body, key] = [shop.request(quote.body.id), randomUUID()];
    const answer = await insist(() => shop.checkout(body, { key }));
    if (answer.status !== 202) trade.unexpected.push(answer.text);
    else trade.placed.push({ id: answer.body.order.id, at: performance.now() });
    trade.served++;
  }
}

/** What is not true when all has come to rest. */
async function balance({ sandbox }: MortalShop, pool: pg.Pool, { placed, away }: Trade): Promise<DrillReport> {
  const broken: string[] = [];
  const sagas = watchSagas(pool);
  try {
    const began = performance.now();
    if (!(await sagas.end(120_000))) broken.push('C5 sagas are still open');
    await allHeard(pool, 60_000);
    const quiet = performance.now() - began;
    if (away === 0) broken.push('C5 nobody was there while it was away: this has tested nothing');
    const { rows } = await pool.query<{ n: number }>(
      `select count(*)::int as n from orders where id = any($1) and state = 'confirmed'`,
      [placed.map(({ id }) => id)],
    );
    const lost = placed.length - (rows[0]?.n ?? 0);
    if (lost > 0) broken.push(`C5 ${lost} orders that were placed are not confirmed`);
    broken.push(...(await brokenAtRest(pool, () => sandbox.books(), { consumers: EVERY_CONSUMER, withinMs: 60_000 })));
    const manual = await sagas.mostManual();
    if (manual > 0) broken.push(`C5 ${manual} sagas needed a person`);
    return { broken, figures: { 'placed orders that are lost': lost, 'quiet after': seconds(quiet) } };
  } finally {
    await sagas.close();
  }
}

/** The long form of C5. */
export const database: Drill = {
  name: 'database',
  sentence: 'C5: PostgreSQL is restarted at once, with the shop alive and with the shop dead, while customers buy',
  options: { rounds: 3, customers: 12, between: 300 },
  run: (option, say) =>
    runRestarts({
      rounds: option('rounds'),
      customers: option('customers'),
      between: option('between'),
      built: true,
      say,
    }),
};
