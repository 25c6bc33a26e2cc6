import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { openDatabase, type Database } from '../../../platform/database';
import { createLog } from '../../../platform/log';
import { ModelFiles } from './model-files';
import { trainVersion } from './train';
import { Untrainable, type News, type Order, type Progress, type TrainingSources } from './training';

/** A cursor at a time, and one for what the training itself asks. */
const CONNECTIONS = 3;
/** Milliseconds between two words of how far it is. */
const TOLD_MS = 200;
/** Of 1,000: where memory runs out, Linux ends this process before the shop. */
const EXPENDABLE = '500';

/**
 * The other side of trainInProcess: carries out the one training that this process was started for, and ends. It ends, too, when the
 * process that started it does; signals to all processes of a terminal or a service are for that one.
 */
export function serveTraining(sourcesOf: (database: Database) => TrainingSources): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  process.on('disconnect', () => process.exit(0));
  process.once('message', (order: Order) => {
    void carryOut(order, sourcesOf)
      .catch((error: unknown): News => {
        if (error instanceof Untrainable) return { untrainable: error.message };
        if (!(error instanceof Error)) return { error: String(error), stack: undefined };
        return { error: error.message || error.name, stack: error.stack };
      })
      .then((news) => process.send?.(news, () => process.exit(0)));
  });
}

async function carryOut(
  { databaseUrl, folder, claim }: Order,
  sourcesOf: (database: Database) => TrainingSources,
): Promise<News> {
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  const log = createLog({ LOG_LEVEL: 'warn' }, process.stderr);
  if (process.platform === 'linux')
    await writeFile('/proc/self/oom_score_adj', EXPENDABLE).catch((error: unknown) =>
      log.warn({ err: error }, 'The system may end the shop for the memory of this process'),
    );
  const settings = { DATABASE_URL: databaseUrl, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: CONNECTIONS };
  const database = await openDatabase(settings, log);
  try {
    const context = { database, files: new ModelFiles(database, folder), sources: sourcesOf(database) };
    return { outcome: await trainVersion(context, claim, { cores: os.availableParallelism(), tell: teller() }) };
  } finally {
    await database.close();
  }
}

/** Tells the other process how far it is: of each phase its beginning, and then a few times a second. */
function teller(): (phase: string, done: number, total: number | null) => void {
  let last: Progress | undefined;
  let at = -Infinity;
  return (phase, done, total) => {
    const now = performance.now();
    if (last?.phase === phase && now - at < TOLD_MS) return;
    [last, at] = [{ phase, done, total }, now];
    const news: News = { progress: last };
    if (process.connected) process.send?.(news);
  };
}
