import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startServer } from '../http/server';
import { formatTime, runWorker, table } from '../processes';
import type { TrackingLoad } from './load';
import { hasRedis, startRedis } from './redis';

/** How the events are sent. */
interface Shape {
  readonly perSecond: number;
  readonly batch: number;
  readonly seconds: number;
}

interface Measured extends TrackingLoad {
  readonly name: string;
  readonly shape: Shape;
  /** Rows that the database has more than before. */
  readonly stored: number;
  /** Time of the processor that the server took for an event, microseconds; not its database's. */
  readonly cpu: number | undefined;
  /** From the last answer until every event was in sessions and demand, milliseconds. */
  readonly digested: number | undefined;
}

const CONNECTIONS = 32;

async function metricOf(url: string, name: string): Promise<number | undefined> {
  const answer = await fetch(`${url}/metrics`);
  const value = new RegExp(`^${name} ([\\d.e+-]+)`, 'm').exec(await answer.text())?.[1];
  return value === undefined ? undefined : Number(value);
}
const cpuSeconds = (url: string): Promise<number | undefined> => metricOf(url, 'process_cpu_seconds_total');

/** Until nothing is in the stream any more, where there is one. */
async function drain(url: string): Promise<void> {
  while (((await metricOf(url, 'easy11_tracking_stream_events_count')) ?? 0) > 0) await sleep(20);
}

const count = async (client: pg.Client, what: string): Promise<number> =>
  Number((await client.query<{ n: string }>(`select count(*) as n from ${what}`)).rows[0]?.n);

async function measure(
  name: string,
  url: string,
  client: pg.Client,
  shape: Shape,
  digests: boolean,
): Promise<Measured> {
  const send = ({ perSecond, batch, seconds }: Shape): Promise<TrackingLoad> =>
    runWorker<TrackingLoad>('bench/tracking/load.ts', [url, perSecond, batch, seconds, CONNECTIONS].map(String));
  await send({ ...shape, perSecond: shape.perSecond / 5, seconds: 2 }); // warm-up
  await drain(url);
  const [before, cpu] = [await count(client, 'tracking_events'), await cpuSeconds(url)];
  const load = await send(shape);
  const ended = performance.now();
  await drain(url);
  const taken = load.seconds + (performance.now() - ended) / 1_000;
  const cpuAfter = await cpuSeconds(url);
  if (digests) while ((await count(client, 'tracking_batches')) > 0) await sleep(20);
  const digested = digests ? performance.now() - ended : undefined;
  const stored = (await count(client, 'tracking_events')) - before;
  const used = cpu === undefined || cpuAfter === undefined ? undefined : ((cpuAfter - cpu) * 1e6) / load.accepted;
  return { ...load, seconds: taken, name, shape, stored, digested, cpu: used };
}

/** Starts the shop as `npm start` runs it, on a database of its own, and ends it after the work. */
async function inShop<T>(
  given: NodeJS.ProcessEnv,
  work: (url: string, client: pg.Client, databaseUrl: string) => Promise<T>,
): Promise<T> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
  chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  const env = { PORT: '0', LOG_LEVEL: 'warn', EASY11_DATA_DIR: data, EASY11_DEMO_PRODUCTS: '500', DATABASE_URL: '' };
  const shop = await startServer(['scripts/run.cjs', 'start'], { ...env, EASY11_PAYMENTS: 'off', ...given });
  const databaseUrl = readFileSync(path.join(data, 'postgres.url'), 'utf8').trim();
  const client = new pg.Client({ connectionString: databaseUrl });
  try {
    await client.connect();
    return await work(shop.url, client, databaseUrl);
  } finally {
    await client.end();
    await shop.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

/**
 * Events into the shop as `npm start` runs it, at a rate that does not wait for answers, with a Redis and without; and into the peer at the
 * same rate. The load generator, PostgreSQL (embedded, fsync on) and Redis share the machine.
 */
export async function benchTracking(seconds: number): Promise<string> {
  const wanted = { perSecond: 25_000, batch: 50, seconds };
  const short = Math.min(seconds, 15);
  const rows = await inShop({ REDIS_URL: '' }, async (url, client, databaseUrl) => {
    const ours = [
      await measure('Easy11, 50 events a request', url, client, wanted, true),
      await measure('Easy11, 10 events a request', url, client, { ...wanted, batch: 10, seconds: short }, true),
    ];
    const usual = await startServer(['--import', 'tsx', 'bench/tracking/usual.ts', databaseUrl], {});
    try {
      const shape = { ...wanted, seconds: Math.min(seconds, 4) }; // it takes much longer to work them off
      return [...ours, await measure('createMany of the ORM, 50 a request', usual.url, client, shape, false)];
    } finally {
      await usual.stop();
    }
  });
  if (!hasRedis()) return `${report(rows)}\n\nThere is no redis-server here: its row is missing.`;
  const redis = await startRedis('everysec');
  try {
    const name = 'Easy11 through a Redis stream, 50 events a request';
    const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
    const through = await inShop(env, (url, client) => measure(name, url, client, wanted, true));
    return report([...rows.slice(0, 1), through, ...rows.slice(1)]);
  } finally {
    await redis.stop();
  }
}

function report(rows: readonly Measured[]): string {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const head = [
    'events',
    'asked',
    'stored/s',
    'for',
    'p50',
    'p95',
    'p99',
    'not taken',
    'lost or doubled',
    'server CPU an event',
    'digested after',
  ];
  const cells = rows.map((one) => [
    one.name,
    `${whole(one.shape.perSecond)}/s`,
    whole(one.stored / one.seconds),
    `${one.seconds.toFixed(1)} s`,
    ...[one.p50, one.p95, one.p99].map((ms) => formatTime(ms * 1_000)),
    whole(one.notTaken),
    whole(one.accepted - one.stored),
    one.cpu === undefined ? '–' : formatTime(one.cpu),
    one.digested === undefined ? '–' : formatTime(one.digested * 1_000),
  ]);
  const notes = rows.map(({ name, statuses }) => `${name}: ${JSON.stringify(statuses)}`).join('; ');
  return `### Events of visitors, open loop, ${CONNECTIONS} connections, PostgreSQL and load generator on the same machine\n\n${table(head, cells)}\n\nAnswers by status: ${notes}.`;
}
