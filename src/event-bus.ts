import { systemClock } from './kernel/clock';
import {
  busLetters,
  guardLetters,
  kafkaPublisher,
  openRedis,
  redisPublisher,
  startForwarder,
  type BusLetters,
  type ForwarderStatus,
} from './platform/bus';
import type { Settings } from './platform/config';
import { identityOf, type Database } from './platform/database';
import type { Log } from './platform/log';
import type { Outbox } from './platform/outbox';
import type { GuardStatus } from './platform/resilience/guard';

export interface EventBus {
  status(): ForwarderStatus;
  /** What those who read it could not apply. Requests wait for it: a guard stands before it. */
  readonly letters: BusLetters;
  readonly guard: () => GuardStatus;
  close(): Promise<void>;
}

/** Carries events out of the shop, where REDIS_URL names a Redis to carry them. Undefined where it does not. */
export async function openEventBus(
  settings: Pick<Settings, 'REDIS_URL' | 'EASY11_REDIS_PREFIX' | 'EASY11_REDIS_STREAM_LENGTH'>,
  { database, outbox, log }: { readonly database: Database; readonly outbox: Outbox; readonly log: Log },
): Promise<EventBus | undefined> {
  if (settings.REDIS_URL === undefined) return undefined;
  const keep = settings.EASY11_REDIS_STREAM_LENGTH;
  const identity = await identityOf(database);
  const redis = await openRedis(settings.REDIS_URL, { name: 'easy11-bus', log });
  const publisher = redisPublisher(redis, settings.EASY11_REDIS_PREFIX, keep, identity);
  try {
    const forwarder = await startForwarder({ database, outbox, publisher, keep, clock: systemClock, log });
    const { letters, status: guard } = guardLetters(busLetters(redis, settings.EASY11_REDIS_PREFIX), systemClock);
    return {
      status: forwarder.status,
      letters,
      guard,
      close: async () => {
        await forwarder.close();
        await publisher.close();
      },
    };
  } catch (error) {
    await publisher.close();
    throw error;
  }
}

/** Carries events to Kafka, where EASY11_KAFKA_BROKERS names one. Undefined where it does not. */
export async function openKafkaBus(
  settings: Pick<Settings, 'EASY11_KAFKA_BROKERS' | 'EASY11_KAFKA_TOPIC' | 'EASY11_REDIS_STREAM_LENGTH'>,
  { database, outbox, log }: { readonly database: Database; readonly outbox: Outbox; readonly log: Log },
): Promise<Pick<EventBus, 'status' | 'close'> | undefined> {
  const { EASY11_KAFKA_BROKERS: brokers, EASY11_KAFKA_TOPIC: topic, EASY11_REDIS_STREAM_LENGTH: keep } = settings;
  if (brokers === undefined) return undefined;
  const publisher = kafkaPublisher({ brokers, topic, log });
  const forwarder = await startForwarder({ database, outbox, publisher, keep, clock: systemClock, log });
  return {
    status: forwarder.status,
    close: async () => {
      await forwarder.close();
      await publisher.close();
    },
  };
}
