/** Tracking as a process that is killed: started by crash.test.ts. Says its port on stdout. */
import express from 'express';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { startTracking, trackingRoutes } from '../../../src/contexts/tracking';
import { openDatabase } from '../../../src/platform/database';
import { errorHandler } from '../../../src/platform/http/error-handler';
import { HALF_LIFE_DAYS } from './shop';

async function main(url: string): Promise<void> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, log);
  // Every product is known: the demand of those that are none would be forgotten.
  const changePopularity = (_: unknown, ids: readonly string[]): Promise<Set<string>> => Promise.resolve(new Set(ids));
  const options = {
    ...{ queueLength: 20_000, retentionDays: 30, halfLifeDays: HALF_LIFE_DAYS, archived: false },
    changePopularity,
  };
  const tracking = await startTracking({ database, log, ...options });
  // Always in the middle of a digest, too.
  setInterval(() => tracking.digest.wake(), 5);
  const app = express();
  app.use(trackingRoutes(tracking));
  app.use(errorHandler(log));
  const server = app.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
}

main(String(process.argv[2])).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
