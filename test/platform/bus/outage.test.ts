import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { openRedis, subscribeToBus, type BusSubscription, type Forwarder } from '../../../src/platform/bus';
import type { Database } from '../../../src/platform/database';
import { startOutbox, type Outbox } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { append, silent, thing, until } from '../outbox/support';
import { forwardTo, range } from './support';

const PREFIX = 'outage';

/** Traffic runs through every test: writers, the shop's own consumer, the bus, and a process that reads it. */
describeWithOwnRedis('while Redis is in trouble', () => {
  let scratch: TestDatabase;
  let database: Database;
  let outbox: Outbox;
  let server: OwnRedis;
  let forwarder: Forwarder;
  let subscription: BusSubscription;
  let reader: Redis;
  const NAMES = ['a', 'b', 'c', 'd', 'e'];
  let version = 0;
  const heard: string[] = [];

  beforeAll(async () => {
    [scratch, server] = await Promise.all([createTestDatabase(), startOwnRedis()]);
    ({ database } = scratch);
    await database.pool.query('create table effects (id bigserial, event text)');
    outbox = startOutbox({ database, log: silent });
    await outbox.subscribe({ group: 'own', handler: (event) => Promise.resolve(void heard.push(event.id)) });
    forwarder = await forwardTo({ url: server.url, prefix: PREFIX }, database, outbox);
    reader = await openRedis(server.url, { name: 'test-consumer', log: silent });
    subscription = subscribeToBus(
      { redis: reader, prefix: PREFIX, database, log: silent },
      'tally',
      async (event, client) => {
        await client.query('insert into effects (event) values ($1)', [event.id]);
      },
    );
  });
  afterAll(async () => {
    await subscription.close();
    reader.disconnect();
    await forwarder.close();
    await outbox.close();
    await Promise.all([scratch.drop(), server.remove()]);
  });

  /** Commits for `ms`; returns how long the middle one of them took: the slowest tells of the machine. */
  const write = async (ms: number): Promise<number> => {
    const took: number[] = [];
    for (const end = performance.now() + ms; performance.now() < end;) {
      version++;
      const start = performance.now();
      await append(database, ...NAMES.map((name) => thing(name, version)));
      took.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return took.sort((a, b) => a - b)[Math.floor(took.length / 2)]!;
  };
  const all = (): string[] => NAMES.flatMap((name) => range(1, version).map((v) => `thing:${name}:${v}`));
  const effects = async (): Promise<string[]> =>
    (await database.pool.query<{ event: string }>('select event from effects order by id')).rows.map(
      ({ event }) => event,
    );

  /** Within the minute that `until` waits: everything committed is applied in the other process, once and in order. */
  const expectAllDelivered = async (): Promise<void> => {
    await until('all events are delivered', async () => (await effects()).length >= all().length);
    const delivered = await effects();
    for (const name of NAMES)
      expect(delivered.filter((event) => event.startsWith(`thing:${name}:`))).toEqual(
        range(1, version).map((v) => `thing:${name}:${v}`),
      );
  };

  test('frozen for three seconds: commits and our own consumers do not notice, and all events are delivered after', async () => {
    await write(300);
    server.freeze();
    const during = await write(3_000);
    // Our own contexts are as far as the writers, while the bus stands still.
    await until('our own consumer has all', () => heard.length === all().length);
    expect((await effects()).length).toBeLessThan(all().length);
    expect(forwarder.status().errors).toBeGreaterThan(0);
    server.thaw();
    await expectAllDelivered();
    // One that waited for Redis would take a second, and the three seconds would see three of them.
    expect(during).toBeLessThan(200);
  });

  test('killed, and started again with nothing in it: all events are delivered', async () => {
    await write(200);
    await server.kill();
    await write(500);
    await until('our own consumer has all', () => heard.length === all().length);
    await server.start();
    await expectAllDelivered();
    expect(forwarder.status().lastError).toBeDefined();
  });

  test('flushed in the middle of the traffic: all events are delivered', async () => {
    const admin = new Redis(server.url);
    const writing = write(600);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await admin.flushall();
    await writing;
    admin.disconnect();
    await expectAllDelivered();
    expect(forwarder.status().rewinds).toBeGreaterThan(0);
  });
});
