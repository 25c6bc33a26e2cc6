import { applyOnce, type Applied } from '../../../src/platform/bus/inbox';
import type { Database } from '../../../src/platform/database';
import { appendEvents, PARTITIONS, toCloudEvent } from '../../../src/platform/outbox';
import { deliverPartitions, type Consumer, type Delivered } from '../../../src/platform/outbox/deliver';
import { createTestDatabase } from '../../support/database';
import { drill, mutateStatement } from '../../support/mutants';
import { append, neighbours, publishAll, readLog, TestClock, thing } from './support';

/** C13 for events: a guard that is taken out of the outbox or an inbox is missed. */

/** A database of its own: what a mutant has broken is nobody's but the test's. */
const inDatabase = (test: (database: Database) => Promise<void>) => async (): Promise<void> => {
  const { database, drop } = await createTestDatabase();
  try {
    await database.pool.query('create table effects (id bigserial, event text)');
    await test(database);
  } finally {
    await drop();
  }
};

const effects = async ({ pool }: Database): Promise<string[]> =>
  (await pool.query<{ event: string }>('select event from effects order by id')).rows.map(({ event }) => event);

/** One pass of a consumer over the whole log. */
async function deliver(database: Database): Promise<Delivered> {
  const consumer: Consumer = {
    group: 'tally',
    kind: undefined,
    handler: async ({ id }, client) => {
      await client.query('insert into effects (event) values ($1)', [id]);
    },
    retries: 0,
    handlerMs: 30_000,
    overdue: { batch: false, events: new Map() },
    backoff: { firstMs: 1, factor: 1, mostMs: 1 },
    clock: new TestClock(),
    random: () => 0.5,
  };
  await database.pool.query(
    `insert into outbox_cursors (consumer_group, partition, position) select 'tally', partition, 0 from outbox_partitions
     on conflict do nothing`,
  );
  const all = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  return database.transaction((client) => deliverPartitions(client, consumer, all));
}

async function lateCommitIsNotLost(database: Database): Promise<void> {
  const [early, late] = neighbours();
  const slow = await database.pool.connect();
  await slow.query('begin');
  await appendEvents(slow, [thing(early, 1)]); // the smaller id, not committed yet
  await append(database, thing(late, 1)); // the larger id, committed
  await publishAll(database);
  await slow.query('commit');
  slow.release();
  await publishAll(database);
  expect((await readLog(database)).map(({ subject }) => subject)).toEqual([late, early]);
}

async function appliesOnce(database: Database): Promise<void> {
  await append(database, thing('a', 1), thing('a', 2), thing('b', 1));
  await publishAll(database);
  await deliver(database);
  // A crash between the effect and the cursor, a database that was restored: the events come again.
  await database.pool.query('update outbox_cursors set position = 0');
  await deliver(database);
  expect((await effects(database)).sort()).toEqual(['thing:a:1', 'thing:a:2', 'thing:b:1']);
}

async function nothingOnTopOfAHole(database: Database): Promise<void> {
  for (const version of [1, 3]) {
    await append(database, thing('a', version));
    await publishAll(database);
    await deliver(database);
  }
  expect(await effects(database)).toEqual(['thing:a:1']);
}

/** The events of a reader of the bus, in the order in which they come. */
async function applyFromBus(database: Database, ...versions: number[]): Promise<Applied['state'][]> {
  const states: Applied['state'][] = [];
  for (const version of versions) {
    const published = { ...thing('a', version), id: `thing:a:${version}`, partition: 0, position: version };
    const event = toCloudEvent({ ...published, occurredAt: new Date(0) });
    const handler: Parameters<typeof applyOnce>[3] = async ({ id }, client) => {
      await client.query('insert into effects (event) values ($1)', [id]);
    };
    states.push((await applyOnce(database, 'tally', event, handler, 30_000)).state);
  }
  return states;
}

describe('C13: the log', () => {
  drill({
    holds: 'an event that commits after one with a larger id was published is not lost',
    test: inDatabase(lateCommitIsNotLost),
    mutants: {
      'the relay publishes what has a larger id than the last': {
        make: () =>
          mutateStatement('outbox-publish', [
            'position is null',
            'id > (select coalesce(max(id), 0) from outbox_events where partition = $1 and position is not null)',
          ]),
        failsWith: /toEqual\(expected\)[^]*- +"n0"/,
      },
    },
  });
});

describe('C13: the inbox', () => {
  drill({
    holds: 'an event that comes again is not applied again',
    test: inDatabase(appliesOnce),
    mutants: {
      'a consumer does not know what it has applied': {
        make: () => mutateStatement('outbox-versions', ['where ', 'where false and ']),
        failsWith: /\+ +"thing:a:1"/,
      },
    },
  });

  drill({
    holds: 'an event whose predecessor is missing is not applied',
    test: inDatabase(nothingOnTopOfAHole),
    mutants: {
      'every version passes for the next one': {
        make: () => mutateStatement('outbox-versions', ['where ', 'where false and ']),
        failsWith: /\+ +"thing:a:3"/,
      },
    },
  });

  const FROM_BUS = 'insert into outbox_inbox';
  drill({
    holds: 'an event that comes again from the bus is not applied again, nor one whose predecessor is missing',
    test: inDatabase(async (database) => {
      const states = await applyFromBus(database, 1, 1, 2, 4, 2);
      expect(await effects(database)).toEqual(['thing:a:1', 'thing:a:2']);
      expect(states).toEqual(['applied', 'duplicate', 'applied', 'failed', 'duplicate']);
    }),
    mutants: {
      'a reader does not know what it has applied': {
        make: () => mutateStatement(FROM_BUS, ['returning version', 'returning 0 as version']),
        failsWith: /\+ +"thing:a:1"/,
      },
    },
  });
});
