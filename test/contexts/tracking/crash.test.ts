import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { digestEvents } from '../../../src/contexts/tracking/digest';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { until } from '../../platform/outbox/support';
import { event, HALF_LIFE_DAYS, productId } from './shop';

let scratch: TestDatabase;
let child: ChildProcess | undefined;
beforeAll(async () => {
  scratch = await createTestDatabase();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await scratch.drop();
});

async function start(): Promise<string> {
  const script = path.join(__dirname, 'crash-child.ts');
  const started = spawn(process.execPath, ['--import', 'tsx', script, scratch.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  const ended = once(started, 'exit').then(([code]) => Promise.reject(new Error(`the child ended with ${code}`)));
  ended.catch(() => undefined); // the test kills it: only an end before it listens is a failure
  const [port] = (await Promise.race([once(started.stdout, 'data'), ended])) as [Buffer];
  return `http://127.0.0.1:${String(port).trim()}/v1/events:batch`;
}

async function kill(): Promise<void> {
  const gone = once(child as ChildProcess, 'exit');
  child?.kill('SIGKILL');
  await gone;
}

/** PostgreSQL carries on what a process that is gone had sent, and then hears that it is gone. */
async function onlyOursAreThere(): Promise<boolean> {
  const { pool } = scratch.database;
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from pg_stat_activity where datname = current_database() and backend_type = 'client backend'`,
  );
  return rows[0]?.n === pool.totalCount;
}

type Batch = readonly { readonly id: string }[];

async function send(url: string, events: Batch): Promise<{ accepted: number; duplicates: number } | undefined> {
  try {
    const body = JSON.stringify({ events });
    const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
    return answer.status === 200 ? ((await answer.json()) as { accepted: number; duplicates: number }) : undefined;
  } catch {
    return undefined; // the server died before it answered: nothing is known of the batch
  }
}

const product = productId();
/** What five clients have waiting is enough to be copied. */
const SIZE = 80;
const makeBatch = (): Batch => Array.from({ length: SIZE }, () => event({ type: 'click', productId: product }));

test('kill -9 in the middle of the load loses nothing that was acknowledged, and what is sent again counts once', async () => {
  const acknowledged: Batch[] = [];
  const all: Batch[] = [];
  const first = await start();
  let dying: Promise<void> | undefined;
  // Each goes on until it is not answered: so the process dies while all but one have something under way.
  const client = async (): Promise<void> => {
    for (;;) {
      const batch = makeBatch();
      all.push(batch);
      if (!(await send(first, batch))) return;
      acknowledged.push(batch);
      if (acknowledged.length >= 40) dying ??= kill();
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(client));
  await dying;
  await until('its connections are gone, and with them what they were writing', onlyOursAreThere);
  expect(all.length).toBeGreaterThan(acknowledged.length); // some were under way when it died
  const { rows } = await scratch.database.pool.query<{ id: string }>('select id from tracking_events');
  const stored = new Set(rows.map(({ id }) => `evt_${id}`));
  expect(acknowledged.flat().filter(({ id }) => !stored.has(id))).toEqual([]);

  const url = await start();
  const answers = await Promise.all(all.map((batch) => send(url, batch)));
  const sum = (what: 'accepted' | 'duplicates'): number =>
    answers.reduce((total, answer) => total + (answer?.[what] ?? Number.NaN), 0);
  expect([sum('accepted'), sum('duplicates')]).toEqual([all.length * SIZE - stored.size, stored.size]);
  await kill();
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
