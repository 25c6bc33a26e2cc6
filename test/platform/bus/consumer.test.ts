import type { Redis } from 'ioredis';
import type pg from 'pg';
import {
  busLetters,
  subscribeToBus,
  type BusSubscribeOptions,
  type BusSubscription,
  type Forwarder,
} from '../../../src/platform/bus';
import { keysOf } from '../../../src/platform/bus/redis/keys';
import type { Database } from '../../../src/platform/database';
import { partitionOf, startOutbox, type CloudEvent, type Outbox } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { describeWithRedis, openTestRedis, type SharedRedis } from '../../support/redis';
import { append, silent, thing, until } from '../outbox/support';
import { forwardTo, openPatiently, range } from './support';

const QUICK = { firstMs: 10, factor: 2, mostMs: 40 };
const HOUR = 3_600_000;

describeWithRedis('a consumer of the bus', () => {
  let scratch: TestDatabase;
  let database: Database;
  let outbox: Outbox;
  let shared: SharedRedis;
  let forwarder: Forwarder;
  const open: { close(): Promise<unknown> }[] = [];
  beforeAll(async () => {
    [scratch, shared] = await Promise.all([createTestDatabase(), openTestRedis()]);
    ({ database } = scratch);
    outbox = startOutbox({ database, log: silent });
    await database.pool.query('create table effects (id bigserial, event text, worker text)');
  });
  afterAll(async () => {
    await outbox.close();
    await Promise.all([scratch.drop(), shared.close()]);
  });
  beforeEach(async () => {
    await database.pool.query('truncate outbox_events, outbox_cursors, outbox_inbox, effects cascade');
    await database.pool.query('update outbox_partitions set position = 0');
    await shared.clean();
    forwarder = await forwardTo(shared, database, outbox);
    open.push(forwarder);
  });
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.close();
  });

  /** Events that the handler refuses: again and again, or once. */
  const poison = new Set<string>();
  const poisonOnce = new Set<string>();
  const connect = async (): Promise<Redis> => {
    const redis = await openPatiently(shared.url);
    open.push({ close: () => Promise.resolve(redis.disconnect()) });
    return redis;
  };
  const start = async (options: BusSubscribeOptions = {}, worker = 'w', redis?: Redis): Promise<BusSubscription> => {
    const parts = { redis: redis ?? (await connect()), prefix: shared.prefix, database, log: silent };
    const subscription = subscribeToBus(
      parts,
      'tally',
      async (event: CloudEvent, client) => {
        await client.query('insert into effects (event, worker) values ($1, $2)', [event.id, worker]);
        if (poison.has(event.id) || poisonOnce.delete(event.id)) throw new Error(`${event.id} is poison`);
      },
      { backoff: QUICK, ...options },
    );
    open.push(subscription);
    return subscription;
  };
  const effects = async (): Promise<string[]> =>
    (await database.pool.query<{ event: string }>('select event from effects order by id')).rows.map(
      ({ event }) => event,
    );
  /** As it is in a stream. */
  const eventOf = (name: string, version: number): object => ({
    ...{ specversion: '1.0', id: `thing:${name}:${version}`, type: 'easy11.thing.changed.v1', source: '/easy11/test' },
    ...{ partitionkey: `thing:${name}`, sequence: String(version), data: {} },
  });
  const of = (events: readonly string[], name: string): string[] =>
    events.filter((event) => event.startsWith(`thing:${name}:`));
  const ids = (name: string, versions: readonly number[]): string[] => versions.map((v) => `thing:${name}:${v}`);
  const untilApplied = (count: number): Promise<void> =>
    until(`${count} effects are there`, async () => (await effects()).length === count);
  /** Which comes after the commit of the effects. */
  const untilAcknowledged = async (names: readonly string[]): Promise<void> => {
    for (const partition of new Set(names.map((name) => partitionOf(`thing:${name}`)))) {
      const stream = keysOf(shared.prefix).stream(partition);
      await until('all are acknowledged', async () => (await shared.redis.xpending(stream, 'tally'))[0] === 0);
    }
  };

  test('applies every event once, in order per aggregate, and leaves nothing pending', async () => {
    const subscription = await start();
    for (const version of range(1, 10))
      await append(database, ...['a', 'b', 'c', 'd'].map((name) => thing(name, version)));
    await untilApplied(40);
    for (const name of ['a', 'b', 'c', 'd']) expect(of(await effects(), name)).toEqual(ids(name, range(1, 10)));
    await until('all are accounted for', () => subscription.status().applied === 40);
    await untilAcknowledged(['a', 'b', 'c', 'd']);
    expect(subscription.status()).toMatchObject({ applied: 40, failures: 0, missed: 0, errors: 0 });
  });

  test('processes of a group share the partitions, and hand them over when one leaves', async () => {
    const first = await start({ leaseMs: 300 }, 'first');
    await until('one has all', () => first.status().partitions.length === 8);
    const second = await start({ leaseMs: 300 }, 'second');
    const halved = (one: BusSubscription): boolean => one.status().partitions.length === 4;
    await until('each has half', () => halved(first) && halved(second));
    for (const name of range(1, 20)) await append(database, thing(String(name), 1));
    await untilApplied(20);
    await first.close();
    await until('the other has all', () => second.status().partitions.length === 8);
    for (const name of range(1, 20)) await append(database, thing(String(name), 2));
    await untilApplied(40);
    for (const name of range(1, 20)) expect(of(await effects(), String(name))).toEqual(ids(String(name), [1, 2]));
  });

  test('claims what a process had read and not finished when it died', async () => {
    const keys = keysOf(shared.prefix);
    const partition = partitionOf('thing:a');
    await append(database, ...range(1, 5).map((version) => thing('a', version)));
    await until('they are in the stream', () => forwarder.status().published === 5);
    // A process that read three and is no more; its lease is about to run out.
    await shared.redis.xgroup('CREATE', keys.stream(partition), 'tally', '0');
    await shared.redis.xreadgroup('GROUP', 'tally', 'dead', 'COUNT', 3, 'STREAMS', keys.stream(partition), '>');
    await shared.redis.set(keys.lease('tally', partition), 'dead', 'PX', 300);
    const subscription = await start({ leaseMs: 300 });
    await untilApplied(5);
    expect(await effects()).toEqual(ids('a', range(1, 5)));
    expect(subscription.status().claimed).toBe(3);
    await untilAcknowledged(['a']);
  });

  test('one that lost its lease while it was frozen reads, buries and applies nothing more', async () => {
    const keys = keysOf(shared.prefix);
    const zombie = await start({ leaseMs: HOUR, retries: 0 }, 'zombie');
    await until('it has all', () => zombie.status().partitions.length === 8);
    // It believes that it still has them: it looks again in twenty minutes.
    for (const partition of range(0, 7)) await shared.redis.set(keys.lease('tally', partition), 'another');
    poison.add('thing:a:1');
    await append(database, thing('a', 1), thing('b', 1));
    await until('they are in the streams', () => forwarder.status().published === 2);
    await until('it has noticed', () => zombie.status().partitions.length === 0);
    expect(zombie.status()).toMatchObject({ applied: 0, failures: 0, buried: 0 });
    poison.clear();
  });

  test('an event that fails is tried again, then is a dead letter; others go on, later ones of its aggregate wait', async () => {
    poison.add('thing:a:2');
    const deadLetter = `${shared.prefix}:given-up`;
    const subscription = await start({ retries: 2, deadLetter });
    await append(database, ...range(1, 3).map((version) => thing('a', version)), thing('b', 1));
    const letters = busLetters(await connect(), shared.prefix);
    await until('it is given up', async () => (await letters.list(undefined, 10)).length === 2);
    await append(database, thing('a', 4), thing('b', 2));
    await until('the next one waits too', async () => (await letters.list('tally', 10)).length === 3);
    await untilApplied(3);
    expect(of(await effects(), 'b')).toEqual(ids('b', [1, 2]));
    expect(of(await effects(), 'a')).toEqual(ids('a', [1]));
    const [dead, ...waiting] = await letters.list(undefined, 10);
    expect(dead).toMatchObject({ aggregate: 'thing:a', version: 2, state: 'dead', attempts: 3, group: 'tally' });
    expect(dead!.error).toMatch(/^Error: thing:a:2 is poison/);
    expect(waiting).toMatchObject([
      { version: 3, state: 'waiting', error: null },
      { version: 4, state: 'waiting', error: null },
    ]);
    expect(await letters.list('others', 10)).toEqual([]);
    expect(await shared.redis.xlen(deadLetter)).toBe(3);
    expect(subscription.status()).toMatchObject({ failures: 3, buried: 1 });

    // Replayed while it is still poison: it stays, with one attempt more.
    expect(await letters.replay({ group: 'tally', aggregate: 'thing:a' })).toBe(1);
    await until('it was tried', async () => (await letters.find(dead!.id))?.attempts === 4);
    await until('it is at rest', async () => (await letters.find(dead!.id))?.state === 'dead');
    poison.clear();
    await letters.replay({ group: 'tally', aggregate: 'thing:a' });
    await until('no letter is left', async () => (await letters.list(undefined, 10)).length === 0);
    expect(of(await effects(), 'a')).toEqual(ids('a', [1, 2, 3, 4]));
    await append(database, thing('a', 5));
    await untilApplied(7);
    expect(await letters.find(dead!.id)).toBeUndefined();
  });

  test('an event that fails once is applied at the next attempt, before those that came behind it', async () => {
    poisonOnce.add('thing:a:1');
    const subscription = await start({ backoff: { firstMs: 1_000, factor: 1, mostMs: 1_000 } });
    await append(database, thing('a', 1), thing('a', 2), thing('b', 1));
    await until('the first attempt has failed', () => subscription.status().failures === 1);
    await append(database, thing('a', 3));
    await untilApplied(4);
    expect(of(await effects(), 'a')).toEqual(ids('a', [1, 2, 3]));
    expect(subscription.status()).toMatchObject({ failures: 1, buried: 0 });
    const { attempts } = keysOf(shared.prefix);
    await until('nothing is left of the attempt', async () => (await shared.redis.exists(attempts('tally'))) === 0);
  });

  test('what is no event is a dead letter, and the partition goes on behind it', async () => {
    const stream = keysOf(shared.prefix).stream(partitionOf('thing:a'));
    await append(database, thing('a', 1));
    await until('it is in the stream', () => forwarder.status().published === 1);
    await forwarder.close();
    for (const [id, text] of [
      ['2-0', 'hello'],
      ['3-0', '{"partitionkey":"thing:a"}'],
    ] as const)
      await shared.redis.xadd(stream, id, 'event', text);
    await shared.redis.xadd(stream, '4-0', 'event', JSON.stringify(eventOf('a', 2)));
    const subscription = await start({ kind: 'thing' });
    await untilApplied(2);
    expect(await effects()).toEqual(ids('a', [1, 2]));
    const letters = busLetters(await connect(), shared.prefix);
    const nonsense = { aggregate: '', version: 0, type: '', state: 'dead', attempts: 1 };
    expect(await letters.list('tally', 10)).toMatchObject([nonsense, nonsense]);
    expect((await letters.list('tally', 1))[0]!.error).toMatch(/the entry 2-0 of partition \d is no event/);
    expect(await shared.redis.smembers(keysOf(shared.prefix).parked('tally'))).toEqual([]);
    await untilAcknowledged(['a']);
    expect(subscription.status()).toMatchObject({ buried: 2, errors: 0 });
  });

  test('a handler that never ends has failed after its time, and can write no more; others go on', async () => {
    const hanging: pg.PoolClient[] = [];
    const others: string[] = [];
    const parts = { redis: await connect(), prefix: shared.prefix, database, log: silent };
    const hang = (event: CloudEvent, client: pg.PoolClient): Promise<void> => {
      // At once, so that no busy machine can make a failure of it.
      if (!event.partitionkey.endsWith('a')) return Promise.resolve(void others.push(event.id));
      hanging.push(client);
      return new Promise(() => undefined);
    };
    const subscription = subscribeToBus(parts, 'tally', hang, { retries: 0, handlerMs: 200 });
    open.push(subscription);
    await append(database, thing('a', 1), thing('b', 1));
    await until('it is given up', () => subscription.status().buried === 1);
    await until('the other is applied', () => subscription.status().applied === 1);
    expect(others).toEqual(['thing:b:1']);
    const letters = busLetters(await connect(), shared.prefix);
    expect((await letters.list('tally', 10))[0]!.error).toMatch(/took longer than 200 ms/);
    expect(hanging).toHaveLength(1);
    await expect(hanging[0]!.query('select 1')).rejects.toThrow('Client was closed');
    expect(subscription.status().errors).toBe(0);
  });

  test('groups that share a stream of dead letters replay and show their own alone', async () => {
    const deadLetter = `${shared.prefix}:given-up`;
    const handler = (): Promise<void> => Promise.reject(new Error('no'));
    const subscriptions: BusSubscription[] = [];
    for (const group of ['one', 'two']) {
      const parts = { redis: await connect(), prefix: shared.prefix, database, log: silent };
      const subscription = subscribeToBus(parts, group, handler, { retries: 0, deadLetter });
      subscriptions.push(subscription);
      open.push(subscription);
    }
    await append(database, thing('a', 1));
    await until('both have given up', () => subscriptions.every((one) => one.status().buried === 1));
    const letters = busLetters(await connect(), shared.prefix);
    expect((await letters.list('two', 10)).map(({ group }) => group)).toEqual(['two']);
    expect((await letters.list(undefined, 10)).map(({ group }) => group)).toEqual(['one', 'two']);
    await letters.replay({ group: 'one', aggregate: 'thing:a' });
    await until('it was tried', async () => (await letters.list('one', 10))[0]?.attempts === 2);
    expect((await letters.list('two', 10))[0]).toMatchObject({ state: 'dead', attempts: 1 });
  });

  test('an acknowledgement that was lost is sent again, and what another failed at before is forgotten', async () => {
    const keys = keysOf(shared.prefix);
    const redis = await connect();
    let losses = 0;
    const lossy = Object.create(redis) as Redis;
    lossy.xack = ((...args: Parameters<Redis['xack']>) =>
      losses++ < 2 ? Promise.reject(new Error('lost')) : redis.xack(...args)) as Redis['xack'];
    await append(database, thing('a', 1), thing('a', 2));
    await until('they are in the stream', () => forwarder.status().published === 2);
    const stream = keys.stream(partitionOf('thing:a'));
    await shared.redis.xgroup('CREATE', stream, 'tally', '0');
    await shared.redis.xreadgroup('GROUP', 'tally', 'dead', 'COUNT', 1, 'STREAMS', stream, '>');
    await shared.redis.hset(keys.attempts('tally'), 'thing:a:1', 1);
    const subscription = await start({}, 'w', lossy);
    await untilApplied(2);
    await untilAcknowledged(['a']);
    expect(subscription.status()).toMatchObject({ applied: 2, duplicates: 0 });
    expect(losses).toBeGreaterThan(2);
    expect(await shared.redis.exists(keys.attempts('tally'))).toBe(0);
  });

  test('while the database is away nothing counts as a failure', async () => {
    const redis = await connect();
    let away = true;
    const flaky: Pick<Database, 'transaction'> = {
      transaction: (work) => (away ? Promise.reject(new Error('the database is away')) : database.transaction(work)),
    };
    const parts = { redis, prefix: shared.prefix, database: flaky, log: silent };
    const applied: string[] = [];
    const subscription = subscribeToBus(parts, 'tally', (event) => Promise.resolve(void applied.push(event.id)), {
      retries: 0,
    });
    open.push(subscription);
    await append(database, thing('a', 1), thing('a', 2));
    await until('it was noticed', () => subscription.status().errors > 2);
    away = false;
    await until('both are applied', () => applied.length === 2);
    expect(applied).toEqual(ids('a', [1, 2]));
    expect(subscription.status()).toMatchObject({ failures: 0, buried: 0 });
  });

  test('a group that was behind for so long that events were trimmed says how many it has missed', async () => {
    const subscription = await start();
    await append(database, thing('a', 1));
    await untilApplied(1);
    await subscription.close();
    const stream = keysOf(shared.prefix).stream(partitionOf('thing:a'));
    await append(database, ...range(2, 5).map((version) => thing('a', version)));
    await until('they are in the stream', () => forwarder.status().published === 5);
    await shared.redis.xtrim(stream, 'MAXLEN', 2);
    const later = await start({ retries: 0 });
    await until('it is noticed', () => later.status().missed === 2 && later.status().buried === 1);
    expect(await effects()).toEqual(ids('a', [1])); // nothing is applied on top of a hole
  });
});
