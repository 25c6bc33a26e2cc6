import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import { migrate, openDatabase } from '../../src/platform/database';
import { appendEvents, startOutbox } from '../../src/platform/outbox';

const PER_TRANSACTION = 100;

/**
 * Events through the whole outbox: written in transactions of a hundred, of a thousand aggregates, published by the relay, and
 * applied by a durable consumer, all in this process. In a database of its own on the server of `url`.
 */
export async function measureOutbox(url: string, events = 30_000): Promise<{ perSecond: number; events: number }> {
  const administrator = new pg.Client({ connectionString: url });
  await administrator.connect();
  const name = `easy11_bench_${randomBytes(6).toString('hex')}`;
  await administrator.query(`create database ${name}`);
  const log = pino({ level: 'error' });
  const own = new URL(url);
  own.pathname = `/${name}`;
  const database = await openDatabase(
    { DATABASE_URL: own.toString(), EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 10 },
    log,
  );
  try {
    await migrate(database);
    const outbox = startOutbox({ database, log });
    let applied = 0;
    let finish = (): void => undefined;
    const all = new Promise<void>((resolve) => (finish = resolve));
    const handler = (): Promise<void> => {
      if (++applied === events) finish();
      return Promise.resolve();
    };
    await outbox.subscribe({ group: 'bench', handler });
    const began = performance.now();
    for (let n = 0; n < events; n += PER_TRANSACTION)
      await database.transaction((client) =>
        appendEvents(
          client,
          Array.from({ length: PER_TRANSACTION }, (_, i) => ({
            aggregate: `bench:${(n + i) % 1_000}`,
            version: Math.floor((n + i) / 1_000) + 1,
            type: 'easy11.bench.happened.v1',
            source: '/easy11/bench',
            subject: String((n + i) % 1_000),
            data: { number: n + i, price: { amount: 1_999, currency: 'GBP' } },
          })),
        ),
      );
    await all;
    const took = (performance.now() - began) / 1_000;
    await outbox.close();
    return { perSecond: events / took, events };
  } finally {
    await database.close();
    await administrator.query(`drop database ${name} with (force)`);
    await administrator.end();
  }
}
