import { redisPublisher, type Forwarder } from '../../../src/platform/bus';
import { keysOf } from '../../../src/platform/bus/redis/keys';
import { identityOf, type Database } from '../../../src/platform/database';
import { partitionOf, startOutbox, type Outbox } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { describeWithRedis, openTestRedis, type SharedRedis } from '../../support/redis';
import { append, readLog, silent, thing, until } from '../outbox/support';
import { forwardTo, openPatiently, range, readStreams, versionsOf } from './support';

describeWithRedis('the Redis publisher', () => {
  let scratch: TestDatabase;
  let database: Database;
  let outbox: Outbox;
  let shared: SharedRedis;
  const forwarders: Forwarder[] = [];
  beforeAll(async () => {
    [scratch, shared] = await Promise.all([createTestDatabase(), openTestRedis()]);
    ({ database } = scratch);
    outbox = startOutbox({ database, log: silent });
  });
  afterAll(async () => {
    await outbox.close();
    await Promise.all([scratch.drop(), shared.close()]);
  });
  beforeEach(async () => {
    await database.pool.query('truncate outbox_events, outbox_cursors, outbox_inbox cascade');
    await database.pool.query('update outbox_partitions set position = 0');
    await shared.clean();
  });
  afterEach(() => Promise.all(forwarders.splice(0).map((forwarder) => forwarder.close())));

  const forward = async (keep?: number): Promise<Forwarder> => {
    const forwarder = await forwardTo(shared, database, outbox, { keep });
    forwarders.push(forwarder);
    return forwarder;
  };
  const published = (): ReturnType<typeof readStreams> => readStreams(shared.redis, shared.prefix);
  const untilPublished = (count: number): Promise<void> =>
    until(`${count} events are in the streams`, async () => (await published()).length === count);
  const stream = keysOf('').stream(partitionOf('thing:a'));

  test('sends every committed event as a CloudEvent, an aggregate in order of its versions', async () => {
    const forwarder = await forward();
    for (const version of range(1, 5)) await append(database, thing('a', version, { version }), thing('b', version));
    await untilPublished(10);
    const events = await published();
    expect(versionsOf(events, 'thing:a')).toEqual([1, 2, 3, 4, 5]);
    expect(versionsOf(events, 'thing:b')).toEqual([1, 2, 3, 4, 5]);
    expect(events.find(({ id }) => id === 'thing:a:2')).toMatchObject({
      specversion: '1.0',
      type: 'easy11.thing.changed.v1',
      source: '/easy11/test',
      subject: 'a',
      partitionkey: 'thing:a',
      sequence: '0000000002',
      data: { version: 2 },
    });
    await until('all is accounted for', () => forwarder.status().published === 10);
    expect(forwarder.status()).toMatchObject({ lag: 0, errors: 0, rewinds: 0 });
  });

  test('several processes send each event once', async () => {
    await append(database, ...range(1, 1_500).map((version) => thing('a', version)));
    const both = [await forward(), await forward(), await forward()];
    await until('all is accounted for', () => both.reduce((sum, one) => sum + one.status().published, 0) === 1_500);
    expect(versionsOf(await published(), 'thing:a')).toEqual(range(1, 1_500));
  });

  test('an event that was sent, by a process that died before it noted that, is not sent again', async () => {
    await append(database, thing('a', 1), thing('a', 2));
    await until('positions are given', async () => (await readLog(database)).length === 2);
    const redis = await openPatiently(shared.url);
    const publisher = redisPublisher(redis, shared.prefix, 1_000, await identityOf(database));
    await publisher.publish(partitionOf('thing:a'), 0, (await readLog(database)).slice(0, 1));
    await publisher.close();
    const forwarder = await forward();
    await until('the rest is sent', () => forwarder.status().published === 1);
    expect(versionsOf(await published(), 'thing:a')).toEqual([1, 2]);
  });

  test('a stream that lost its end, or everything, is filled again without a new event', async () => {
    const forwarder = await forward();
    await append(database, ...range(1, 5).map((version) => thing('a', version)));
    await untilPublished(5);
    await shared.clean();
    await untilPublished(5);
    expect(forwarder.status().rewinds).toBe(1);
    // As an append-only file that was not on the disk yet.
    const kept = await shared.redis.xrange(shared.prefix + stream, '-', '+', 'COUNT', 3);
    // In one go: the forwarder must not find it empty in between.
    const cut = shared.redis.multi().del(shared.prefix + stream);
    for (const [id, fields] of kept) cut.xadd(shared.prefix + stream, id, ...fields);
    await cut.exec();
    await untilPublished(5);
    expect(versionsOf(await published(), 'thing:a')).toEqual([1, 2, 3, 4, 5]);
  });

  test('an emptied stream gets back what it would have kept, and what comes next', async () => {
    await append(database, ...range(1, 8).map((version) => thing('a', version)));
    const first = await forward(3);
    await until('all are sent', () => first.status().published === 8);
    await shared.clean();
    await until('it is filled anew', () => first.status().rewinds === 1 && first.status().lag === 0);
    await append(database, thing('a', 9));
    await until('the next is there', async () => versionsOf(await published(), 'thing:a').includes(9));
    expect(versionsOf(await published(), 'thing:a')).toEqual([6, 7, 8, 9]);
  });

  test('what somebody else wrote in the place of an event is removed, and the event is sent', async () => {
    await append(database, ...range(1, 3).map((version) => thing('a', version)));
    await forward();
    await untilPublished(3);
    await forwarders.pop()?.close();
    await append(database, thing('a', 4), thing('a', 5));
    await until('positions are given', async () => (await readLog(database)).length === 5);
    await shared.redis.xadd(shared.prefix + stream, '4-0', 'event', 'hello');
    const later = await forward();
    await until('all is sent', () => later.status().published === 5);
    expect(versionsOf(await published(), 'thing:a')).toEqual([1, 2, 3, 4, 5]);
    expect(later.status().errors).toBe(0);
  });

  test('a second shop under the same prefix is refused and changes nothing, until the first is given up', async () => {
    await append(database, thing('a', 1), thing('a', 2));
    await forward();
    await untilPublished(2);
    const second = await createTestDatabase();
    const its = startOutbox({ database: second.database, log: silent });
    try {
      await append(second.database, thing('a', 1), thing('b', 1));
      const refused = await forwardTo(shared, second.database, its);
      forwarders.push(refused);
      await until('it has tried', () => refused.status().errors > 2);
      expect(refused.status().lastError).toMatch(/EASY11_REDIS_PREFIX .* delete the key easy11-test-.*:owner/);
      await append(database, thing('a', 3));
      await untilPublished(3);
      expect(versionsOf(await published(), 'thing:a')).toEqual([1, 2, 3]);
      await forwarders.shift()?.close();
      await shared.redis.del(keysOf(shared.prefix).owner);
      // One partition after the other.
      await until('it has taken over', async () => {
        const events = await published();
        return versionsOf(events, 'thing:a').join() === '1' && versionsOf(events, 'thing:b').join() === '1';
      });
    } finally {
      await Promise.all(forwarders.splice(0).map((one) => one.close()));
      await its.close();
      await second.drop();
    }
  });

  test('a database restored to an earlier day replaces what the stream had beyond it', async () => {
    const forwarder = await forward();
    await append(database, ...range(1, 5).map((version) => thing('a', version)));
    await untilPublished(5);
    await forwarders.pop()?.close();
    await database.pool.query('delete from outbox_events where version > 2');
    await database.pool.query('update outbox_partitions set position = least(position, 2)');
    await database.pool.query('update outbox_cursors set position = least(position, 2)');
    await append(database, thing('a', 3, 'another third'));
    expect(forwarder.status().errors).toBe(0);
    await forward();
    await untilPublished(3);
    expect((await published()).map(({ data }) => data)).toEqual([{}, {}, 'another third']);
  });
});
