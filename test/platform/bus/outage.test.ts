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
    // As the shop's, impatient: Redis really is in trouble here.
    const open = (url: string): Promise<Redis> => openRedis(url, { name: 'test', log: silent });
    forwarder = await forwardTo({ url: server.url, prefix: PREFIX }, database, outbox, { open });
    reader = await open(server.url);
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

  /** So many commits, one after the other. */
  const write = async (commits: number): Promise<void> => {
    for (let n = 0; n < commits; n++) {
      version++;
      await append(database, ...NAMES.map((name) => thing(name, version)));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
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

  test('frozen: commits and our own consumers do not notice, and all events are delivered after', async () => {
    await write(10);
    server.freeze();
    // A hundred, each of which would take a second or more if it waited for Redis: `until` waits for a minute.
    let written = false;
    const writing = write(100).then(() => void (written = true));
    await until('all are committed', () => written);
    await writing;
    // Our own contexts are as far as the writers, while the bus stands still.
    await until('our own consumer has all', () => heard.length === all().length);
    await until('the forwarder has failed', () => forwarder.status().errors > 0);
    expect((await effects()).length).toBeLessThan(all().length);
    server.thaw();
    await expectAllDelivered();
  });

  test('killed, and started again with nothing in it: all events are delivered', async () => {
    await write(8);
    await server.kill();
    await write(20);
    await until('our own consumer has all', () => heard.length === all().length);
    await server.start();
    await expectAllDelivered();
    expect(forwarder.status().lastError).toBeDefined();
  });

  test('flushed in the middle of the traffic: all events are delivered', async () => {
    const admin = new Redis(server.url);
    await write(10);
    const writing = write(20);
    await admin.flushall();
    await writing;
    admin.disconnect();
    await expectAllDelivered();
    await until('it was noticed', () => forwarder.status().rewinds > 0);
  });
});
