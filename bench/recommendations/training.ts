import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { ProductTable } from '../../src/contexts/recommendations/product-table';
import { insertModel } from '../../src/contexts/recommendations/store/models';
import { ModelFiles } from '../../src/contexts/recommendations/training/model-files';
import { startTrainer } from '../../src/contexts/recommendations/training/trainer';
import { systemClock } from '../../src/kernel/clock';
import { migrate, openDatabase } from '../../src/platform/database';
import { Delays } from './delays';
import { products } from './generated';

/** What a training says that it does, in the words of the table. */
const PHASES: Readonly<Record<string, string>> = {
  gathering: 'gathering',
  evaluating: 'measuring',
  ordering: 'putting in order',
  reading: 'learning',
  building: 'learning',
  training: 'learning',
  storing: 'storing',
};

/**
 * What the event loop of a shop sees of a training: the products in memory, an embedded PostgreSQL, the trainer and its process, and
 * then the model loaded from this machine's file and, as another machine does, from the database. Prints one JSON line.
 */
async function main(): Promise<void> {
  const [count, customers] = process.argv.slice(2).map(Number) as [number, number];
  const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
  chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  const log = pino({ level: 'warn' }, process.stderr);
  const table = new ProductTable();
  for (const product of products(count)) table.put(product);
  const settings = { DATABASE_URL: undefined, EASY11_DATA_DIR: data, EASY11_DATABASE_POOL: 10 };
  const database = await openDatabase(settings, log);
  try {
    await migrate(database);
    await database.pool.query(`create table bench as select ${count} as products, ${customers} as customers`);
    const delays = new Delays();
    delays.enter('nothing');
    await sleep(5_000);
    delays.enter(undefined);
    const model = await insertModel(database.pool, 'bench', { factors: 64, iterations: 3 });
    const folder = path.join(data, 'recommendations');
    await new Promise<void>((resolve) => {
      const trainer = startTrainer({
        ...{ database, folder, log, clock: systemClock, everyHours: 0, table: () => table },
        program: path.join(__dirname, 'training-program'),
        interactions: () => {
          throw new Error('The bench asks for its training itself');
        },
        onProgress: ({ phase }) => delays.enter(PHASES[phase]),
        onActivated: () => void trainer.close().then(resolve),
      });
    });
    for (const [what, where] of [
      ['loading from this machine', folder],
      ['loading from the database', path.join(data, 'elsewhere')],
    ] as const) {
      delays.enter(what);
      const loaded = await new ModelFiles(database, where).load(model?.version ?? 0);
      await sleep(100);
      loaded.close();
      await sleep(100);
    }
    delays.enter(undefined);
    delays.close();
    process.stdout.write(`${JSON.stringify(delays.all)}\n`);
  } finally {
    await database.close();
    rmSync(data, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
