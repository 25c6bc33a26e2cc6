/** A shop that is killed in the middle of a training: started by training-process.test.ts. */
import { pino } from 'pino';
import { startTrainer } from '../../../src/contexts/recommendations/training/trainer';
import { systemClock } from '../../../src/kernel/clock';
import { openDatabase } from '../../../src/platform/database';
import { TRAINING_PROGRAM } from './lessons';
import { product, tableOf } from './shelf';
import { tastes } from './tastes';

async function main(url: string, folder: string): Promise<void> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, log);
  const table = tableOf(Array.from({ length: 60 }, (_, n) => product(n)));
  startTrainer({
    database,
    program: TRAINING_PROGRAM,
    folder,
    table: () => table,
    interactions: () => tastes(),
    log,
    clock: systemClock,
    everyHours: 0,
    leaseMs: 3_000,
    idleMs: 20,
    onActivated: () => undefined,
  });
}

main(String(process.argv[2]), String(process.argv[3])).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
