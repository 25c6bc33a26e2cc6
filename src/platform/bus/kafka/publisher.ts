import type { Admin, Kafka, Message, Producer } from 'kafkajs';
import type { Log } from '../../log';
import { PARTITIONS, toCloudEvent, type PublishedEvent } from '../../outbox';
import type { EventPublisher, Publication } from '../port';

/** So much at most in one request: brokers take a million bytes unless they are told otherwise. */
const MOST_BYTES = 500_000;
const REQUEST_MS = 3_000;
const CONNECT_MS = 2_000;

export interface KafkaOptions {
  /** host:port of some of its brokers. */
  readonly brokers: readonly string[];
  /** Has a partition for each of the outbox's. */
  readonly topic: string;
  readonly log: Log;
}

/** Where a partition of the topic ends: the position of the event there, and the offset that comes next. */
interface Place {
  readonly end: number;
  readonly next: number;
}

/**
 * Publishes to a topic of Kafka: the outbox's partition is the topic's, the aggregate is the key, and the value a CloudEvent in
 * structured mode. All replicas in sync must have an event (acks=all), and the producer is idempotent: a request that it repeats is
 * there once. Kafka refuses no event that another sender has sent already, so that each is there at least once: after a crash
 * between the answer and the note of it, or an answer that never came, the same events follow again, under the same ids.
 */
export function kafkaPublisher({ brokers, topic, log }: KafkaOptions): EventPublisher {
  const places = new Map<number, Place>();
  /** The offset that came next in each partition, when it was last asked for. */
  let highs: ReadonlyMap<number, number> = new Map();
  let connected: Promise<{ readonly admin: Admin; readonly producer: Producer }> | undefined;

  const connect = async (): Promise<{ readonly admin: Admin; readonly producer: Producer }> => {
    const kafka = await openKafka(brokers, log);
    const admin = kafka.admin();
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false });
    try {
      await Promise.all([admin.connect(), producer.connect()]);
    } catch (error) {
      await Promise.allSettled([admin.disconnect(), producer.disconnect()]);
      throw error;
    }
    return { admin, producer };
  };
  const disconnect = async (): Promise<void> => {
    const open = connected;
    connected = undefined;
    if (!open) return;
    const [made] = await Promise.allSettled([open]);
    if (made.status === 'fulfilled')
      await Promise.allSettled([made.value.admin.disconnect(), made.value.producer.disconnect()]);
  };
  /** After an error everything begins anew: an idempotent producer that has lost count would be refused for ever. */
  const using = async <T>(
    work: (open: { readonly admin: Admin; readonly producer: Producer }) => Promise<T>,
  ): Promise<T> => {
    try {
      connected ??= connect();
      return await work(await connected);
    } catch (error) {
      await disconnect();
      throw error;
    }
  };

  return {
    name: 'kafka',
    positions: async () => {
      const offsets = await using(({ admin }) => admin.fetchTopicOffsets(topic));
      if (offsets.length !== PARTITIONS)
        throw new Error(
          `The topic ${topic} has ${offsets.length} partitions: give it ${PARTITIONS}, as the outbox has`,
        );
      highs = new Map(offsets.map(({ partition, high }) => [partition, Number(high)]));
      // What this process has not sent itself it does not know: a pass without events finds out.
      const end = (partition: number, high: number): number => {
        const place = places.get(partition);
        return place && high >= place.next ? place.end : high === 0 ? 0 : -1;
      };
      return new Map([...highs].map(([partition, high]) => [partition, end(partition, high)]));
    },
    publish: async (partition, after, events): Promise<Publication> => {
      const high = highs.get(partition) ?? 0;
      const lost = lostPosition(places.get(partition), high, after);
      if (lost !== undefined) {
        places.set(partition, { end: lost, next: high });
        return { state: 'elsewhere', position: lost, id: undefined };
      }
      let place: Place = { end: after, next: high };
      for (const batch of batchesOf(events, partition)) {
        const [sent] = await using(({ producer }) => producer.send({ topic, acks: -1, timeout: REQUEST_MS, ...batch }));
        place = { end: batch.end, next: Number(sent?.baseOffset ?? place.next) + batch.messages.length };
        places.set(partition, place);
      }
      places.set(partition, place);
      return { state: 'published' };
    },
    restart: (partition, _from, to) => {
      // What is there stays there; consumers know what they have had by its id.
      places.set(partition, { end: to, next: highs.get(partition) ?? 0 });
      return Promise.resolve();
    },
    close: disconnect,
  };
}

/**
 * The position after which events have to be sent again, because the topic has lost them: it is empty although something was sent,
 * or ends before where it ended. The last of them are at most as many as there are offsets missing. Undefined when nothing is lost.
 */
function lostPosition(place: Place | undefined, high: number, after: number): number | undefined {
  if (!place) return high === 0 && after > 0 ? 0 : undefined;
  if (high >= place.next) return undefined;
  return high === 0 ? 0 : Math.max(0, place.end - (place.next - high));
}

/** Events as messages of one partition, in requests that are not too large. */
function* batchesOf(
  events: readonly PublishedEvent[],
  partition: number,
): Iterable<{ readonly messages: Message[]; readonly end: number }> {
  let messages: Message[] = [];
  let [bytes, end] = [0, 0];
  for (const event of events) {
    const value = Buffer.from(JSON.stringify(toCloudEvent(event)));
    if (messages.length > 0 && bytes + value.length > MOST_BYTES) {
      yield { messages, end };
      [messages, bytes] = [[], 0];
    }
    const headers = { 'content-type': 'application/cloudevents+json; charset=UTF-8', position: String(event.position) };
    messages.push({ partition, key: event.aggregate, value, headers, timestamp: String(event.occurredAt.getTime()) });
    bytes += value.length;
    end = event.position;
  }
  if (messages.length > 0) yield { messages, end };
}

/** Loaded by who uses it alone. */
async function openKafka(brokers: readonly string[], log: Log): Promise<Kafka> {
  const { Kafka, logLevel } = await import('kafkajs');
  return new Kafka({
    clientId: 'easy11-bus',
    brokers: [...brokers],
    connectionTimeout: CONNECT_MS,
    requestTimeout: REQUEST_MS,
    // The forwarder comes again by itself, and what it does is counted: here only what a new leader needs.
    retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.WARN,
    logCreator:
      () =>
      ({ label, log: { message, timestamp: _at, ...about } }) =>
        log.debug({ ...about, level: label }, `kafkajs: ${message}`),
  });
}
