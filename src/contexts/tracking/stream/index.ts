import { systemClock, type Clock } from '../../../kernel/clock';
import { openRedis } from '../../../platform/bus';
import { identityOf, type Database } from '../../../platform/database';
import type { Log } from '../../../platform/log';
import type { LoopStatus } from '../../../platform/loop';
import type { WriteEvents } from '../queue';
import { startConsumer } from './consumer';
import { makeDaysOf } from './days';
import type { Road, StreamMode } from './durability';
import { streamKeysOf } from './entry';
import { Producer } from './producer';

/** Where the stream is. */
export interface StreamSettings {
  readonly url: string;
  /** EASY11_REDIS_PREFIX of the shop. */
  readonly prefix: string;
  readonly mode: StreamMode;
  /** Events that may wait in Redis: two million of some 200 bytes are 400 MB. */
  readonly mostWaiting?: number;
  readonly claimAfterMs?: number;
}

export interface StreamDependencies {
  readonly database: Database;
  /** Stores in PostgreSQL what comes out of the stream. */
  readonly write: WriteEvents;
  /** Stores in PostgreSQL what does not go into it, while the other may be at work. */
  readonly straight: WriteEvents;
  readonly retentionDays: number;
  /** Told how many events that came out of the stream had been stored before. */
  readonly onDuplicates: (count: number) => void;
  readonly clock?: Clock;
  readonly log: Log;
}

export interface StreamStatus extends LoopStatus {
  readonly road: Road;
  /** Events in the stream, of all processes, as far as this one has heard. */
  readonly waiting: number;
  /** Events that this process wrote straight to PostgreSQL because the stream did not take them. */
  readonly diverted: number;
  /** Entries and events of the stream that could not be stored. */
  readonly refused: number;
}

export interface EventStream {
  /** Makes events durable, by the road that is open. */
  readonly write: WriteEvents;
  status(): StreamStatus;
  close(): Promise<void>;
}

const MOST_WAITING = 2_000_000;
const CLAIM_AFTER_MS = 30_000;

/**
 * Opens the stream of a shop: events go in by `write`, and this process does its part to bring them to PostgreSQL. That also where
 * nothing goes in any more: what somebody has put there was acknowledged. Redis may be away.
 */
export async function openEventStream(
  { url, prefix, mode, mostWaiting = MOST_WAITING, claimAfterMs = CLAIM_AFTER_MS }: StreamSettings,
  { database, write, straight, retentionDays, onDuplicates, clock = systemClock, log }: StreamDependencies,
): Promise<EventStream> {
  const keys = streamKeysOf(prefix, await identityOf(database));
  // One of its own for what comes out: half a megabyte on its way would hold up an answer.
  const [entry, exit] = await Promise.all([
    openRedis(url, { name: 'easy11-events-in', log }),
    openRedis(url, { name: 'easy11-events-out', log }),
  ]);
  let waiting = 0;
  const onWaiting = (count: number): void => void (waiting = count);
  const consumer = startConsumer({
    ...{ redis: exit, keys, write, claimAfterMs, onWaiting, onDuplicates, clock, log },
    makeDays: (events) => makeDaysOf(events, { database, now: clock.now(), retentionDays }),
  });
  const onAdded = (count: number): void => {
    waiting = count;
    consumer.wake();
  };
  const producer = new Producer({ redis: entry, keys, mode, straight, mostWaiting, onAdded, clock, log });
  await producer.look();
  return {
    write: producer.write,
    status: () => ({ ...consumer.status(), road: producer.road, waiting, diverted: producer.diverted }),
    close: async () => {
      await consumer.close();
      for (const redis of [entry, exit]) redis.disconnect();
    },
  };
}
