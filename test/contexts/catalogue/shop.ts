import express, { type Express } from 'express';
import { pino } from 'pino';
import request, { type Test } from 'supertest';
import { catalogueRoutes, type CatalogueDependencies } from '../../../src/contexts/catalogue';
import type { Database } from '../../../src/platform/database';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { createTestDatabase } from '../../support/database';

export const TOKEN = 'a-token-for-these-tests';

/** The catalogue behind a real Express on a database of its own. */
export interface Shop extends CatalogueDependencies {
  readonly app: Express;
  admin(method: 'get' | 'post' | 'patch' | 'delete', path: string): Test;
  /** Adds a product and gives it back as the API does. */
  product(fields?: object): Promise<{ id: string; version: number; name: string; sku: string }>;
  /** The events in the order they were written. */
  events(): Promise<{ type: string; aggregate: string; version: number; data: Record<string, unknown> }[]>;
  close(): Promise<void>;
}

export async function openShop(currency = 'GBP'): Promise<Shop> {
  const { database, drop } = await createTestDatabase();
  const log = pino({ level: 'silent' });
  const app = express();
  app.set('query parser', 'simple');
  app.use(catalogueRoutes({ database, log, adminToken: TOKEN, currency }));
  app.use(notFound);
  app.use(errorHandler(log));
  const admin: Shop['admin'] = (method, path) =>
    request(app)[method](`/v1/admin${path}`).set('Authorization', `Bearer ${TOKEN}`);
  let made = 0;
  return {
    database,
    currency,
    app,
    admin,
    async product(fields = {}) {
      made += 1;
      const body = {
        sku: `SKU-${made}`,
        name: `Product ${made}`,
        price: { amount: 100 * made, currency },
        status: 'active',
      };
      const answer = await admin('post', '/products').send({ ...body, ...fields });
      expect(answer.status).toBe(201);
      return answer.body;
    },
    events: () => readEvents(database),
    close: drop,
  };
}

async function readEvents(database: Database): ReturnType<Shop['events']> {
  const { rows } = await database.pool.query('select type, aggregate, version, data from outbox_events order by id');
  return rows;
}
