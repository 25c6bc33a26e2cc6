import { randomUUID } from 'node:crypto';
import express from 'express';
import type pg from 'pg';
import { pino } from 'pino';
import {
  createPayments,
  paymentRoutes,
  startPayments,
  type NewAttempt,
  type Payments,
  type PaymentView,
} from '../../../src/contexts/payments';
import { newId } from '../../../src/kernel/ids';
import type { Database } from '../../../src/platform/database';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { listen } from '../../../src/platform/http/server';
import { createTestDatabase } from '../../support/database';
import type { InjectedClock } from '../../support/injected-clock';
import { startSandbox, type Sandbox } from '../../support/sandbox';

const TOKEN = 'a-token-for-these-tests';

export interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers: expectations read it
  readonly body: any;
}

/** Payments behind a real server, with the real sandbox provider beside it, on a database of its own. */
export interface PaymentShop {
  readonly database: Database;
  readonly sandbox: Sandbox;
  readonly payments: Payments;
  readonly url: string;
  /** Writes the row of a first attempt: 1999 GBP by card, unless said otherwise. */
  open(attempt?: Partial<NewAttempt>): Promise<PaymentView>;
  /** Open, authorise, record. */
  authorised(attempt?: Partial<NewAttempt>): Promise<PaymentView>;
  /** And capture. */
  captured(attempt?: Partial<NewAttempt>): Promise<PaymentView>;
  read(id: string): Promise<PaymentView>;
  admin(method: string, where: string, headers?: Record<string, string>): Promise<Answer>;
  /** What events of a payment say happened, in order. */
  stepsOf(id: string): Promise<string[]>;
  close(): Promise<void>;
}

interface ShopOptions {
  /** Long by default: a machine that is busy is no fault of the provider. */
  readonly timeoutMs?: number;
  /** Moves the breaker. */
  readonly clock?: InjectedClock;
  /** Runs the background loops, which compare without a time of grace. */
  readonly background?: boolean;
}

export async function openPaymentShop({
  timeoutMs = 60_000,
  clock,
  background = false,
}: ShopOptions = {}): Promise<PaymentShop> {
  const { database, drop } = await createTestDatabase();
  const sandbox = await startSandbox();
  const { gateway } = sandbox;
  const payments = createPayments({ gateway, timeoutMs, random: () => 0, ...(clock && { clock }) });
  const log = pino({ level: 'silent' });
  const paying = background
    ? startPayments({ database, gateway, payments, log, silentMs: 1_000, reconciliation: { graceMs: 0 } })
    : undefined;
  const app = express();
  app.set('query parser', 'simple');
  app.use(paymentRoutes({ database, gateway, log, adminToken: TOKEN, reconciliation: paying?.reconciliation }));
  app.use(notFound);
  app.use(errorHandler(log));
  const http = await listen(app, [], { host: '127.0.0.1', port: 0 });
  await sandbox.control({ webhookUrl: `${http.url}/v1/webhooks/payments/sandbox` });
  const shop: PaymentShop = {
    database,
    sandbox,
    payments,
    url: http.url,
    open: (attempt = {}) => database.transaction((client) => payments.open(client, { ...newAttempt(), ...attempt })),
    authorised: async (attempt) => {
      const payment = await shop.open(attempt);
      const result = await payments.callAuthorise(payment);
      return database.transaction((client) => payments.recordAuthorisation(client, payment.id, result));
    },
    captured: async (attempt) => {
      const payment = await shop.authorised(attempt);
      const result = await payments.callCapture(payment);
      return database.transaction((client) => payments.recordCapture(client, payment.id, result));
    },
    read: (id) => payments.read(database.pool, id),
    admin: async (method, where, headers = {}) => {
      const answer = await fetch(`${http.url}/v1/admin${where}`, {
        method,
        headers: {
          Authorization: `Bearer ${TOKEN}`,
          ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}),
          ...headers,
        },
      });
      return { status: answer.status, body: await answer.json() };
    },
    stepsOf: async (id) => {
      const { rows } = await database.pool.query<{ step: string; version: number }>(
        `select split_part(type, '.', 3) as step, version from outbox_events where aggregate = $1 order by version`,
        [`payment:${id}`],
      );
      rows.forEach(({ version }, index) => {
        if (version !== index + 1) throw new Error(`event ${index + 1} of ${id} has version ${version}`);
      });
      return rows.map(({ step }) => step);
    },
    close: async () => {
      await http.close();
      await paying?.close();
      await sandbox.close();
      await drop();
    },
  };
  return shop;
}

export const newAttempt = (): NewAttempt => ({
  orderId: newId('ord'),
  attempt: 1,
  amount: { amount: 1999, currency: 'GBP' },
  method: 'card',
  token: 'tok_success',
  country: 'GB',
});

/** I1, I3, I4, I5: our tables against each other, and against the provider's own books. Empty when all is well. */
export async function brokenInvariants(pool: Pick<pg.Pool, 'query'>, sandbox?: Sandbox): Promise<string[]> {
  const { rows } = await pool.query<{ broken: string }>(`
    select 'unbalanced transaction: ' || transaction_id as broken from ledger_entries
      group by transaction_id, currency having sum(amount) <> 0
    union all
    select 'ledger differs from payment: ' || p.id from payments as p
      left join (select t.payment_id,
          sum(e.amount) filter (where t.kind = 'capture') as captured, -sum(e.amount) filter (where t.kind = 'refund') as refunded
        from ledger_transactions as t join ledger_entries as e on e.transaction_id = t.id
        where e.account = 'provider_clearing' group by t.payment_id) as l on l.payment_id = p.id
      where coalesce(l.captured, 0) <> p.captured or coalesce(l.refunded, 0) <> p.refunded
    union all
    select 'refunds differ from payment: ' || p.id from payments as p
      where refunded <> coalesce((select sum(amount) from refunds where payment_id = p.id and status = 'succeeded'), 0)
        or refund_pending <> coalesce((select sum(amount) from refunds where payment_id = p.id and status = 'pending'), 0)
    union all
    select 'out of bounds: ' || id from payments
      where not (refunded + refund_pending <= captured and captured <= authorised and authorised <= amount)`);
  const broken = rows.map((row) => row.broken);
  if (!sandbox) return broken;
  const books = await sandbox.books();
  const keys = new Set(books.map(({ key }) => key));
  if (keys.size !== books.length) broken.push('the provider charged twice for one key');
  const net = books.reduce(
    (sum, { captured, refunded, disputes = [] }) =>
      disputes.reduce(
        (left, { status, amount }) => (status === 'open' || status === 'lost' ? left - amount : left),
        sum + captured - refunded,
      ),
    0,
  );
  const ledger = await pool.query<{ net: string }>(
    `select coalesce(sum(amount), 0) as net from ledger_entries where account = 'provider_clearing'`,
  );
  if (Number(ledger.rows[0]?.net) !== net) broken.push(`provider has ${net}, ledger has ${ledger.rows[0]?.net}`);
  return broken;
}
