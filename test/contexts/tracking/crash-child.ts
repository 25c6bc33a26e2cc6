/** Tracking as a process that is killed: `crash-child.ts <database> [stream as JSON]`. Says its port on stdout. */
import express from 'express';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { startTracking, trackingRoutes, type TrackingOptions } from '../../../src/contexts/tracking';
import { openDatabase } from '../../../src/platform/database';
import { errorHandler } from '../../../src/platform/http/error-handler';
import { HALF_LIFE_DAYS } from './shop';

async function main(url: string, stream?: TrackingOptions['stream']): Promise<void> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, log);
  // Every product is known: the demand of those that are none would be forgotten.
  const changePopularity = (_: unknown, ids: readonly string[]): Promise<Set<string>> => Promise.resolve(new Set(ids));
  const options = {
    ...{ queueLength: 20_000, retentionDays: 30, halfLifeDays: HALF_LIFE_DAYS, archived: false },
    ...{ changePopularity, stream },
  };
  const tracking = await startTracking({ database, log, ...options });
  // Always in the middle of a digest, too.
  setInterval(() => tracking.digest.wake(), 5);
  const app = express();
  app.use(trackingRoutes(tracking));
  app.use(errorHandler(log));
  const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
}

const [, , url = '', stream] = process.argv;
main(url, stream === undefined ? undefined : (JSON.parse(stream) as TrackingOptions['stream'])).catch(
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
