import fc from 'fast-check';
import type pg from 'pg';
import type { Database } from '../../../src/platform/database';
import { appendEvents, partitionOf, startOutbox, type PublishedEvent } from '../../../src/platform/outbox';
import { publishPartition, publishPartitions } from '../../../src/platform/outbox/relay';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, neighbours, publishAll, readLog, silent, thing, until } from './support';

let scratch: TestDatabase;
let database: Database;
beforeAll(async () => {
  scratch = await createTestDatabase();
  ({ database } = scratch);
});
afterAll(() => scratch.drop());
beforeEach(async () => {
  await database.pool.query('truncate outbox_events cascade');
  await database.pool.query('update outbox_partitions set position = 0');
});

describe('the relay', () => {
  test('an event that commits after one with a larger id was published is not lost', async () => {
    const [early, late] = neighbours();
    const slow = await database.pool.connect();
    await slow.query('begin');
    await appendEvents(slow, [thing(early, 1)]); // the smaller id, not committed yet
    await append(database, thing(late, 1)); // the larger id, committed
    expect(await publishAll(database)).toBe(1);
    await slow.query('commit');
    slow.release();
    expect(await publishAll(database)).toBe(1);
    const log = await readLog(database);
    expect(log.map(({ subject, position }) => [subject, position])).toEqual([
      [late, 1],
      [early, 2],
    ]);
  });

  test('while one process publishes a partition, another leaves it alone and other partitions go on', async () => {
    await append(database, thing('a', 1), thing('b', 1), thing('c', 1), thing('d', 1));
    const partition = partitionOf('thing:a');
    const holder = await database.pool.connect();
    await holder.query('begin');
    expect(await publishPartition(holder, partition)).toBeGreaterThan(0);
    expect(await database.transaction((client) => publishPartition(client, partition))).toBe(0);
    const others = ['b', 'c', 'd'].filter((name) => partitionOf(`thing:${name}`) !== partition).length;
    expect(await publishAll(database)).toBe(others);
    await holder.query('rollback'); // it dies: nothing was published, and the next one does it
    holder.release();
    expect(await publishAll(database)).toBe(4 - others);
  });

  test('several relays side by side give every position once, without gaps', async () => {
    const outboxes = [1, 2, 3].map(() => startOutbox({ database, log: silent }));
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let version = 1; version <= 50; version++)
        await append(database, thing(`w${writer}`, version), thing(`x${writer}-${version}`, 1));
    });
    await Promise.all(writers);
    await until('all are published', async () => (await readLog(database)).length === 400);
    await Promise.all(outboxes.map((outbox) => outbox.close()));
    assertOrdered(await readLog(database));
  });

  test('whatever the interleaving of writers, commits, crashes and relays: nothing lost, nothing reordered', async () => {
    const actions = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), writer: fc.nat(3), name: fc.nat(2) }) },
        {
          weight: 4,
          arbitrary: fc.record({ do: fc.constantFrom('commit' as const, 'crash' as const), writer: fc.nat(3) }),
        },
        {
          weight: 3,
          arbitrary: fc.record({ do: fc.constant('publish' as const), limit: fc.integer({ min: 1, max: 2 }) }),
        },
      ),
      { minLength: 20, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(actions, (history) => play(history)),
      { numRuns: 25, seed: 5 },
    );
  });
});

type Action =
  | { do: 'write'; writer: number; name: number }
  | { do: 'commit' | 'crash'; writer: number }
  | { do: 'publish'; limit: number };

/** Where the events of a history are. */
const PARTITIONS_OF_THINGS = [...new Set([0, 1, 2].map((name) => partitionOf(`thing:p${name}`)))];

/** Plays a history on the real database: four connections, three aggregates, each with a row whose lock orders its versions. */
async function play(history: readonly Action[]): Promise<void> {
  await database.pool.query('truncate outbox_events cascade');
  await database.pool.query('update outbox_partitions set position = 0');
  await database.pool.query('create table if not exists things (name int primary key, version int not null)');
  await database.pool.query('truncate things');
  await database.pool.query('insert into things select n, 0 from generate_series(0, 2) as n');
  const open = new Map<number, { client: pg.PoolClient; wrote: string[]; names: Set<number> }>();
  const committed: string[] = [];
  const end = async (writer: number, how: 'commit' | 'crash'): Promise<void> => {
    const session = open.get(writer);
    if (!session) return;
    open.delete(writer);
    if (how === 'crash') {
      await database.pool.query('select pg_terminate_backend($1)', [
        (session.client as unknown as { processID: number }).processID,
      ]);
      session.client.release(true);
      return;
    }
    await session.client.query('commit');
    session.client.release();
    committed.push(...session.wrote);
  };
  for (const action of history) {
    if (action.do === 'write') {
      let session = open.get(action.writer);
      // A row that another writer holds would block this single thread of history.
      if ([...open].some(([writer, other]) => writer !== action.writer && other.names.has(action.name))) continue;
      if (!session) {
        session = { client: await database.pool.connect(), wrote: [], names: new Set() };
        await session.client.query('begin');
        open.set(action.writer, session);
      }
      const row = await session.client.query<{ version: number }>(
        'update things set version = version + 1 where name = $1 returning version',
        [action.name],
      );
      const event = thing(`p${action.name}`, row.rows[0]!.version);
      await appendEvents(session.client, [event]);
      session.wrote.push(`${event.aggregate}:${event.version}`);
      session.names.add(action.name);
    } else if (action.do === 'publish') {
      await database.transaction((client) => publishPartitions(client, PARTITIONS_OF_THINGS, action.limit));
    } else {
      await end(action.writer, action.do);
    }
  }
  for (const writer of [...open.keys()]) await end(writer, 'commit');
  while ((await database.transaction((client) => publishPartitions(client, PARTITIONS_OF_THINGS))).some(Boolean));
  const log = await readLog(database);
  expect(log.map(({ id }) => id).sort()).toEqual([...committed].sort());
  assertOrdered(log);
}

function assertOrdered(log: readonly PublishedEvent[]): void {
  const heads = new Map<number, number>();
  const versions = new Map<string, number>();
  for (const { partition, position, aggregate, version } of log) {
    expect(position).toBe((heads.get(partition) ?? 0) + 1);
    expect(version).toBe((versions.get(aggregate) ?? 0) + 1);
    heads.set(partition, position);
    versions.set(aggregate, version);
  }
}
