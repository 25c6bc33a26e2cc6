import type { Database } from '../../../src/platform/database';
import {
  partitionOf,
  startOutbox,
  type BatchHandler,
  type EventHandler,
  type Outbox,
} from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, publishAll, silent, TestClock, thing, until } from './support';

let scratch: TestDatabase;
let database: Database;
let clock: TestClock;
let outboxes: Outbox[];
beforeAll(async () => {
  scratch = await createTestDatabase();
  ({ database } = scratch);
  await database.pool.query('create table effects (id bigserial, subject text, version int)');
});
afterAll(() => scratch.drop());
beforeEach(async () => {
  await database.pool.query('truncate outbox_events, outbox_cursors, outbox_inbox, effects cascade');
  await database.pool.query('update outbox_partitions set position = 0');
  clock = new TestClock();
  outboxes = [];
});
afterEach(async () => {
  // Loops pause on the test's clock: closing ends the pauses.
  await Promise.all(outboxes.map((outbox) => outbox.close()));
});

function open(): Outbox {
  const outbox = startOutbox({ database, log: silent, clock });
  outboxes.push(outbox);
  return outbox;
}

/** The handler of these tests: leaves a row, and fails for subjects while they are in `broken`, after leaving it. */
const broken = new Set<string>();
const leaveRow: EventHandler = async ({ subject, version }, client) => {
  await client.query('insert into effects (subject, version) values ($1, $2)', [subject, version]);
  if (broken.has(`${subject}:${version}`)) throw new Error(`cannot digest ${subject}:${version}`);
};
afterEach(() => broken.clear());

async function effects(): Promise<string[]> {
  const result = await database.pool.query<{ subject: string; version: number }>('select * from effects order by id');
  return result.rows.map(({ subject, version }) => `${subject}:${version}`);
}
const settled = async (count: number): Promise<void> =>
  until(`${count} effects are there`, async () => (await effects()).length === count);

async function publish(outbox: Outbox): Promise<void> {
  // The relay has its first look at once: a partition that it is at when we come is left to it, with what it has not seen.
  await until('all is published', async () => {
    await publishAll(database);
    return (await database.pool.query('select 1 from outbox_events where position is null limit 1')).rowCount === 0;
  });
  await until('the bell is hung', () => outbox.status().listening);
}

describe('a durable consumer', () => {
  test('applies every event once, in order per aggregate, and records it in the same transaction', async () => {
    const outbox = open();
    await append(database, thing('a', 1), thing('b', 1), thing('a', 2));
    await append(database, thing('a', 3));
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow });
    await publish(outbox);
    await until('all are accounted for', () => subscription.status().applied === 4);
    expect((await effects()).filter((effect) => effect.startsWith('a'))).toEqual(['a:1', 'a:2', 'a:3']);
    expect(subscription.status()).toMatchObject({ group: 'tally', applied: 4, failures: 0 });
    const inbox = await database.pool.query('select aggregate, version from outbox_inbox order by aggregate');
    expect(inbox.rows).toEqual([
      { aggregate: 'thing:a', version: 3 },
      { aggregate: 'thing:b', version: 1 },
    ]);
  });

  test.each(['one by one', 'together'])('goes on without an event whose handler never ends, %s', async (how) => {
    const late: Promise<string>[] = [];
    const handler: EventHandler = async (event, client) => {
      if (event.subject !== 'a') return leaveRow(event, client);
      await new Promise<void>((resolve) => setTimeout(resolve, 400));
      late.push(client.query('select 1').then(String, String));
      await new Promise(() => undefined);
    };
    const batchHandler: BatchHandler = async (events, client) => {
      for (const event of events) await handler(event, client);
    };
    const outbox = open();
    await append(database, thing('b', 1), thing('a', 1), thing('b', 2), thing('a', 2));
    const batch = how === 'together' ? { batchHandler } : {};
    const options = { group: 'tally', handler, retries: 0, handlerMs: 200, ...batch };
    const subscription = await outbox.subscribe(options);
    await publish(outbox);
    await settled(2);
    expect(await effects()).toEqual(['b:1', 'b:2']);
    await until('both wait', async () => (await outbox.deadLetters({ group: 'tally' })).length === 2);
    const letters = await outbox.deadLetters({ group: 'tally' });
    expect(letters).toMatchObject([
      { aggregate: 'thing:a', version: 1, state: 'dead', attempts: 1 },
      { aggregate: 'thing:a', version: 2, state: 'waiting', attempts: 0 },
    ]);
    expect(letters[0]!.error).toMatch(/took longer than 200 ms/);
    await until('it tried to go on', () => late.length > 0);
    expect(await late[0]).toMatch(/Error: Client was closed/);
    expect(subscription.status()).toMatchObject({ applied: 2, failures: 1, errors: 0 });
  });

  test('tells its own process when what it did can be seen, and not of what it could not do', async () => {
    const outbox = open();
    const seen: Promise<string[]>[] = [];
    broken.add('b:1');
    await append(database, thing('a', 1), thing('a', 2));
    const onApplied = (): void => void seen.push(effects());
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow, onApplied });
    await publish(outbox);
    await until('somebody was told', () => seen.length === 1);
    expect(await seen[0]).toEqual(['a:1', 'a:2']);
    await append(database, thing('b', 1));
    await publish(outbox);
    await until('the event has failed', () => subscription.status().failures === 1);
    expect(seen).toHaveLength(1);
  });

  test('skips what it has already applied when its cursor is set back', async () => {
    const outbox = open();
    await append(database, thing('a', 1), thing('a', 2), thing('b', 1));
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow });
    await publish(outbox);
    await settled(3);
    await database.pool.query('update outbox_cursors set position = 0');
    subscription.wake();
    await until('the events came again', () => subscription.status().duplicates === 3);
    expect(await effects()).toHaveLength(3);
  });

  test('hears only of the kind it asked for, and may begin with what happens from now on', async () => {
    const outbox = open();
    await append(database, thing('old', 1));
    await publish(outbox);
    const other = { ...thing('x', 1), aggregate: 'other:x' };
    await outbox.subscribe({ group: 'late', kind: 'thing', begin: 'now', handler: leaveRow });
    await append(database, thing('new', 1), other);
    await publish(outbox);
    await settled(1);
    expect(await effects()).toEqual(['new:1']);
  });

  test('shares its work between processes without doing any of it twice', async () => {
    const [one, two] = [open(), open()];
    await one.subscribe({ group: 'tally', handler: leaveRow });
    await two.subscribe({ group: 'tally', handler: leaveRow });
    for (let version = 1; version <= 20; version++)
      await append(database, ...['a', 'b', 'c', 'd', 'e'].map((name) => thing(name, version)));
    await publish(one);
    await publish(two);
    await settled(100);
    expect(new Set(await effects()).size).toBe(100);
  });
});

describe('an event that cannot be applied', () => {
  test('is tried three times more with growing pauses, then given up with its error, and others go on', async () => {
    const outbox = open();
    broken.add('bad:1');
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow, random: () => 1 });
    await append(database, thing('bad', 1), thing('good', 1), thing('bad', 2));
    await publish(outbox);
    await settled(1);
    await until('it was tried once', () => subscription.status().failures === 1);
    for (const [attempt, pause] of [1_000, 4_000, 16_000].entries()) {
      clock.advance(pause - 1);
      subscription.wake();
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(subscription.status().failures).toBe(attempt + 1);
      clock.advance(1);
      subscription.wake();
      await until('it was tried again', () => subscription.status().failures === attempt + 2);
    }
    expect(await outbox.deadLetters({ group: 'tally' })).toMatchObject([
      {
        aggregate: 'thing:bad',
        version: 1,
        state: 'dead',
        attempts: 4,
        error: expect.stringContaining('cannot digest'),
      },
      { aggregate: 'thing:bad', version: 2, state: 'waiting', attempts: 0, error: null },
    ]);
    await append(database, thing('bad', 3), thing('good', 2));
    await publish(outbox);
    await settled(2);
    expect(await effects()).toEqual(['good:1', 'good:2']);
  });

  test('is applied by a replay, and what waited behind it follows in order', async () => {
    const outbox = open();
    broken.add('bad:2');
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow, retries: 0 });
    await append(database, thing('bad', 1), thing('bad', 2));
    for (let version = 3; version <= 260; version++) await append(database, thing('bad', version));
    await publish(outbox);
    await until('it was given up', async () => (await outbox.deadLetters({ group: 'tally' }, 500)).length === 259);
    expect(subscription.status().failures).toBe(1);
    broken.clear();
    expect(await outbox.replay({ group: 'tally', aggregate: 'thing:bad' })).toBe(1);
    await settled(260);
    expect(await effects()).toEqual(Array.from({ length: 260 }, (_, i) => `bad:${i + 1}`));
    expect(await outbox.deadLetters({ group: 'tally' })).toEqual([]);
    await append(database, thing('bad', 261));
    await publish(outbox);
    await settled(261);
  });

  test('is applied by a retry that succeeds, before anything later of its aggregate', async () => {
    const outbox = open();
    broken.add('bad:1');
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow });
    await append(database, thing('bad', 1), thing('bad', 2));
    await publish(outbox);
    await until('it failed', () => subscription.status().failures === 1);
    broken.clear();
    clock.advance(1_000);
    subscription.wake();
    await settled(2);
    expect(await effects()).toEqual(['bad:1', 'bad:2']);
  });

  test('may be one whose predecessor is missing: it waits for it, and both are applied in order', async () => {
    const outbox = open();
    const subscription = await outbox.subscribe({ group: 'tally', handler: leaveRow, retries: 0 });
    await append(database, thing('a', 1));
    await append(database, thing('a', 3));
    await publish(outbox);
    await until('the gap was seen', () => subscription.status().failures === 1);
    expect(await effects()).toEqual(['a:1']);
    const [letter] = await outbox.deadLetters({ group: 'tally' });
    expect(letter).toMatchObject({ version: 3, state: 'dead', error: expect.stringContaining('version 2') });
    await append(database, thing('a', 2));
    await publish(outbox);
    await settled(3);
    expect(await effects()).toEqual(['a:1', 'a:2', 'a:3']);
  });

  test('holds up neither its partition nor another consumer', async () => {
    const outbox = open();
    broken.add('a:1');
    const neighbour = Array.from({ length: 100 }, (_, i) => `n${i}`).find(
      (name) => partitionOf(`thing:${name}`) === partitionOf('thing:a'),
    )!;
    await outbox.subscribe({ group: 'tally', handler: leaveRow });
    const heard: string[] = [];
    await outbox.subscribe({ group: 'other', handler: (event) => Promise.resolve(void heard.push(event.id)) });
    await append(database, thing('a', 1), thing(neighbour, 1));
    await publish(outbox);
    await settled(1);
    expect(await effects()).toEqual([`${neighbour}:1`]);
    await until('the other consumer heard both', () => heard.length === 2);
  });
});
