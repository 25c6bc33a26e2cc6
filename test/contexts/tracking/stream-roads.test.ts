import { Redis } from 'ioredis';
import type { WriteEvents } from '../../../src/contexts/tracking/queue';
import type { TrackedEvent } from '../../../src/contexts/tracking/schemas';
import type { EventStream } from '../../../src/contexts/tracking/stream';
import { GROUP, streamKeysOf, type StreamKeys } from '../../../src/contexts/tracking/stream/entry';
import { EventWriter } from '../../../src/contexts/tracking/writer';
import { identityOf } from '../../../src/platform/database';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { eventually } from '../../support/eventually';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { store, tracked } from './shop';
import { openStream, openStreamShop, storedIds, streamOf } from './stream-shop';

const LONG_MS = 20_000;
const DAY_MS = 86_400_000;
/** What a process has taken is left to it. */
const OWN_ONLY = { claimAfterMs: 600_000 };

let server: OwnRedis;
let redis: Redis;
let scratch: TestDatabase;
let keys: StreamKeys;
let stream: EventStream | undefined;
/** As the shop writes: with COPY where there are many. */
let writer: EventWriter;

const make = (count: number): TrackedEvent[] => Array.from({ length: count }, () => tracked({ type: 'click' }));
const idsOf = (events: readonly TrackedEvent[]): Set<string> => new Set(events.map(({ id }) => id));
const toDatabase: WriteEvents = (events) => store(scratch.database, events);
const add = (events: readonly unknown[]): Promise<unknown> =>
  redis.xadd(keys.stream, '*', 'n', events.length, 'events', JSON.stringify(events));
const until = (holds: () => boolean): Promise<void> => eventually(LONG_MS, () => Promise.resolve(holds()));
const empty = (): Promise<void> => eventually(LONG_MS, async () => (await redis.xlen(keys.stream)) === 0);
const opened = (): EventStream => {
  if (!stream) throw new Error('no stream was opened');
  return stream;
};

describeWithOwnRedis('the stream of events', () => {
  beforeAll(async () => {
    server = await startOwnRedis();
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.remove();
  });
  beforeEach(async () => {
    scratch = await createTestDatabase();
    writer = new EventWriter(scratch.database);
    keys = streamKeysOf('easy11-test', await identityOf(scratch.database));
    // Makes the days.
    await (await openStreamShop(scratch.url, { url: server.url })).close();
  });
  afterEach(async () => {
    await stream?.close();
    stream = undefined;
    await writer.close();
    await redis.config('SET', 'appendonly', 'no', 'maxmemory', '0', 'maxmemory-policy', 'noeviction');
    await scratch.drop();
  });

  const open = async (write: WriteEvents, of: Partial<Parameters<typeof streamOf>[0]> = {}): Promise<EventStream> =>
    (stream = await openStream(scratch, { url: server.url, mode: 'on', ...of }, write));

  test('is not used where Redis writes no append-only file, unless the settings say so', async () => {
    const events = make(3);
    expect([...(await (await open(toDatabase, { mode: 'auto' })).write(events))]).toEqual([]);
    expect(await storedIds(scratch)).toEqual(idsOf(events));
    // Straight: what was there before is known at once.
    expect(await opened().write(events)).toEqual(idsOf(events));
    expect(opened().status().road).toEqual({
      through: 'database',
      because: 'Redis writes no append-only file (appendonly is no)',
    });
    expect(opened().status().diverted).toBe(0);
    await opened().close();
    await open(toDatabase);
    expect(opened().status().road).toEqual({ through: 'stream', because: 'EASY11_EVENT_STREAM is on' });
    expect((await opened().write(events)).size).toBe(0);
  });

  test('is not used where Redis may delete any key to make room', async () => {
    await redis.config('SET', 'appendonly', 'yes', 'maxmemory', '1gb', 'maxmemory-policy', 'allkeys-lru');
    await open(toDatabase, { mode: 'auto' });
    expect(opened().status().road.because).toBe(
      'Redis may delete any key when it is full (maxmemory-policy is allkeys-lru)',
    );
  });

  test('is looked at again when the connection is made again', async () => {
    await open(toDatabase, { mode: 'auto' });
    for (const [appendOnly, through] of [
      ['yes', 'stream'],
      ['no', 'database'],
    ] as const) {
      await redis.config('SET', 'appendonly', appendOnly);
      await redis.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await until(
        () => opened().status().road.through === through && opened().status().road.because !== 'Redis does not answer',
      );
    }
  });

  test('is emptied where it is off, and gets nothing more', async () => {
    const [waiting, events] = [make(5), make(3)];
    await add(waiting);
    await open(toDatabase, { mode: 'off' });
    await opened().write(events);
    await empty();
    expect(await storedIds(scratch)).toEqual(idsOf([...waiting, ...events]));
    expect(opened().status()).toMatchObject({ diverted: 0, road: { because: 'EASY11_EVENT_STREAM is off' } });
  });

  test('takes events up to its bound; those beyond it go straight', async () => {
    const written: number[] = [];
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const write: WriteEvents = async (events) => {
      written.push(events.length);
      if (events.length === 40) await held; // that is the consumer, at what the stream took
      return toDatabase(events);
    };
    await open(write, { mostWaiting: 50 });
    try {
      await opened().write(make(40));
      await until(() => written.length === 1);
      await opened().write(make(11));
      expect([written, opened().status().waiting, opened().status().diverted]).toEqual([[40, 11], 40, 11]);
      await opened().write(make(10));
      expect([written, opened().status().waiting]).toEqual([[40, 11], 50]);
    } finally {
      letGo();
    }
    await empty();
    await until(() => opened().status().waiting === 0);
    expect(written).toEqual([40, 11, 10]);
    expect((await storedIds(scratch)).size).toBe(61);
    expect(await redis.exists(keys.waiting)).toBe(0);
  });

  test('fails a group that neither Redis nor PostgreSQL takes', async () => {
    await open(() => Promise.reject(new Error('PostgreSQL is away')));
    await server.kill();
    try {
      await expect(opened().write(make(2))).rejects.toThrow('PostgreSQL is away');
    } finally {
      await server.start();
    }
  });

  test('keeps what PostgreSQL does not take, tries again, and joins entries into one write by rising id', async () => {
    const [one, two] = [make(30), make(30)];
    await add([...two].reverse());
    await add([...one].reverse());
    const writes: string[][] = [];
    let failures = 3;
    await open((events) => {
      if (failures-- > 0) return Promise.reject(new Error('PostgreSQL is away'));
      writes.push(events.map(({ id }) => id));
      return toDatabase(events);
    }, OWN_ONLY);
    await empty();
    expect(writes).toEqual([[...idsOf([...one, ...two])].sort()]);
    await until(() => opened().status().consecutiveErrors === 0);
    expect(opened().status()).toMatchObject({ errors: 3, lastError: 'PostgreSQL is away' });
  });

  test('hands on what a process had taken when it died', async () => {
    const [taken, fresh] = [make(20), make(20)];
    await add(taken);
    await redis.xgroup('CREATE', keys.stream, GROUP, '0');
    await redis.xreadgroup('GROUP', GROUP, 'dead', 'COUNT', 10, 'STREAMS', keys.stream, '>');
    await add(fresh);
    await open(toDatabase, { claimAfterMs: 300 });
    await empty();
    expect(await storedIds(scratch)).toEqual(idsOf([...taken, ...fresh]));
    // Nobody who leaves nothing stays in the group.
    await opened().close();
    expect(await redis.xinfo('CONSUMERS', keys.stream, GROUP)).toMatchObject(
      [['name', 'dead', 'pending', 0]].map((row) => expect.arrayContaining(row)),
    );
  });

  test('puts aside what is no batch, and what PostgreSQL refuses, and goes on', async () => {
    const good = make(400);
    const refused = { ...tracked(), slot: 'a\0b' };
    await redis.xadd(keys.stream, '*', 'field', 'of somebody else');
    await add([{ ...tracked(), visitorId: 'vis_x' }]);
    await redis.xadd(keys.stream, '*', 'n', 1, 'events', '[{');
    await add([...good.slice(0, 4), refused, ...good.slice(4)]);
    await open((events) => writer.write(events));
    await empty();
    expect(await storedIds(scratch)).toEqual(idsOf(good));
    await until(() => opened().status().refused === 4);
    const letters = (await redis.xrange(keys.aside, '-', '+')).map(([, [, reason, , content]]) => [reason, content]);
    expect(letters).toEqual([
      ['it is no batch of events', '["field","of somebody else"]'],
      ['it is no batch of events', expect.stringContaining('vis_x')],
      ['it is no batch of events', expect.stringContaining('[{')],
      [expect.stringContaining('invalid byte sequence'), JSON.stringify(refused)],
    ]);
  });

  test('stores events that waited until their day was not there any more, and drops those past the retention', async () => {
    const now = Date.now();
    const waited = [...make(300), tracked({}, now), tracked({}, now - 9 * DAY_MS), tracked({}, now - 30 * DAY_MS)];
    const over = [tracked({}, now - 31 * DAY_MS), tracked({}, now - 90 * DAY_MS)];
    // Today's is made again, too: the process that makes days may not have come to it.
    const { rows } = await scratch.database.pool.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'tracking_events'::regclass`,
    );
    await scratch.database.pool.query(`drop table ${rows.map(({ name }) => name).join(', ')}`);
    await add([...over, ...waited]);
    await open((events) => writer.write(events));
    await empty();
    expect(await storedIds(scratch)).toEqual(idsOf(waited));
    await until(() => opened().status().refused === over.length);
    expect(await redis.exists(keys.aside)).toBe(0);
  });
});
