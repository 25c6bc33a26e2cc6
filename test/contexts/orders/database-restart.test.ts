import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { startEmbedded, type EmbeddedServer } from '../../../src/platform/database/embedded';
import { isAlive } from '../../../src/platform/database/embedded/processes';
import { MortalServer } from '../../chaos/mortal';
import { watchSagas } from '../../chaos/sagas';
import { ADMIN_TOKEN } from '../../support/app';
import { brokenTrade } from '../../support/invariants';
import { startSandbox, type Sandbox } from '../../support/sandbox';
import { overHttp, type Answer, type Shop } from './shop';

const CUSTOMERS = 6;
const RECOVERY_MS = 10_000;

/** PostgreSQL dies as under `pg_ctl restart -m immediate`, twice, while customers buy: with the shop alive, then with it dead too. */
describe('a database that is restarted in the middle of the trade', () => {
  let folder: string;
  let database: EmbeddedServer;
  let sandbox: Sandbox;
  let server: MortalServer;
  let pool: pg.Pool;
  let shop: Omit<Shop, 'app'>;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-restart-'));
    await chmod(folder, 0o755); // the embedded PostgreSQL runs as another user when root starts it
    // The machine stays up: what PostgreSQL has handed to it is kept without fsync too.
    database = await startEmbedded(folder, pino({ level: 'silent' }), { settings: { fsync: 'off' } });
    sandbox = await startSandbox();
    server = await MortalServer.create(
      {
        NODE_ENV: 'test',
        HOST: '127.0.0.1',
        DATABASE_URL: database.url,
        EASY11_DATA_DIR: path.join(folder, 'shop'),
        EASY11_ADMIN_TOKEN: ADMIN_TOKEN,
        EASY11_DEMO_PRODUCTS: '0',
        EASY11_RATE_LIMIT: '0',
        EASY11_SHED_DELAY: '0',
        EASY11_PAYMENTS: 'sandbox',
        EASY11_SANDBOX_URL: sandbox.url,
        EASY11_SANDBOX_SECRET: sandbox.secret,
        LOG_LEVEL: 'fatal',
      },
      false,
    );
    pool = new pg.Pool({ connectionString: database.url, max: 4 });
    pool.on('error', () => undefined); // it dies on purpose
    pool.on('connect', (client) => client.on('error', () => undefined));
    await server.start();
    shop = overHttp({ adminToken: ADMIN_TOKEN, close: () => pool.end() }, sandbox, () => server.url, pool);
    await sandbox.control({ webhookUrl: `${server.url}/v1/webhooks/payments/sandbox` });
  }, 180_000);

  afterAll(async () => {
    await server?.stop();
    await sandbox?.close();
    await pool?.end();
    await database?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Kills every process of the server at once; resolves when it takes connections again. */
  async function restartDatabase(): Promise<void> {
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

  test('answers 503 and when to come back, recovers by itself within ten seconds, and loses no order that it confirmed', async () => {
    const sku = await shop.product(10_000);
    const unexpected: string[] = [];
    const placed: { id: string; at: number }[] = [];
    let [away, closed, served, dead] = [0, false, 0, false];
    /** Asks again, the same, while the database is away. */
    const insist = async (ask: () => Promise<Answer>): Promise<Answer> => {
      for (;;) {
        const asleep = dead;
        try {
          const answer = await ask();
          if (answer.status < 500 && answer.body?.code !== 'idempotency-key-in-flight') return answer;
          if (answer.status >= 500) {
            away++;
            if (answer.status !== 503 || !(Number(answer.headers.get('retry-after')) > 0)) unexpected.push(answer.text);
          }
        } catch (error) {
          // Only while the shop itself is dead may nobody answer.
          if (!dead && !asleep) unexpected.push(String(error));
        }
        await sleep(100);
      }
    };
    const customer = async (): Promise<void> => {
      while (!closed) {
        const lines = [{ sku, quantity: 1 }];
        const quote = await insist(() => shop.ask('POST', '/v1/quotes', { destination: { country: 'GB' }, lines }));
        const [body, key] = [shop.request(quote.body.id), randomUUID()];
        const answer = await insist(() => shop.checkout(body, { key }));
        if (answer.status !== 202) unexpected.push(answer.text);
        else placed.push({ id: answer.body.order.id, at: performance.now() });
        served++;
      }
    };
    const trade = Promise.all(Array.from({ length: CUSTOMERS }, customer));
    const more = async (than: number): Promise<void> => {
      const [from, end] = [served, performance.now() + 120_000];
      while (served < from + than && performance.now() < end) await sleep(20);
    };
    const recovery: number[] = [];
    const recovered = async (back: number): Promise<void> => {
      await more(CUSTOMERS + 1); // one more than can have been answered already
      recovery.push((placed.find(({ at }) => at > back)?.at ?? Infinity) - back);
    };

    const began = performance.now();
    await more(20);
    /** What an order takes on this machine in this hour, while all is well: some 30 ms where nothing else runs. */
    const usual = (performance.now() - began) / 20;
    await restartDatabase();
    await recovered(performance.now());
    await more(20);
    dead = true;
    await server.kill();
    await restartDatabase();
    await server.start();
    dead = false;
    await recovered(performance.now());
    await more(20);
    closed = true;
    await trade;

    expect(unexpected).toEqual([]);
    expect(away).toBeGreaterThan(0); // else nobody was there while it was away
    // Ten seconds, and where the machine is many times slower, as many times more.
    for (const milliseconds of recovery) expect(milliseconds).toBeLessThan(Math.max(RECOVERY_MS, 100 * usual));
    const sagas = watchSagas(pool);
    try {
      expect(await sagas.end(120_000)).toBe(true);
      const ids = placed.map(({ id }) => id);
      const { rows } = await pool.query<{ state: string; n: number }>(
        'select state, count(*)::int as n from orders where id = any($1) group by state',
        [ids],
      );
      expect(rows).toEqual([{ state: 'confirmed', n: ids.length }]);
      expect(await brokenTrade(pool, await sandbox.books())).toEqual([]);
      expect(await sagas.mostManual()).toBe(0);
    } finally {
      await sagas.close();
    }
  }, 300_000);
});
