import type pg from 'pg';
import { atCommit, together, type Flush } from '../../../src/platform/database';
import { appendAtCommit } from '../../../src/platform/outbox';
import { deliverPartitions } from '../../../src/platform/outbox/deliver';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, publishAll, thing } from '../outbox/support';
import { partitionOf } from '../../../src/platform/outbox';
import { systemClock } from '../../../src/kernel/clock';

let scratch: TestDatabase;
beforeAll(async () => {
  scratch = await createTestDatabase();
  await scratch.database.pool.query('create table notes (text text primary key)');
});
afterAll(() => scratch.drop());
beforeEach(async () => {
  await scratch.database.pool.query('truncate notes, outbox_events cascade');
});

const write = (client: Pick<pg.ClientBase, 'query'>, text: string): Promise<unknown> =>
  client.query('insert into notes (text) values ($1)', [text]);
const writeAll: Flush<string> = (client, texts) => write(client, texts.join(' '));
const notes = async (): Promise<string[]> =>
  (await scratch.database.pool.query<{ text: string }>('select text from notes order by text')).rows.map(
    ({ text }) => text,
  );

test('statements sent together are carried out in their order, on one connection', async () => {
  const answers = await scratch.database.transaction((client) =>
    together([
      write(client, 'a'),
      client.query<{ n: number }>('select count(*)::int as n from notes'),
      write(client, 'b'),
      client.query<{ n: number }>('select count(*)::int as n from notes'),
    ]),
  );
  expect([answers[1].rows[0]?.n, answers[3].rows[0]?.n]).toEqual([1, 2]);
});

test('when one of them fails, the first failure in their order is thrown, when all have ended, and nothing stays', async () => {
  const ended: string[] = [];
  const failing = scratch.database.transaction((client) =>
    together([
      write(client, 'a'),
      client.query('select 1 / 0'),
      write(client, 'b').finally(() => ended.push('b')),
      Promise.reject(new Error('earlier, but later in order')),
    ]),
  );
  await expect(failing).rejects.toMatchObject({ code: '22012' });
  expect(ended).toEqual(['b']);
  expect(await notes()).toEqual([]);
});

test('what is left for the commit is collected, written with it, and seen by nobody before', async () => {
  await scratch.database.transaction(async (client) => {
    await atCommit(client, writeAll, ['left', 'for']);
    await atCommit(client, writeAll, ['later']);
    await write(client, 'now');
    expect((await client.query('select text from notes')).rows).toEqual([{ text: 'now' }]);
  });
  expect(await notes()).toEqual(['left for later', 'now']);
});

test('a failure of what was left for the commit is thrown by the transaction, and undoes all of it', async () => {
  await write(scratch.database.pool, 'taken');
  const failing = scratch.database.transaction(async (client) => {
    await write(client, 'new');
    await atCommit(client, writeAll, ['taken']);
  });
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(await notes()).toEqual(['taken']);
});

test('what a transaction that failed had left for its commit is not written by the next one on its connection', async () => {
  const failing = scratch.database.transaction(async (client) => {
    await atCommit(client, writeAll, ['of the one that failed']);
    throw new Error('changed my mind');
  });
  await expect(failing).rejects.toThrow('changed my mind');
  await scratch.database.transaction((client) => write(client, 'of the next'));
  expect(await notes()).toEqual(['of the next']);
});

test('a transaction in which a failure was swallowed does not pass for committed', async () => {
  const failing = scratch.database.transaction(async (client) => {
    await write(client, 'lost');
    await client.query('select 1 / 0').catch(() => undefined);
  });
  await expect(failing).rejects.toThrow('rolled back');
  expect(await notes()).toEqual([]);
});

test('outside of a transaction nothing is left for later', async () => {
  const client = await scratch.database.pool.connect();
  try {
    await atCommit(client, writeAll, ['at once']);
  } finally {
    client.release();
  }
  expect(await notes()).toEqual(['at once']);
});

test('what a handler of events left for the commit is undone with the rest of it', async () => {
  const { database } = scratch;
  await append(database, thing('a', 1));
  await publishAll(database);
  await database.pool.query(
    `insert into outbox_cursors (consumer_group, partition, position) select 'pipeline', partition, 0 from outbox_partitions`,
  );
  const consumer = {
    group: 'pipeline',
    kind: undefined,
    handler: async (_event: unknown, client: pg.PoolClient) => {
      await appendAtCommit(client, [thing('told', 1)]);
      throw new Error('after all not');
    },
    retries: 0,
    handlerMs: 30_000,
    overdue: { batch: false, events: new Map<string, string>() },
    backoff: { firstMs: 1, factor: 1, mostMs: 1 },
    clock: systemClock,
    random: Math.random,
  };
  const { failures } = await database.transaction((client) =>
    deliverPartitions(client, consumer, [partitionOf('thing:a')]),
  );
  expect(failures).toBe(1);
  const { rows } = await database.pool.query('select aggregate from outbox_events');
  expect(rows).toEqual([{ aggregate: 'thing:a' }]);
});

test('requests that wait for a connection are counted, background work is not, and nobody when all have one', async () => {
  const { database } = scratch;
  const held = await Promise.all(Array.from({ length: 10 }, () => database.pool.connect()));
  const limits = (): { lockMs: number; statementMs: number } => ({ lockMs: 0, statementMs: 1_000 });
  const work = (client: pg.PoolClient): Promise<unknown> => client.query('select 1');
  const waiting = [
    database.transaction(work, { limits }),
    database.transaction(work, { limits }),
    database.transaction(work),
  ];
  expect(database.requestsWaiting()).toBe(2);
  for (const client of held) client.release();
  await Promise.all(waiting);
  expect(database.requestsWaiting()).toBe(0);
});

test('the limits of a transaction hold in it, and not in the next one on its connection', async () => {
  const { database } = scratch;
  const timeouts = (client: pg.PoolClient): Promise<unknown[]> =>
    client
      .query(`select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`)
      .then(({ rows }) => rows);
  const limits = (): { lockMs: number; statementMs: number } => ({ lockMs: 1_234, statementMs: 0.5 });
  expect(await database.transaction(timeouts, { limits })).toEqual([{ lock: '1234ms', statement: '1ms' }]);
  expect(await database.transaction(timeouts)).toEqual([{ lock: '0', statement: '0' }]);
});
