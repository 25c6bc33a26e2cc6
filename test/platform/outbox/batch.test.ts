import type pg from 'pg';
import { systemClock } from '../../../src/kernel/clock';
import { deliverPartitions, type Consumer } from '../../../src/platform/outbox/deliver';
import { PARTITIONS, type PublishedEvent } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, publishAll, thing } from './support';

/** One pass over all partitions at once, with a handler for many events. */
let scratch: TestDatabase;
const ALL = Array.from({ length: PARTITIONS }, (_, partition) => partition);
beforeAll(async () => {
  scratch = await createTestDatabase();
});
afterAll(() => scratch.drop());
beforeEach(async () => {
  const { pool } = scratch.database;
  await pool.query('truncate outbox_events, outbox_cursors, outbox_inbox cascade');
  await pool.query('update outbox_partitions set position = 0');
  await pool.query(
    `insert into outbox_cursors (consumer_group, partition, position) select 'batch', partition, 0 from outbox_partitions`,
  );
});

const consumer = (more: Partial<Consumer>): Consumer => ({
  group: 'batch',
  kind: undefined,
  handler: () => Promise.reject(new Error('one by one')),
  retries: 0,
  handlerMs: 30_000,
  overdue: { batch: false, events: new Map() },
  backoff: { firstMs: 1, factor: 1, mostMs: 1 },
  clock: systemClock,
  random: Math.random,
  ...more,
});
const pass = (more: Partial<Consumer>): ReturnType<typeof deliverPartitions> =>
  scratch.database.transaction((client) => deliverPartitions(client, consumer(more), ALL));
const names = Array.from({ length: 20 }, (_, n) => `n${n}`);
const write = async (kind = 'thing'): Promise<void> => {
  for (const version of [1, 2])
    await append(scratch.database, ...names.map((name) => ({ ...thing(name, version), aggregate: `${kind}:${name}` })));
  while ((await publishAll(scratch.database)) > 0);
};

test('the events of all partitions come together, those of an aggregate in their order, and only once', async () => {
  await write();
  const seen: PublishedEvent[] = [];
  const batchHandler = (events: readonly PublishedEvent[]): Promise<void> => {
    seen.push(...events);
    return Promise.resolve();
  };
  expect(await pass({ batchHandler })).toEqual({ more: false, applied: 40, duplicates: 0, failures: 0 });
  expect(new Set(seen.map(({ partition }) => partition)).size).toBeGreaterThan(4);
  for (const name of names)
    expect(seen.filter(({ subject }) => subject === name).map(({ version }) => version)).toEqual([1, 2]);
  expect(await pass({ batchHandler })).toMatchObject({ applied: 0 });
});

test('when they cannot be applied together, they are one by one, and what fails is parked alone', async () => {
  await write();
  const handler = async ({ subject }: PublishedEvent, client: pg.PoolClient): Promise<void> => {
    await client.query('select 1');
    if (subject === 'n7') throw new Error('poison');
  };
  const batchHandler = (): Promise<void> => Promise.reject(new Error('together'));
  // The second event of n7 waits behind the first.
  expect(await pass({ handler, batchHandler })).toMatchObject({ applied: 38, failures: 1 });
  const { rows } = await scratch.database.pool.query('select distinct aggregate from outbox_dead_letters');
  expect(rows).toEqual([{ aggregate: 'thing:n7' }]);
});

test('events of other kinds are passed over without being handed out, and not looked at again', async () => {
  await write('other');
  expect(await pass({ kind: 'thing' })).toEqual({ more: false, applied: 0, duplicates: 0, failures: 0 });
  const { rows } = await scratch.database.pool.query<{ behind: string }>(
    `select count(*) as behind from outbox_cursors join outbox_partitions as head using (partition)
     where outbox_cursors.position < head.position`,
  );
  expect(Number(rows[0]?.behind)).toBe(0);
});

test('a partition that another process has is left to it, and the others are not', async () => {
  await write();
  const other = await scratch.database.pool.connect();
  try {
    await other.query('begin');
    await other.query(`select from outbox_cursors where consumer_group = 'batch' and partition = 0 for update`);
    const seen = new Set<number>();
    await pass({
      batchHandler: (events) => {
        for (const { partition } of events) seen.add(partition);
        return Promise.resolve();
      },
    });
    expect(seen.has(0)).toBe(false);
    expect(seen.size).toBeGreaterThan(4);
  } finally {
    await other.query('rollback');
    other.release();
  }
});
