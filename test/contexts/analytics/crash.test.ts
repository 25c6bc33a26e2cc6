import { readdirSync } from 'node:fs';
import path from 'node:path';
import { v7 } from 'uuid';
import { ANALYTICS_PROGRAM } from '../../../src/analytics';
import { enqueueRun, startAnalyticsProcess, type AnalyticsProcess } from '../../../src/contexts/analytics';
import { keepPartitions } from '../../../src/contexts/tracking/background';
import { silent, until } from '../../platform/outbox/support';
import { store, tracked, visitorId } from '../tracking/shop';
import { openWorkshop, type Workshop } from './workshop';

let shop: Workshop;
let worker: AnalyticsProcess | undefined;
beforeEach(async () => {
  shop = await openWorkshop();
  await keepPartitions(shop.database, Date.now(), 30);
});
afterEach(async () => {
  await worker?.close();
  await shop.close();
});

const HELD = 4711;
const parts = (state: string): Promise<number> =>
  shop.database.pool
    .query<{ n: number }>('select count(*)::int as n from analytics_parts where state = $1', [state])
    .then(({ rows }) => rows[0]?.n ?? 0);
const filesOf = (dataset: string): string[] => {
  const home = path.join(shop.directory, 'archive', dataset);
  return readdirSync(home).flatMap((folder) => readdirSync(path.join(home, folder)));
};

test('kill -9 between the files of a part and the note that it is there counts nothing twice and loses nothing', async () => {
  const visitor = visitorId();
  for (let n = 0; n < 30; n++)
    await store(shop.database, [tracked({ type: 'search', query: 'mug', results: 0, visitorId: visitor })]);
  await shop.bring([
    '1,A,THING,2,2011-01-03 10:00:00,1.50,10,France',
    '2,A,THING,2,2011-02-03 10:00:00,2.50,10,France',
  ]);

  // Whoever notes that a part is written waits for this lock: its files are in their places by then.
  const blocker = await shop.database.pool.connect();
  await blocker.query(`create function hold() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(${HELD}); return new; end'`);
  await blocker.query('create trigger hold before update on analytics_parts for each row execute function hold()');
  await blocker.query(`select pg_advisory_lock(${HELD})`);

  worker = startAnalyticsProcess({
    program: ANALYTICS_PROGRAM,
    settings: { databaseUrl: shop.url, directory: shop.directory, memoryMb: 512, threads: 1 },
    log: silent,
  });
  await enqueueRun(shop.database.pool, `run_${v7()}`, 'command');
  const died = worker.run().catch((error: unknown) => error);
  await until('somebody wants to note that the first part is there', async () => {
    const waiting = await blocker.query(
      `select 1 from pg_locks where locktype = 'advisory' and objid = ${HELD} and not granted`,
    );
    return waiting.rowCount === 1;
  });
  process.kill(Number(worker.pid), 'SIGKILL');
  expect(await died).toMatchObject({ message: expect.stringContaining('SIGKILL') });
  await blocker.query(`select pg_advisory_unlock(${HELD})`);
  await blocker.query('drop trigger hold on analytics_parts');
  blocker.release();
  expect(await parts('writing')).toBe(1);
  const left = filesOf('past_order_lines');

  const late = tracked({ type: 'search', query: 'mug', results: 0, visitorId: visitor });
  await store(shop.database, [late]);
  await until('the server has seen that the process is gone', async () => {
    await enqueueRun(shop.database.pool, `run_${v7()}`, 'command');
    return (await shop.worker.run())?.state === 'succeeded';
  });
  expect(await parts('writing')).toBe(0);
  expect(filesOf('past_order_lines')).toEqual(left);
  expect(await shop.query('select sum(searches)::integer as n from searches_without_results')).toEqual([{ n: 31 }]);
  expect(await shop.query('select orders, monetary from customers')).toEqual([{ orders: 2, monetary: 800 }]);
  const waiting = await shop.database.pool.query(
    'select 1 from analytics_exports union all select 1 from tracking_exports',
  );
  expect(waiting.rowCount).toBe(0);
  const { rows } = await shop.database.pool.query(`select state, error from analytics_runs order by id limit 1`);
  expect(rows).toEqual([{ state: 'failed', error: 'interrupted' }]);
}, 120_000);
