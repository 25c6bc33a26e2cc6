import { randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Request } from 'autocannon';
import pg from 'pg';
import { pino } from 'pino';
import { startSandboxProcess, type SandboxProcess } from '../../src/sandbox-provider/child';
import { startServer } from '../http/server';
import { runWorker } from '../processes';
import type { CheckoutLoad } from './load';

/**
 * What `npm start` runs, and the sandbox provider in a process beside it. Its database is its own: on the server of DATABASE_URL where
 * that is set, else on an embedded one.
 */
export interface BenchShop {
  readonly url: string;
  readonly databaseUrl: string;
  readonly sandbox: SandboxProcess;
  /** Another process of the shop on the same database; there its event loop sheds load as it does by default. */
  startSecond(): Promise<{ url: string; stop(): Promise<void> }>;
  /** New products, each with so many units in stock. Resolves to their skus. */
  products(count: number, units: number): Promise<string[]>;
  /** So many checkouts that nobody has sent yet, each for two products of these, or for one where there is only one. */
  checkouts(count: number, skus: readonly string[]): Promise<Request[]>;
  close(): Promise<void>;
}

/** A new database on the server of DATABASE_URL; undefined where there is none. */
async function ownDatabase(): Promise<{ readonly url: string; drop(): Promise<void> } | undefined> {
  const server = process.env.DATABASE_URL;
  if (!server) return undefined;
  const name = `easy11_bench_${randomBytes(6).toString('hex')}`;
  const administer = async (statement: string): Promise<void> => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  await administer(`create database ${name} template template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => administer(`drop database ${name} with (force)`) };
}

export async function openBenchShop(): Promise<BenchShop> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
  chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  const sandbox = startSandboxProcess({ log: pino({ level: 'silent' }) });
  const env = {
    PORT: '0',
    LOG_LEVEL: 'warn',
    EASY11_DATA_DIR: data,
    EASY11_DEMO_PRODUCTS: '500',
    EASY11_PAYMENTS: 'sandbox',
    EASY11_SANDBOX_URL: await sandbox.url,
    EASY11_SANDBOX_SECRET: sandbox.secret,
  };
  const program = ['scripts/run.cjs', 'start'];
  const database = await ownDatabase();
  const first = await startServer(program, { ...env, DATABASE_URL: database?.url ?? '', EASY11_SHED_DELAY: '0' });
  const databaseUrl = database?.url ?? readFileSync(path.join(data, 'postgres.url'), 'utf8').trim();
  const token = readFileSync(path.join(data, 'admin-token'), 'utf8').trim();
  await sandbox.control({ webhookUrl: `${first.url}/v1/webhooks/payments/sandbox` });

  const post = async (where: string, body: unknown): Promise<{ id: string }> => {
    const headers = {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': randomUUID(),
    };
    const answer = await fetch(first.url + where, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${where} was answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as { id: string };
  };
  const warehouse = await post('/v1/admin/warehouses', { code: 'BENCH', name: 'Of the bench' });
  return {
    url: first.url,
    databaseUrl,
    sandbox,
    startSecond: () => startServer(program, { ...env, DATABASE_URL: databaseUrl }),
    products: async (count, units) => {
      const skus = Array.from({ length: count }, () => `BENCH-${randomUUID()}`);
      for (const sku of skus) {
        const price = { amount: 1_999, currency: 'GBP' };
        await post('/v1/admin/products', { sku, name: sku, price, status: 'active' });
      }
      const lines = skus.map((sku) => ({ sku, quantity: units }));
      await post('/v1/admin/stock/adjustments', { warehouseId: warehouse.id, kind: 'receipt', lines });
      return skus;
    },
    checkouts: async (count, skus) => {
      const requests: Request[] = [];
      const ask = async (n: number): Promise<void> => {
        const wanted = new Set([skus[n % skus.length] ?? '', skus[(n * 7 + 3) % skus.length] ?? '']);
        const lines = [...wanted].map((sku) => ({ sku, quantity: 1 }));
        const quote = await post('/v1/quotes', { destination: { country: 'GB' }, lines });
        requests.push(checkoutOf(quote.id));
      };
      for (let n = 0; n < count; n += 8)
        await Promise.all(Array.from({ length: Math.min(8, count - n) }, (_, i) => ask(n + i)));
      return requests;
    },
    close: async () => {
      await first.stop();
      await sandbox.close();
      await database?.drop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

function checkoutOf(quoteId: string): Request {
  const body = {
    quoteId,
    method: 'card',
    token: 'tok_success',
    email: `${randomUUID()}@example.org`,
    shippingAddress: {
      name: 'Ada Lovelace',
      lines: [`${randomUUID()} Street`],
      city: 'London',
      postcode: 'W1A 1AA',
      country: 'GB',
    },
  };
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  return { method: 'POST', path: '/v1/checkout', headers, body: JSON.stringify(body) };
}

/** Sends requests from a process of its own: each once, or for so many seconds; as fast as it goes, or so many a second. */
export async function load(
  url: string,
  requests: readonly Request[],
  how: { readonly connections: number; readonly perSecond?: number; readonly seconds?: number; readonly evenly?: true },
): Promise<CheckoutLoad> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'easy11-load-'));
  try {
    const file = path.join(folder, 'requests.json');
    writeFileSync(file, JSON.stringify(requests));
    const { connections, perSecond = 0, seconds = 0, evenly } = how;
    const words = [url, connections, perSecond, seconds, file, evenly ? 'evenly' : ''].map(String);
    return await runWorker<CheckoutLoad>('bench/checkout/load.ts', words);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
