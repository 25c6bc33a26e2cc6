import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { StartOptions } from '../../../src/app';
import { isSettled, type OrderState } from '../../../src/contexts/orders/rules';
import { eventually, startTestApp, type TestApp } from '../../support/app';
import { watchInbox } from '../../support/consumers';
import { brokenAtRest } from '../../support/invariants';
import { startSandbox, type Sandbox } from '../../support/sandbox';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers: expectations read it
  readonly body: any;
}

export interface Buyer {
  readonly id: string;
  readonly token: string;
}

/** The whole shop as `npm start` runs it, and the sandbox provider in a process beside it. */
export interface Shop {
  readonly app: TestApp;
  readonly sandbox: Sandbox;
  readonly pool: pg.Pool;
  ask(method: string, where: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** With the admin token and a new Idempotency-Key. */
  admin(method: string, where: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A new product with so many units in stock. Resolves to its sku. */
  product(units: number, amount?: number): Promise<string>;
  /** A quote for one of each sku, or so many of it. */
  quote(skus: readonly string[], quantity?: number, destination?: Record<string, string>): Promise<string>;
  /** What a checkout sends, by somebody who has never bought before. */
  request(quoteId: string, change?: Record<string, unknown>): Record<string, unknown>;
  checkout(body: Record<string, unknown>, options?: { wait?: number; key?: string }): Promise<Answer>;
  /** Buys one of a sku and waits until the order rests. */
  buy(sku: string, change?: Record<string, unknown>, quantity?: number): Promise<Buyer>;
  state(id: string): Promise<string>;
  reaches(id: string, state: string): Promise<void>;
  available(sku: string): Promise<number>;
  /** Waits until no saga has anything to do and every consumer has heard of all, and says what does not hold then. */
  broken(): Promise<string[]>;
  close(): Promise<void>;
}

// How soon is for the bench to say; here we wait patiently.
export const PATIENCE = 60_000;
const GB = { country: 'GB' };

export async function openShop(env: Readonly<Record<string, string>> = {}, options: StartOptions = {}): Promise<Shop> {
  const sandbox = await startSandbox();
  const app = await startTestApp(
    {
      EASY11_PAYMENTS: 'sandbox',
      EASY11_SANDBOX_URL: sandbox.url,
      EASY11_SANDBOX_SECRET: sandbox.secret,
      ...env,
    },
    options,
  );
  await watchInbox(app.database.database.pool);
  await sandbox.control({ webhookUrl: `${app.url}/v1/webhooks/payments/sandbox` });
  return { ...overHttp(app, sandbox, () => app.url, app.database.database.pool), app };
}

/** The shop's handles, wherever it listens. */
export function overHttp(
  app: Pick<TestApp, 'adminToken' | 'close'>,
  sandbox: Sandbox,
  url: () => string,
  pool: pg.Pool,
): Omit<Shop, 'app'> {
  let made = 0;
  let warehouse: Promise<string> | undefined;
  const ask: Shop['ask'] = async (method, where, body, headers = {}) => {
    const answer = await fetch(url() + where, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  const admin: Shop['admin'] = (method, where, body, headers = {}) =>
    ask(method, `/v1/admin${where}`, body, {
      Authorization: `Bearer ${app.adminToken}`,
      ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}),
      ...headers,
    });
  const done = (answer: Answer): Answer => {
    if (answer.status >= 300) throw new Error(`${answer.status}: ${answer.text}`);
    return answer;
  };
  const shop: Omit<Shop, 'app'> = {
    sandbox,
    pool,
    ask,
    admin,
    product: async (units, amount = 1999) => {
      warehouse ??= admin('POST', '/warehouses', { code: 'MAIN', name: 'Main' }).then(
        (answer) => done(answer).body.id as string,
      );
      const sku = `SKU-${++made}-${randomUUID().slice(0, 8)}`;
      const price = { amount, currency: 'GBP' };
      done(await admin('POST', '/products', { sku, name: sku, price, status: 'active' }));
      const lines = [{ sku, quantity: units }];
      if (units > 0)
        done(await admin('POST', '/stock/adjustments', { warehouseId: await warehouse, kind: 'receipt', lines }));
      return sku;
    },
    quote: async (skus, quantity = 1, destination = GB) => {
      const lines = skus.map((sku) => ({ sku, quantity }));
      return done(await insist(() => ask('POST', '/v1/quotes', { destination, lines }))).body.id;
    },
    request: checkoutRequest,
    checkout: (body, { wait = 0, key = randomUUID() } = {}) =>
      ask('POST', `/v1/checkout${wait === 0 ? '' : `?wait=${wait}`}`, body, { 'Idempotency-Key': key }),
    buy: async (sku, change, quantity) => {
      const [body, key] = [shop.request(await shop.quote([sku], quantity), change), randomUUID()];
      const { order, orderToken } = done(await insist(() => shop.checkout(body, { wait: 2000, key }))).body;
      // The answer waits two seconds for that, and a busy machine needs more.
      await eventually(PATIENCE, async () => {
        const { rows } = await pool.query<{ state: OrderState }>('select state from orders where id = $1', [order.id]);
        return rows[0] !== undefined && isSettled(rows[0].state);
      });
      return { id: order.id, token: orderToken };
    },
    state: async (id) => done(await admin('GET', `/orders/${id}`)).body.state,
    reaches: (id, state) =>
      eventually(PATIENCE, async () => {
        // Asked of the database: many tests that wait must not be a load of their own.
        const { rows } = await pool.query<{ state: string }>('select state from orders where id = $1', [id]);
        return rows[0]?.state === state;
      }).catch(async (error: unknown) => {
        const { rows } = await pool.query('select * from sagas where order_id = $1', [id]);
        throw new Error(`${id} is ${await shop.state(id)}, not ${state}: ${JSON.stringify(rows)}`, { cause: error });
      }),
    available: async (sku) => done(await ask('GET', `/v1/stock/${sku}`)).body.available,
    broken: () => {
      const until = (): Promise<void> =>
        eventually(PATIENCE, async () => {
          const { rows } = await pool.query<{ n: number }>(
            `select count(*)::int as n from sagas where state <> 'done' and waiting_for is null`,
          );
          return rows[0]?.n === 0;
        });
      return brokenAtRest(pool, () => sandbox.books(), { until, withinMs: PATIENCE });
    },
    close: async () => {
      await app.close();
      await sandbox.close();
    },
  };
  return shop;
}

/** What a checkout sends, by somebody who has never bought before. */
export const checkoutRequest = (quoteId: string, change: Record<string, unknown> = {}): Record<string, unknown> => ({
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
  ...change,
});

/** Comes again, the same, while the shop says that it is worth it: a busy machine sends some away. */
export async function insist(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503 && answer.body?.code !== 'idempotency-key-in-flight') return answer;
    if (answer.headers.get('retry-after') !== '1')
      throw new Error(`${answer.status} without Retry-After: ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 400));
  }
}

export const bearer = ({ token }: Buyer): Record<string, string> => ({ Authorization: `Bearer ${token}` });
export const key = (): Record<string, string> => ({ 'Idempotency-Key': randomUUID() });
