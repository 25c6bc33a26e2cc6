import { Redis } from 'ioredis';
import pg from 'pg';
import type { TrackedEvent } from '../../src/contexts/tracking/schemas';
import { insertEvents } from '../../src/contexts/tracking/store/events';
import { cpuOf } from './cpu';
import { startRedis, type Durability } from './redis';
import type { Way, Writer } from './writers';

const PROMISES: Readonly<Record<Durability, string>> = {
  no: 'in the memory of Redis: a crash of it loses what is not in PostgreSQL yet',
  everysec: 'in the memory of Redis, on its disk within a second or two',
  always: 'on the disk of Redis',
};

const [STREAM, GROUP] = ['tracking', 'writers'];
/** Events of a request; an entry of the stream is a request. */
const REQUEST = 50;

/** A stream in front: answered when Redis has the requests; consumers of the group, one a connection, bring them in with our statement. */
export const redisWay = (aof: Durability): Way => ({
  name: `Redis stream, AOF ${aof === 'no' ? 'off' : aof}, then unnest`,
  promise: PROMISES[aof],
  async open(url, connections) {
    const server = await startRedis(aof);
    const producers = Array.from({ length: connections }, () => new Redis(server.port));
    await producers[0]?.xgroup('CREATE', STREAM, GROUP, '$', 'MKSTREAM');
    const state = { owed: 0, open: true };
    const consumers = Array.from({ length: connections }, (_, lane) => consume(url, server.port, lane, state));
    return {
      write: (lane, events) => send(producers[lane] as Redis, events, state),
      settled: async () => {
        while (state.owed > 0) await Promise.race([new Promise((resolve) => setTimeout(resolve, 2)), ...consumers]);
      },
      cpu: () => cpuOf([server.pid]),
      close: async () => {
        state.open = false;
        await Promise.all(consumers);
        for (const producer of producers) producer.disconnect();
        await server.stop();
      },
    } satisfies Writer;
  },
});

async function send(redis: Redis, events: readonly TrackedEvent[], state: { owed: number }): Promise<undefined> {
  const pipeline = redis.pipeline();
  for (let from = 0; from < events.length; from += REQUEST)
    pipeline.xadd(STREAM, '*', 'events', JSON.stringify(events.slice(from, from + REQUEST)));
  state.owed += events.length;
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  return undefined;
}

type Entry = [id: string, fields: [string, string]];

async function consume(
  url: string,
  port: number,
  lane: number,
  state: { owed: number; readonly open: boolean },
): Promise<void> {
  const redis = new Redis(port);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  while (state.open) {
    const answer = (await redis.xreadgroup(
      ...(['GROUP', GROUP, String(lane), 'COUNT', 2_000 / REQUEST, 'BLOCK', 20, 'STREAMS', STREAM, '>'] as const),
    )) as [string, Entry[]][] | null;
    const entries = answer?.[0]?.[1] ?? [];
    if (entries.length === 0) continue;
    const events = entries.flatMap(([, [, text]]) => JSON.parse(text) as TrackedEvent[]);
    const unique = [...new Map(events.map((event) => [event.id, event])).values()];
    await insertEvents(
      client,
      unique.sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    const ids = entries.map(([id]) => id);
    await redis
      .pipeline()
      .xack(STREAM, GROUP, ...ids)
      .xdel(STREAM, ...ids)
      .exec();
    state.owed -= events.length;
  }
  redis.disconnect();
  await client.end();
}

/** Bytes of Redis that an event of a request takes while it waits. */
export async function bytesWaiting(groups: readonly (readonly TrackedEvent[])[]): Promise<number> {
  const server = await startRedis('no');
  const redis = new Redis(server.port);
  try {
    const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1]);
    const before = await used();
    for (const events of groups) await send(redis, events, { owed: 0 });
    return ((await used()) - before) / groups.reduce((sum, { length }) => sum + length, 0);
  } finally {
    redis.disconnect();
    await server.stop();
  }
}
