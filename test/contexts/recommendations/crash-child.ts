/** A trainer that is killed in the middle of a training: started by crash.test.ts. What there is to learn from never ends. */
import { once } from 'node:events';
import { pino } from 'pino';
import { ModelFiles } from '../../../src/contexts/recommendations/training/model-files';
import { startTrainer } from '../../../src/contexts/recommendations/training/trainer';
import type { SourceInteraction } from '../../../src/contexts/recommendations';
import { systemClock } from '../../../src/kernel/clock';
import { openDatabase } from '../../../src/platform/database';
import { product, tableOf } from './shelf';
import { tastes } from './tastes';

async function main(url: string, folder: string): Promise<void> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({ DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 4 }, log);
  const table = tableOf(Array.from({ length: 60 }, (_, n) => product(n)));
  const interactions = async function* (): AsyncGenerator<SourceInteraction> {
    yield* tastes();
    process.stdout.write('in the middle\n');
    await once(process, 'never');
  };
  startTrainer({
    database,
    files: new ModelFiles(database, folder),
    table: () => table,
    interactions,
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
