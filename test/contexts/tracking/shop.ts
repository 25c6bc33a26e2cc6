import { randomUUID } from 'node:crypto';
import express, { type Express } from 'express';
import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { v7 } from 'uuid';
import { trackingRoutes } from '../../../src/contexts/tracking';
import { keepPartitions } from '../../../src/contexts/tracking/background';
import { EventQueue, type QueueOptions } from '../../../src/contexts/tracking/queue';
import { trackedEventSchema, type TrackedEvent } from '../../../src/contexts/tracking/schemas';
import { insertEvents } from '../../../src/contexts/tracking/store/events';
import { VisitorRate } from '../../../src/contexts/tracking/visitor-rate';
import type { Database } from '../../../src/platform/database';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { createTestDatabase } from '../../support/database';

/** Tracking behind a real Express on a database of its own; nothing runs by itself. */
export interface TrackingShop {
  readonly app: Express;
  readonly database: Database;
  send(events: readonly unknown[]): Promise<Response>;
  /** What is stored, in the order of ids. */
  stored(): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openTrackingShop(options: Partial<QueueOptions> = {}, perMinute = 600): Promise<TrackingShop> {
  const { database, drop } = await createTestDatabase();
  await keepPartitions(database, Date.now(), 30);
  const queue = new EventQueue({
    write: (events) => insertEvents(database.pool, events),
    capacity: 20_000,
    ...options,
  });
  const app = express();
  const counts = { accepted: 0, duplicates: 0, withoutConsent: 0, bots: 0, refused: 0 };
  app.use(trackingRoutes({ queue, rate: new VisitorRate(perMinute), counts }));
  app.use(notFound);
  app.use(errorHandler(pino({ level: 'silent' })));
  return {
    app,
    database,
    send: (events) => request(app).post('/v1/events:batch').set('User-Agent', 'Firefox').send({ events }),
    stored: async () => (await database.pool.query('select * from tracking_events order by id')).rows,
    close: async () => {
      await queue.close();
      await drop();
    },
  };
}

/** So long that what a test takes, however busy the machine is, makes no demand smaller. */
export const HALF_LIFE_DAYS = 36_500;

export const productId = (): string => `prd_${v7()}`;
export const visitorId = (): string => `vis_${randomUUID()}`;

/** An event of somebody who agreed, as a client sends it: a view unless said otherwise. */
export function event(fields: Record<string, unknown> = {}, at = Date.now()): { id: string } & Record<string, unknown> {
  const product = ['search', 'exposure'].includes(String(fields.type)) ? {} : { productId: productId() };
  return { id: `evt_${v7({ msecs: at })}`, type: 'view', visitorId: visitorId(), consent: true, ...product, ...fields };
}

/** The same as it is stored. */
export const tracked = (fields: Record<string, unknown> = {}, at = Date.now()): TrackedEvent =>
  trackedEventSchema.parse(event(fields, at));

/** Stores events as one write, in the order that the store wants. */
export const store = (database: Database, events: readonly TrackedEvent[]): Promise<ReadonlySet<string>> =>
  insertEvents(
    database.pool,
    [...events].sort((a, b) => (a.id < b.id ? -1 : 1)),
  );
