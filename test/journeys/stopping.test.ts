import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { overHttp, PATIENCE, type Shop } from '../contexts/orders/shop';
import { ADMIN_TOKEN, eventually } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startSandbox, type Sandbox } from '../support/sandbox';

const root = path.resolve(__dirname, '../..');
/** What a shop may take to stop: ten seconds for its requests, and some for the rest on a busy machine. */
const STOPS_WITHIN_MS = 30_000;

/** The shop as `npm start` runs it, in a process that gets SIGTERM, as from a container's supervisor. */
describe('a shop that is told to stop', () => {
  let database: TestDatabase;
  let sandbox: Sandbox;
  let folder: string;
  let running: { readonly child: ChildProcess; readonly url: string; readonly ended: Promise<unknown[]> };
  let shop: Omit<Shop, 'app'>;

  async function start(): Promise<typeof running> {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/start.ts'], {
      cwd: root,
      env: {
        ...process.env,
        ...{ NODE_ENV: 'test', REDIS_URL: '', PORT: '0', LOG_LEVEL: 'warn', DATABASE_URL: database.url },
        ...{ EASY11_DATA_DIR: folder, EASY11_ADMIN_TOKEN: ADMIN_TOKEN, EASY11_DEMO_PRODUCTS: '0' },
        ...{
          EASY11_RATE_LIMIT: '0',
          EASY11_SHED_DELAY: '0',
          EASY11_ANALYTICS_MINUTES: '0',
          EASY11_TRAINING_HOURS: '0',
        },
        ...{ EASY11_PAYMENTS: 'sandbox', EASY11_SANDBOX_URL: sandbox.url, EASY11_SANDBOX_SECRET: sandbox.secret },
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'close');
    const url = await new Promise<string>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const address = /The shop runs at (http:\/\/\S+)/.exec(output)?.[1];
        if (address) resolve(address);
      });
      void ended.then(() => reject(new Error(`it ended before it ran: ${output}`)));
    });
    return { child, url, ended };
  }

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-stop-'));
    [database, sandbox] = await Promise.all([createTestDatabase(), startSandbox()]);
    const { pool } = database.database;
    shop = overHttp({ adminToken: ADMIN_TOKEN, close: () => Promise.resolve() }, sandbox, () => running.url, pool);
  });
  beforeEach(async () => {
    await sandbox.control({ faults: {} });
    running = await start();
    await sandbox.control({ webhookUrl: `${running.url}/v1/webhooks/payments/sandbox` });
  });
  afterEach(async () => {
    running.child.kill('SIGKILL');
    await running.ended;
  });
  afterAll(async () => {
    await sandbox.close();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Whether a new customer is let in: not by a shop whose door is closed, nor by one that says 503. */
  const letsIn = (where: string): Promise<boolean> =>
    fetch(running.url + where).then(
      ({ status }) => status !== 503,
      () => false,
    );

  /** Whether the door is closed: that /readyz says no may have other causes, such as a loop that is behind. */
  const isClosed = (): Promise<boolean> =>
    new Promise((resolve) => {
      const knock = connect(Number(new URL(running.url).port), '127.0.0.1');
      knock.once('error', () => resolve(true));
      knock.once('connect', () => {
        knock.destroy();
        resolve(false);
      });
    });

  async function stopped(since: number): Promise<unknown> {
    const [code] = await running.ended;
    expect(performance.now() - since).toBeLessThan(STOPS_WITHIN_MS);
    return code;
  }

  test('answers the checkout that waits for its payment, and the next process carries the order on', async () => {
    const body = shop.request(await shop.quote([await shop.product(1)]));
    await sandbox.control({ faults: { delayMs: 1_000 } });
    const answering = shop.checkout(body, { wait: 2_000 });
    await eventually(PATIENCE, async () => {
      const { rows } = await shop.pool.query(
        `select 1 from sagas where step = 'authorise' and lease_until is not null`,
      );
      return rows.length === 1; // the provider has been asked
    });
    running.child.kill('SIGTERM');
    const told = performance.now();
    const { status, body: answer } = await answering;
    expect([200, 202]).toContain(status);
    expect(answer.order).toMatchObject({ quoteId: body.quoteId });
    expect(await stopped(told)).toBe(0);
    expect(await letsIn('/readyz')).toBe(false);

    await sandbox.control({ faults: {} });
    running = await start();
    await shop.reaches(answer.order.id, 'confirmed');
    expect(await shop.broken()).toEqual([]);
  });

  test('takes to its end a request that has half arrived, while nobody new is let in', async () => {
    const body = JSON.stringify(shop.request(await shop.quote([await shop.product(1)])));
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
    const heard: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    const closed = once(socket, 'close');
    await once(socket, 'connect');
    socket.write(
      `POST /v1/checkout HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nIdempotency-Key: ${randomUUID()}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 20)}`,
    );
    // One after it, so that what was written before has been read.
    expect(await letsIn('/healthz')).toBe(true);
    running.child.kill('SIGTERM');
    const told = performance.now();
    await eventually(PATIENCE, isClosed);
    expect([await letsIn('/readyz'), await letsIn('/v1/products')]).toEqual([false, false]);
    expect(running.child.exitCode).toBeNull();
    socket.write(body.slice(20));
    await closed;
    expect(Buffer.concat(heard).toString()).toMatch(/^HTTP\/1\.1 202 /);
    expect(await stopped(told)).toBe(0);
    const { rows } = await shop.pool.query('select count(*)::int as n from orders where quote_id = $1', [
      (JSON.parse(body) as { quoteId: string }).quoteId,
    ]);
    expect(rows).toEqual([{ n: 1 }]);
  });
});
