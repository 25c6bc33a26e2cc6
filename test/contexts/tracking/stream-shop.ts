import express from 'express';
import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { startTracking, trackingRoutes, type Tracking } from '../../../src/contexts/tracking';
import { digestEvents } from '../../../src/contexts/tracking/digest';
import { openEventStream, type EventStream, type StreamSettings } from '../../../src/contexts/tracking/stream';
import type { WriteEvents } from '../../../src/contexts/tracking/queue';
import { openDatabase } from '../../../src/platform/database';
import { errorHandler } from '../../../src/platform/http/error-handler';
import type { TestDatabase } from '../../support/database';
import { HALF_LIFE_DAYS } from './shop';

export const silent = pino({ level: 'silent' });

export type StreamOf = Partial<StreamSettings> & Pick<StreamSettings, 'url'>;

/** What a test does not say of a stream. Claims soon. */
export const streamOf = (stream: StreamOf): StreamSettings => ({
  ...{ prefix: 'easy11-test', mode: 'auto', claimAfterMs: 100 },
  ...stream,
});

/** Tracking with a stream behind a real Express, with everything running. */
export interface StreamShop {
  readonly tracking: Tracking;
  readonly stream: EventStream;
  send(events: readonly unknown[]): Promise<Response>;
  close(): Promise<void>;
}

/** `url` is the way to the database. */
export async function openStreamShop(url: string, of: StreamOf): Promise<StreamShop> {
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, silent);
  const tracking = await startTracking({
    ...{ database, log: silent, queueLength: 20_000, retentionDays: 30, halfLifeDays: HALF_LIFE_DAYS, archived: false },
    // Every product is known: the demand of those that are none would be forgotten.
    changePopularity: (_, ids) => Promise.resolve(new Set(ids)),
    stream: streamOf(of),
  });
  const app = express();
  app.use(trackingRoutes(tracking));
  app.use(errorHandler(silent));
  if (!tracking.stream) throw new Error('there is no stream');
  return {
    tracking,
    stream: tracking.stream,
    send: (events) => request(app).post('/v1/events:batch').set('User-Agent', 'Firefox').send({ events }),
    close: async () => {
      await tracking.close();
      await database.close();
    },
  };
}

/** A stream alone: it writes where the test says. */
export const openStream = (scratch: TestDatabase, of: StreamOf, write: WriteEvents): Promise<EventStream> =>
  openEventStream(streamOf(of), {
    ...{
      database: scratch.database,
      write,
      straight: write,
      retentionDays: 30,
      onDuplicates: () => undefined,
      log: silent,
    },
  });

/** The ids that are stored. */
export async function storedIds({ database }: TestDatabase): Promise<Set<string>> {
  const { rows } = await database.pool.query<{ id: string }>('select id from tracking_events');
  return new Set(rows.map(({ id }) => `evt_${id}`));
}

/** Digests everything, and says how often clicks were counted. */
export async function countedClicks({ database }: TestDatabase): Promise<Record<string, unknown>> {
  const left = async (): Promise<boolean> => (await database.pool.query('select from tracking_batches')).rowCount !== 0;
  while (await left()) await digestEvents({ database, halfLifeSeconds: HALF_LIFE_DAYS * 86_400 });
  const { rows } = await database.pool.query(
    `select (select sum(clicks)::int from tracking_sessions) as sessions, (select round(sum(score))::int from tracking_demand) as demand`,
  );
  return rows[0] as Record<string, unknown>;
}
