import type { Database } from '../../../src/platform/database';
import { BehindError, startOutbox, type Outbox } from '../../../src/platform/outbox';
import { sweepPartition } from '../../../src/platform/outbox/sweep';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, publishAll, silent, thing, throughLostConnections, until } from './support';

let scratch: TestDatabase;
let database: Database;
let outbox: Outbox;
beforeAll(async () => {
  scratch = await createTestDatabase();
  ({ database } = scratch);
});
afterAll(() => scratch.drop());
beforeEach(async () => {
  await database.pool.query('truncate outbox_events, outbox_cursors cascade');
  await database.pool.query('update outbox_partitions set position = 0');
  outbox = startOutbox({ database, log: silent });
});
afterEach(() => outbox.close());

const noReload = (): never => {
  throw new Error('no reload was expected');
};

describe('following the log in a process', () => {
  test('brings every event after the given positions, soon after its commit', async () => {
    await append(database, thing('before', 1));
    await until('it is published', async () => [...(await outbox.positions()).values()].some((p) => p === 1));
    const heard: string[] = [];
    const follower = outbox.follow({
      name: 'test',
      from: await outbox.positions(),
      onEvents: (events) => void heard.push(...events.map(({ id }) => id)),
      onBehind: noReload,
    });
    await until('it has caught up', () => follower.caughtUp());
    for (let version = 1; version <= 20; version++) {
      await append(database, thing('a', version));
      await until('it is heard', () => heard.length === version);
    }
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `thing:a:${i + 1}`));
    expect(follower.status()).toMatchObject({ applied: 20, lag: 0, reloads: 0, errors: 0 });
  });

  test('brings the same events again when applying them failed, and says so', async () => {
    const heard: string[] = [];
    let failures = 2;
    const follower = outbox.follow({
      name: 'test',
      from: await outbox.positions(),
      onEvents: (events) => {
        if (failures-- > 0) throw new Error('not now');
        heard.push(...events.map(({ id }) => id));
      },
      onBehind: noReload,
    });
    await append(database, thing('a', 1));
    await until('it is applied', () => heard.length > 0);
    expect(heard).toEqual(['thing:a:1']);
    await until('the step has ended', () => follower.caughtUp());
    expect(follower.status()).toMatchObject({ errors: 2, consecutiveErrors: 0, lastError: 'not now' });
  });

  test('loads anew, and says so, when retention has removed what it had to read next', async () => {
    const from = await outbox.positions();
    await append(database, thing('a', 1), thing('a', 2));
    await until('all is published', async () => (await publishedCount()) === 2);
    await database.pool.query("update outbox_events set published_at = now() - interval '8 days' where version = 1");
    // The outbox sweeps by itself when it starts: a partition that it is at is left to it, and may look to it as it was before.
    await until('the first is removed', async () => {
      for (let partition = 0; partition < 8; partition++)
        await database.transaction((client) => sweepPartition(client, partition, 7 * 86_400_000));
      const left = await database.pool.query<{ version: number }>('select version from outbox_events');
      return left.rows.map(({ version }) => Number(version)).join() === '2';
    });
    const reasons: BehindError[] = [];
    const heard: string[] = [];
    const follower = outbox.follow({
      name: 'test',
      from,
      onEvents: (events) => void heard.push(...events.map(({ id }) => id)),
      onBehind: (error) => {
        reasons.push(error);
        return outbox.positions();
      },
    });
    await until('it has caught up', () => follower.caughtUp());
    expect(reasons).toHaveLength(1);
    expect(follower.status().reloads).toBe(1);
    await append(database, thing('a', 3));
    await until('it goes on from there', () => heard.length > 0);
    expect(heard).toEqual(['thing:a:3']);
  });

  test('loads anew also when nothing is left of what it had to read, or when the log has been set back', async () => {
    await append(database, thing('a', 1));
    await until('it is published', async () => (await publishedCount()) === 1);
    const end = await outbox.positions();
    await database.pool.query('delete from outbox_events');
    for (const shift of [-1, 1]) {
      const reasons: string[] = [];
      const follower = outbox.follow({
        name: 'test',
        from: new Map([...end].map(([partition, position]) => [partition, position + (position > 0 ? shift : 0)])),
        onEvents: () => undefined,
        onBehind: (error) => {
          reasons.push(error.message);
          return outbox.positions();
        },
      });
      await until('it has caught up', () => follower.caughtUp());
      expect(reasons).toEqual([expect.stringContaining(shift < 0 ? 'are gone' : 'the log ends at')]);
      await follower.close();
    }
  });

  test('survives the loss of every connection and misses nothing', async () => {
    const heard: string[] = [];
    const follower = outbox.follow({
      name: 'test',
      from: await outbox.positions(),
      onEvents: (events) => void heard.push(...events.map(({ id }) => id)),
      onBehind: noReload,
    });
    for (let version = 1; version <= 10; version++) {
      await throughLostConnections(() => append(database, thing('a', version)).catch(unlessWritten));
      if (version % 3 === 0)
        await throughLostConnections(() =>
          database.pool.query(
            'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
          ),
        );
    }
    await until('all are heard', () => heard.length === 10);
    expect(heard).toEqual(Array.from({ length: 10 }, (_, i) => `thing:a:${i + 1}`));
    await until('the bell hangs again', () => outbox.status().listening);
    await until('all loops have recovered', () => follower.status().consecutiveErrors === 0);
  });
});

describe('retention', () => {
  test('keeps what is young, unpublished, unread by a durable consumer, or a dead letter', async () => {
    await outbox.close();
    const sweepAll = async (): Promise<number> => {
      let removed = 0;
      for (let partition = 0; partition < 8; partition++)
        removed += await database.transaction((client) => sweepPartition(client, partition, 7 * 86_400_000));
      return removed;
    };
    await append(database, thing('old', 1), thing('letter', 1));
    await publishAll(database);
    await database.pool.query("update outbox_events set published_at = now() - interval '8 days'");
    await append(database, thing('young', 1));
    await publishAll(database);
    await append(database, thing('unpublished', 1));
    await database.pool.query("update outbox_events set occurred_at = now() - interval '8 days'");
    await database.pool.query("insert into outbox_cursors select 'slow', n, 0 from generate_series(0, 7) as n");
    expect(await sweepAll()).toBe(0);
    await database.pool.query('update outbox_cursors set position = 1000');
    await database.pool.query(
      `insert into outbox_dead_letters (consumer_group, partition, aggregate, version, event_id, state, attempts, error)
       select 'slow', partition, aggregate, version, id, 'dead', 4, 'no' from outbox_events where subject = 'letter'`,
    );
    expect(await sweepAll()).toBe(1);
    const left = await database.pool.query<{ subject: string }>('select subject from outbox_events order by subject');
    expect(left.rows.map(({ subject }) => subject)).toEqual(['letter', 'unpublished', 'young']);
    outbox = startOutbox({ database, log: silent });
  });
});

/** The event is there: of an attempt whose answer was lost. */
function unlessWritten(error: Error & { code?: string }): void {
  if (error.code !== '23505') throw error;
}

async function publishedCount(): Promise<number> {
  const result = await database.pool.query<{ count: number }>(
    'select count(position)::int as count from outbox_events',
  );
  return result.rows[0]!.count;
}
