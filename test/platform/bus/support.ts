import { once } from 'node:events';
import type { Redis } from 'ioredis';
import { systemClock } from '../../../src/kernel/clock';
import { openRedis, redisPublisher, startForwarder, type Forwarder } from '../../../src/platform/bus';
import { keysOf } from '../../../src/platform/bus/redis/keys';
import { identityOf, type Database } from '../../../src/platform/database';
import { PARTITIONS, type CloudEvent, type Outbox } from '../../../src/platform/outbox';
import { silent } from '../outbox/support';

/**
 * A connection as the shop's, but for its patience: where Redis is well, a command that takes more than a second tells of a busy
 * machine, and must not count as a failure.
 */
export async function openPatiently(url: string): Promise<Redis> {
  const redis = await openRedis(url, { name: 'test', log: silent });
  if (redis.status !== 'ready') await once(redis, 'ready');
  Object.assign(redis.options, { commandTimeout: 60_000, socketTimeout: undefined });
  return redis;
}

/** Sends a database's events to a Redis, as the shop does; `close` ends that and its connection. */
export async function forwardTo(
  { url, prefix }: { url: string; prefix: string },
  database: Database,
  outbox: Pick<Outbox, 'onPublished'>,
  { keep = 10_000, open = openPatiently } = {},
): Promise<Forwarder> {
  const identity = await identityOf(database);
  const redis = await open(url);
  const publisher = redisPublisher(redis, prefix, keep, identity);
  const forwarder = await startForwarder({ database, outbox, publisher, keep, clock: systemClock, log: silent });
  return {
    ...forwarder,
    close: async () => {
      await forwarder.close();
      await publisher.close();
    },
  };
}

/** Every event in the streams, partition by partition, in order. */
export async function readStreams(redis: Redis, prefix: string): Promise<CloudEvent[]> {
  const events: CloudEvent[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const [, [, event]] of await redis.xrange(keysOf(prefix).stream(partition), '-', '+'))
      events.push(JSON.parse(String(event)) as CloudEvent);
  return events;
}

/** The sequences of one aggregate, in the order in which they are found. */
export const versionsOf = (events: readonly CloudEvent[], aggregate: string): number[] =>
  events.filter(({ partitionkey }) => partitionkey === aggregate).map(({ sequence }) => Number(sequence));

export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
