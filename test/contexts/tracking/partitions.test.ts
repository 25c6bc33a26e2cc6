import { keepPartitions, startTracking } from '../../../src/contexts/tracking/background';
import { trackedEventExport } from '../../../src/contexts/tracking';
import { DAY_MS } from '../../../src/contexts/tracking/rules';
import { listPartitions } from '../../../src/contexts/tracking/store/events';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { silent, until } from '../../platform/outbox/support';
import { store, tracked } from './shop';

let scratch: TestDatabase;
beforeEach(async () => {
  scratch = await createTestDatabase();
});
afterEach(() => scratch.drop());
const days = (): Promise<string[]> => listPartitions(scratch.database.pool);

test('days are made ahead once, however many processes do it, and dropped after the retention', async () => {
  const { database } = scratch;
  const now = Date.UTC(2026, 10, 26, 12);
  await Promise.all([1, 2, 3].map(() => keepPartitions(database, now, 7)));
  expect(await days()).toEqual(['20261124', '20261125', '20261126', '20261127', '20261128', '20261129']);
  await store(database, [tracked({}, now), tracked({}, now + 2 * DAY_MS)]);
  await keepPartitions(database, now + 8 * DAY_MS, 7);
  expect((await days())[0]).toBe('20261127');
  expect((await database.pool.query('select 1 from tracking_events')).rowCount).toBe(1);
});

test('where there is an archive a day stays until all of its events are there, and another day does not wait for it', async () => {
  const { database } = scratch;
  const now = Date.UTC(2026, 10, 26, 12);
  await keepPartitions(database, now, 7, true);
  await store(database, [tracked({}, now - DAY_MS)]);
  await store(database, [tracked({}, now)]);
  const later = now + 20 * DAY_MS;
  const { claim, read, release } = trackedEventExport;
  // A part that is claimed is not written yet.
  expect(await database.transaction((client) => claim(client, 1))).toBe(2);
  await keepPartitions(database, later, 7, true);
  expect((await days()).filter((day) => day < '20261201')).toEqual(['20261125', '20261126']);
  const archived: string[] = [];
  for await (const page of read(database.pool, 1))
    archived.push(...page.map(({ occurredAt }) => occurredAt.slice(0, 10)));
  expect(archived).toEqual(['2026-11-25', '2026-11-26']);
  await database.transaction((client) => release(client, 1));
  await keepPartitions(database, later, 7, true);
  expect((await days()).filter((day) => day < '20261201')).toEqual([]);
  expect((await database.pool.query('select 1 from tracking_exports')).rowCount).toBe(0);
});

test('a day that somebody reads is left for the next time, and writes do not wait behind it', async () => {
  const { database } = scratch;
  const now = Date.now();
  await keepPartitions(database, now - 20 * DAY_MS, 30);
  const reader = await database.pool.connect();
  try {
    await reader.query('begin');
    await reader.query('select count(*) from tracking_events');
    await expect(keepPartitions(database, now, 7)).rejects.toMatchObject({ code: '55P03' });
    await store(database, [tracked()]);
    await reader.query('rollback');
  } finally {
    reader.release();
  }
  await keepPartitions(database, now, 7);
  expect(await days()).toHaveLength(6);
});

test('the loop has made the days before the first event, and says when it last did', async () => {
  const { database } = scratch;
  const changePopularity = (): Promise<Set<string>> => Promise.resolve(new Set());
  const options = { queueLength: 1_000, retentionDays: 30, halfLifeDays: 14, archived: false, changePopularity };
  const tracking = await startTracking({ database, log: silent, ...options });
  try {
    expect(await tracking.queue.add([tracked()])).toBe(0);
    const loops = [tracking.partitions, tracking.digest, tracking.popularity];
    await until('each has run', () => loops.every((loop) => loop.status().lastSuccessAt !== undefined));
    expect(loops.map((loop) => loop.status().errors)).toEqual([0, 0, 0]);
  } finally {
    await tracking.close();
  }
});
