import { digestEvents } from '../../../src/contexts/tracking/digest';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { until } from '../../platform/outbox/support';
import { loadUntilKilled, post, startChild, type Batch, type TrackingChild } from './child';
import { event, HALF_LIFE_DAYS, productId } from './shop';

let scratch: TestDatabase;
let child: TrackingChild | undefined;
beforeAll(async () => {
  scratch = await createTestDatabase();
});
afterAll(async () => {
  await child?.kill();
  await scratch.drop();
});

/** PostgreSQL carries on what a process that is gone had sent, and then hears that it is gone. */
async function onlyOursAreThere(): Promise<boolean> {
  const { pool } = scratch.database;
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`,
  );
  return rows[0]?.n === pool.totalCount;
}

const product = productId();
/** What five clients have waiting is enough to be copied. */
const SIZE = 80;
const makeBatch = (): Batch => Array.from({ length: SIZE }, () => event({ type: 'click', productId: product }));

test('kill -9 in the middle of the load loses nothing that was acknowledged, and what is sent again counts once', async () => {
  child = await startChild(scratch.url);
  const { acknowledged, all } = await loadUntilKilled(child, makeBatch, 40);
  await until('its connections are gone, and with them what they were writing', onlyOursAreThere);
  expect(all.length).toBeGreaterThan(acknowledged.length); // some were under way when it died
  const { rows } = await scratch.database.pool.query<{ id: string }>('select id from tracking_events');
  const stored = new Set(rows.map(({ id }) => `evt_${id}`));
  expect(acknowledged.flat().filter(({ id }) => !stored.has(id))).toEqual([]);

  const again = (child = await startChild(scratch.url));
  const answers = await Promise.all(all.map((batch) => post(again.url, batch)));
  const sum = (what: 'accepted' | 'duplicates'): number =>
    answers.reduce((total, answer) => total + (answer?.[what] ?? Number.NaN), 0);
  expect([sum('accepted'), sum('duplicates')]).toEqual([all.length * SIZE - stored.size, stored.size]);
  await again.kill();
  await until('its connections are gone, and with them their locks', onlyOursAreThere);
  await until('every write is digested', async () => {
    await digestEvents({ database: scratch.database, halfLifeSeconds: HALF_LIFE_DAYS * 86_400 });
    return (await scratch.database.pool.query('select 1 from tracking_batches')).rowCount === 0;
  });
  const { rows: counted } = await scratch.database.pool.query(
    `select (select count(*)::int from tracking_events) as events, (select sum(clicks)::int from tracking_sessions) as clicks,
       (select round(score)::int from tracking_demand) as demand, (select count(*)::int from tracking_batches) as left`,
  );
  const distinct = all.length * SIZE;
  expect(counted).toEqual([{ events: distinct, clicks: distinct, demand: distinct, left: 0 }]);
});
