import express, { type RequestHandler } from 'express';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { pino } from 'pino';
import { catalogueRoutes } from '../../../src/contexts/catalogue';
import { inventoryRoutes } from '../../../src/contexts/inventory';
import type { Database } from '../../../src/platform/database';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { listen } from '../../../src/platform/http/server';
import { createTestDatabase } from '../../support/database';

export const TOKEN = 'a-token-for-these-tests';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers: expectations read it
  readonly body: any;
}

/** Catalogue and inventory behind a real server, on a database of their own. */
export interface Shop {
  readonly database: Database;
  readonly url: string;
  ask(method: string, where: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** With the admin token and a new Idempotency-Key. */
  admin(method: string, where: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  warehouse(priority?: number): Promise<string>;
  /** A new product. Resolves to its sku. */
  product(): Promise<string>;
  /** A new product with so many units in each of these warehouses. */
  stocked(...levels: [warehouseId: string, quantity: number][]): Promise<string>;
  close(): Promise<void>;
}

/** `more` adds the routes of other contexts. */
export async function openShop(more: (database: Database) => RequestHandler[] = () => []): Promise<Shop> {
  const { database, drop } = await createTestDatabase();
  const log = pino({ level: 'silent' });
  const app = express();
  app.set('query parser', 'simple');
  app.use(catalogueRoutes({ database, log, adminToken: TOKEN, currency: 'GBP' }));
  app.use(inventoryRoutes({ database, adminToken: TOKEN }));
  for (const routes of more(database)) app.use(routes);
  app.use(notFound);
  app.use(errorHandler(log));
  const http = await listen(app, [], { host: '127.0.0.1', port: 0 });
  let made = 0;
  const ask: Shop['ask'] = async (method, where, body, headers = {}) => {
    const answer = await fetch(http.url + where, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  const admin: Shop['admin'] = (method, where, body, headers = {}) =>
    ask(method, `/v1/admin${where}`, body, {
      Authorization: `Bearer ${TOKEN}`,
      ...(method === 'POST' ? { 'Idempotency-Key': randomUUID() } : {}),
      ...headers,
    });
  const done = (answer: Answer): Answer => {
    if (answer.status !== 201) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  };
  const shop: Shop = {
    database,
    url: http.url,
    ask,
    admin,
    warehouse: async (priority = 10) => {
      const code = `W-${++made}`;
      return done(await admin('POST', '/warehouses', { code, name: code, priority })).body.id;
    },
    product: async () => {
      const sku = `SKU ${++made}`;
      const price = { amount: 295, currency: 'GBP' };
      done(await admin('POST', '/products', { sku, name: sku, price, status: 'active' }));
      return sku;
    },
    stocked: async (...levels) => {
      const sku = await shop.product();
      for (const [warehouseId, quantity] of levels) {
        done(await admin('POST', '/stock/adjustments', { warehouseId, kind: 'receipt', lines: [{ sku, quantity }] }));
      }
      return sku;
    },
    close: async () => {
      await http.close();
      await drop();
    },
  };
  return shop;
}

/**
 * Comes again, the same, while the shop says that it is worth it: where many want one row, a busy machine sends some away. What it
 * sends away it has not done.
 */
export async function insist(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503 && answer.body?.code !== 'idempotency-key-in-flight') return answer;
    if (answer.headers.get('retry-after') !== '1')
      throw new Error(`${answer.status} without Retry-After: ${JSON.stringify(answer.body)}`);
    await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
  }
}

/** I2 and what goes with it, asked of the database itself. Empty when all is well. */
export async function brokenInvariants(pool: Pick<pg.Pool, 'query'>): Promise<string[]> {
  const { rows } = await pool.query<{ broken: string }>(`
    with told as materialized (
      select subject, version, concat(data->>'onHand', '/', data->>'reserved') as stock
      from outbox_events where aggregate like 'stock:%')
    select 'level out of bounds: ' || sku as broken from stock_levels where not (0 <= reserved and reserved <= on_hand)
    union all
    select 'reserved is not what is held: ' || l.sku from stock_levels as l
    where l.reserved <> (select coalesce(sum(line.quantity), 0) from reservation_lines as line
      join reservations as r on r.id = line.reservation_id and r.state = 'held'
      where line.sku = l.sku and line.warehouse_id = l.warehouse_id)
    union all
    select 'on hand is not the sum of movements: ' || l.sku from stock_levels as l
    where l.on_hand <> (select coalesce(sum(quantity), 0) from stock_movements as m
      where m.sku = l.sku and m.warehouse_id = l.warehouse_id)
    union all
    select 'a sum differs from its levels: ' || i.sku from stock_items as i
    where concat(i.on_hand, '/', i.reserved) is distinct from
      (select concat(coalesce(sum(on_hand), 0), '/', coalesce(sum(reserved), 0)) from stock_levels as l where l.sku = i.sku)
    union all
    select 'events have gaps or are missing: ' || i.sku from stock_items as i
    left join (select subject, count(*) from told group by subject) as t on t.subject = i.sku
    where i.version <> coalesce(t.count, 0)
    union all
    select 'the last event does not tell the stock: ' || i.sku from stock_items as i
    left join told as t on t.subject = i.sku and t.version = i.version
    where i.version > 0 and concat(i.on_hand, '/', i.reserved) is distinct from t.stock`);
  return rows.map(({ broken }) => broken);
}
