import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';
import { systemClock } from '../../../src/kernel/clock';
import { kafkaPublisher, startForwarder, type Forwarder } from '../../../src/platform/bus';
import type { Database } from '../../../src/platform/database';
import { PARTITIONS, partitionOf, startOutbox, type CloudEvent, type Outbox } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { describeWithKafka, startKafka, type TestKafka } from '../../support/kafka';
import { append, silent, thing, until } from '../outbox/support';
import { range } from './support';

const REQUEST_TIMED_OUT = 7;

interface Read {
  readonly partition: number;
  readonly message: KafkaMessage;
  readonly event: CloudEvent;
}

describeWithKafka('the Kafka publisher', () => {
  let scratch: TestDatabase;
  let database: Database;
  let outbox: Outbox;
  let kafka: TestKafka;
  const closing: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    [scratch, kafka] = await Promise.all([createTestDatabase(), startKafka('easy11.events', PARTITIONS)]);
    ({ database } = scratch);
    outbox = startOutbox({ database, log: silent });
  });
  afterAll(async () => {
    await outbox.close();
    await Promise.all([scratch.drop(), kafka.close()]);
  });
  beforeEach(async () => {
    await database.pool.query('truncate outbox_events, outbox_cursors, outbox_inbox cascade');
    await database.pool.query('update outbox_partitions set position = 0');
    await kafka.replace();
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const forward = async (keep = 10_000): Promise<Forwarder> => {
    const publisher = kafkaPublisher({ brokers: kafka.brokers, topic: kafka.topic, log: silent });
    const forwarder = await startForwarder({ database, outbox, publisher, keep, clock: systemClock, log: silent });
    closing.push(async () => {
      await forwarder.close();
      await publisher.close();
    });
    return forwarder;
  };

  let groups = 0;
  /** Reads the topic from its beginning on, as a client of Kafka's own does. */
  const read = async (): Promise<Read[]> => {
    const client = new Kafka({ clientId: 'test', brokers: [...kafka.brokers], logLevel: logLevel.NOTHING });
    const consumer = client.consumer({ groupId: `test-${++groups}`, sessionTimeout: 10_000 });
    const all: Read[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: kafka.topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        all.push({ partition, message, event: JSON.parse(String(message.value)) as CloudEvent });
        return Promise.resolve();
      },
    });
    closing.push(() => consumer.disconnect());
    return all;
  };
  /** The versions of an aggregate, in the order in which a consumer that goes by the id meets them first. */
  const versionsOf = (all: readonly Read[], aggregate: string): number[] => [
    ...new Set(all.filter(({ event }) => event.partitionkey === aggregate).map(({ event }) => Number(event.sequence))),
  ];

  test('sends every committed event as a CloudEvent, keyed by its aggregate and in order, each once', async () => {
    const forwarder = await forward();
    for (const version of range(1, 5)) await append(database, thing('a', version, { version }), thing('b', version));
    await until('all is accounted for', () => forwarder.status().published === 10);
    const all = await read();
    await until('all is read', () => all.length >= 10);
    expect([versionsOf(all, 'thing:a'), versionsOf(all, 'thing:b')]).toEqual([range(1, 5), range(1, 5)]);
    const second = all.find(({ event }) => event.id === 'thing:a:2')!;
    expect(second.partition).toBe(partitionOf('thing:a'));
    expect(String(second.message.key)).toBe('thing:a');
    expect(String(second.message.headers?.['content-type'])).toBe('application/cloudevents+json; charset=UTF-8');
    expect(second.event).toMatchObject({
      specversion: '1.0',
      subject: 'a',
      sequence: '0000000002',
      data: { version: 2 },
    });
    expect(all).toHaveLength(10);
    expect(forwarder.status()).toMatchObject({ lag: 0, errors: 0, rewinds: 0 });
  });

  test('loses nothing and keeps the order through a broker that refuses, and one whose answer is lost', async () => {
    const forwarder = await forward();
    await append(database, ...range(1, 20).map((version) => thing('a', version)));
    await until('the first are sent', () => forwarder.status().published === 20);
    // More often than the client repeats by itself.
    await kafka.fail('produce', 6, REQUEST_TIMED_OUT);
    await append(database, ...range(21, 40).map((version) => thing('a', version)));
    await until(
      'it has failed, and gone on',
      () => forwarder.status().errors > 0 && forwarder.status().published === 40,
    );
    kafka.loseNextAnswer();
    await append(database, ...range(41, 60).map((version) => thing('a', version)));
    await until('the rest is sent', () => forwarder.status().published === 60);
    const all = await read();
    await until('all is read', () => versionsOf(all, 'thing:a').length === 60);
    expect(versionsOf(all, 'thing:a')).toEqual(range(1, 60));
  });

  test('goes on where the cursor says after a restart, and several processes do not send twice', async () => {
    await forward();
    await append(database, ...range(1, 30).map((version) => thing('a', version)));
    await until('all is sent', async () => {
      const { rows } = await database.pool.query(`select sum(position)::int as n from outbox_cursors`);
      return rows[0].n === 30;
    });
    await closing.pop()!();
    const both = [await forward(), await forward()];
    await append(database, ...range(31, 600).map((version) => thing('a', version)));
    await until('the rest is sent', () => both.reduce((sum, one) => sum + one.status().published, 0) === 570);
    const all = await read();
    await until('all is read', () => all.length >= 600);
    expect(all.map(({ event }) => Number(event.sequence))).toEqual(range(1, 600));
  });

  test('a topic that has lost everything is filled again, with as much as is kept', async () => {
    const forwarder = await forward(5);
    await append(database, ...range(1, 8).map((version) => thing('a', version)));
    await until('all is sent', () => forwarder.status().published === 8);
    await kafka.replace();
    await until('it is filled anew', () => forwarder.status().published === 13);
    expect(forwarder.status().rewinds).toBe(1);
    await append(database, thing('a', 9));
    const all = await read();
    await until('all is read', () => versionsOf(all, 'thing:a').length === 6);
    expect(versionsOf(all, 'thing:a')).toEqual(range(4, 9));
  });

  test('says so when the topic has not as many partitions as the outbox', async () => {
    const publisher = kafkaPublisher({ brokers: kafka.brokers, topic: 'another.topic', log: silent });
    closing.push(() => publisher.close());
    await expect(publisher.positions()).rejects.toThrow(/another\.topic/);
  });
});
