import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import type { TrackedEvent } from '../../src/contexts/tracking/schemas';
import { keepPartitions } from '../../src/contexts/tracking/background';
import { migrate, openDatabase } from '../../src/platform/database';
import { median, table } from '../processes';
import { cpuOf } from './cpu';
import { makeEvents } from './made-events';
import { hasRedis } from './redis';
import { bytesWaiting, redisWay } from './stream';
import { WAYS, type Way } from './writers';

/** Events of a group, connections, and the share of requests that come again. */
export const SHAPES = '500x1,500x4,2000x1,2000x4,5000x1,5000x4,2000x1x0.001,2000x1x0.01';

export interface WaysOptions {
  readonly events: number;
  readonly rounds: number;
  readonly shapes: string;
  /** Parts of the names of ways, ours beside them; all of them where there is none. */
  readonly only: readonly string[];
}

interface Round {
  /** Events a second until the last answer, and until the last was in the table. */
  readonly answered: number;
  readonly stored: number;
  /** Processor seconds of a million events. */
  readonly client: number;
  readonly postgres: number;
  readonly beside: number;
}

interface Server {
  readonly url: string;
  readonly client: pg.Client;
  readonly pid: number;
}

/**
 * The ways to bring groups of events to the disk, side by side: an embedded PostgreSQL of its own with the shop's tables and fsync on, the
 * client in this process, all on one machine. The ways take turns, each turn begins with empty tables after a checkpoint.
 */
export async function benchWays({ events, rounds, shapes, only }: WaysOptions): Promise<string> {
  const data = mkdtempSync(path.join(os.tmpdir(), 'easy11-bench-'));
  chmodSync(data, 0o755); // the embedded PostgreSQL runs as another user when root starts it
  const log = pino({ level: 'warn' });
  const database = await openDatabase({ DATABASE_URL: undefined, EASY11_DATA_DIR: data, EASY11_DATABASE_POOL: 4 }, log);
  const client = new pg.Client({ connectionString: database.url });
  try {
    await migrate(database);
    await keepPartitions(database, Date.now(), 30);
    await client.connect();
    const server = { url: database.url, client, pid: await postmasterOf(client) };
    const redis = hasRedis();
    const all = [...WAYS, ...(redis ? (['no', 'everysec', 'always'] as const).map(redisWay) : [])];
    const ways = all.filter(({ name }, n) => n === 0 || only.length === 0 || only.some((part) => name.includes(part)));
    const parts = [];
    for (const shape of shapes.split(',')) {
      const [size = 0, connections = 1, repeated = 0] = shape.split('x').map(Number);
      const able = ways.filter(({ refuses }) => !(repeated && refuses));
      const part = await compare(server, able, { size, connections, repeated, events, rounds });
      console.error(`${part}\n`); // as it comes: all of it takes long
      parts.push(part);
    }
    const kept = redis
      ? `An event that waits takes ${Math.round(await bytesWaiting([makeEvents(50_000)]))} bytes of Redis.`
      : 'There is no redis-server here: its rows are missing.';
    return [
      `### Ways to the disk, ${rounds} rounds of ${events.toLocaleString('en')} events, medians`,
      ...parts,
      await answersOf(server, ways),
      kept,
    ].join('\n\n');
  } finally {
    await client.end();
    await database.close();
    rmSync(data, { recursive: true, force: true });
  }
}

async function postmasterOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ data_directory: string }>('show data_directory');
  return Number(readFileSync(path.join(rows[0]?.data_directory ?? '', 'postmaster.pid'), 'utf8').split('\n')[0]);
}

interface Shape {
  readonly size: number;
  readonly connections: number;
  readonly events: number;
  readonly rounds: number;
  /** The share of requests that come again, in a later group. */
  readonly repeated: number;
}

const REQUEST = 50;

/** Groups of events; a share of their requests is of the group before, sent again. */
function makeGroups({ size, events, repeated }: Shape): TrackedEvent[][] {
  const groups: TrackedEvent[][] = [];
  for (let sent = 0; sent < events; sent += size) {
    const group = makeEvents(size);
    const before = groups.at(-1);
    for (let from = 0; before && from < size; from += REQUEST)
      if (Math.random() < repeated) group.splice(from, REQUEST, ...before.slice(from, from + REQUEST));
    groups.push(group.sort((a, b) => (a.id < b.id ? -1 : 1)));
  }
  return groups;
}

async function compare(server: Server, ways: readonly Way[], shape: Shape): Promise<string> {
  const results = new Map<Way, Round[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < shape.rounds; round++)
    for (const [place] of ways.entries()) {
      const way = ways[(place + round) % ways.length] as Way;
      results.get(way)?.push(await run(server, way, shape));
    }
  const of = (way: Way, what: keyof Round): number => median((results.get(way) ?? []).map((round) => round[what]));
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const [ours] = ways as [Way];
  const cells = ways.map((way) => [
    way.name,
    whole(of(way, 'answered')),
    whole(of(way, 'stored')),
    `${(of(way, 'stored') / of(ours, 'stored')).toFixed(2)}×`,
    of(way, 'client').toFixed(1),
    of(way, 'postgres').toFixed(1),
    of(way, 'beside') > 0 ? of(way, 'beside').toFixed(1) : '–',
  ]);
  const head = ['way', 'answered/s', 'stored/s', 'beside ours', 'client s/M', 'PostgreSQL s/M', 'Redis s/M'];
  const { size, connections, repeated } = shape;
  const title = `Groups of ${size.toLocaleString('en')}, ${connections} ${connections === 1 ? 'connection' : 'connections'}${repeated ? `, ${100 * repeated} % of requests of ${REQUEST} come again` : ''}`;
  return `${title}\n\n${table(head, cells)}`;
}

async function empty(client: pg.Client): Promise<void> {
  await client.query('truncate tracking_events, tracking_batches, tracking_exports');
  await client.query('checkpoint');
}

async function run({ url, client, pid }: Server, way: Way, shape: Shape): Promise<Round> {
  const { size, connections } = shape;
  await empty(client);
  const writer = await way.open(url, connections);
  try {
    for (let lane = 0; lane < connections; lane++) await writer.write(lane, makeEvents(size)); // warm-up
    await writer.settled?.();
    const groups = makeGroups(shape);
    const distinct = new Set(groups.flatMap((group) => group.map(({ id }) => id))).size;
    groups.reverse(); // taken from the end
    const sent = groups.length * size;
    const [own, postgres, beside] = [process.cpuUsage(), cpuOf([pid]), writer.cpu?.() ?? 0];
    const began = performance.now();
    await Promise.all(
      Array.from({ length: connections }, async (_, lane) => {
        for (let group = groups.pop(); group; group = groups.pop()) await writer.write(lane, group);
      }),
    );
    const answered = performance.now() - began;
    await writer.settled?.();
    const stored = performance.now() - began;
    const { user, system } = process.cpuUsage(own);
    const { rows } = await client.query<{ n: string }>('select count(*) as n from tracking_events');
    const expected = distinct + connections * size;
    if (Number(rows[0]?.n) !== expected) throw new Error(`${way.name}: ${rows[0]?.n} of ${expected} are stored`);
    return {
      answered: (sent * 1_000) / answered,
      stored: (sent * 1_000) / stored,
      client: (user + system) / sent,
      postgres: ((cpuOf([pid]) - postgres) * 1e6) / sent,
      beside: (((writer.cpu?.() ?? 0) - beside) * 1e6) / sent,
    };
  } finally {
    await writer.close();
  }
}

/** What a way makes of a group half of which it has stored before. */
async function answersOf(server: Server, ways: readonly Way[]): Promise<string> {
  const rows: string[][] = [];
  for (const way of ways) {
    await empty(server.client);
    const writer = await way.open(server.url, 1);
    try {
      const events = makeEvents(1_000);
      await writer.write(0, events.slice(0, 500));
      await writer.settled?.();
      const answer = await writer.write(0, events).then(
        (known) => (known ? `${known.size} told as repeated` : 'not told: the answer comes before'),
        (error: unknown) => `all refused: ${error instanceof Error ? error.message : String(error)}`,
      );
      await writer.settled?.();
      const stored = await server.client.query<{ n: string }>('select count(*) as n from tracking_events');
      rows.push([way.name, answer, `${stored.rows[0]?.n} of 1,000`, way.promise]);
    } finally {
      await writer.close();
    }
  }
  const head = ['way', 'of 1,000 events 500 come again', 'stored', 'answered means'];
  return `Repetition\n\n${table(head, rows)}`;
}
