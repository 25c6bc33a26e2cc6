import type pg from 'pg';
import type { Clock } from '../../kernel/clock';
import { atCommit, together, type Flush } from '../database';
import type { Log } from '../log';
import { CHANNEL } from './bell';
import { boundIdleTime, LOCKS, type OutboxDatabase } from './database';
import { runLoop, type Loop } from '../loop';

/** How long an event waits for the relay at most, when nothing else is the matter. */
export const RELAY_IDLE_MS = 100;
const BATCH = 2_000;

/**
 * Gives the committed events of a partition their positions, in the order of their ids, and rings the bell.
 * Runs inside a transaction; at most one in the whole database does so for one partition, since positions become
 * visible in their order only if the next ones are given after the last are committed.
 * Returns how many it published; 0 also when another process is at it.
 *
 * Why not simply read `id > last`: ids are taken before transactions commit, so a smaller id can appear after a larger
 * one has been read, and would be lost. Here every committed row without a position is seen, whenever it appears.
 */
export async function publishPartition(client: pg.ClientBase, partition: number, limit = BATCH): Promise<number> {
  return (await publishPartitions(client, [partition], limit))[0] ?? 0;
}

/** The same for several partitions, in one transaction, with one ring of the bell. Returns how many it published of each. */
export async function publishPartitions(
  client: pg.ClientBase,
  partitions: readonly number[],
  limit = BATCH,
): Promise<readonly number[]> {
  const [, { rows: held }] = await together([
    boundIdleTime(client, 15_000),
    client.query<{ partition: number }>({
      name: 'outbox-relay-lock',
      text: 'select partition from unnest($2::int[]) as partition where pg_try_advisory_xact_lock($1, partition)',
      values: [LOCKS.relay, partitions],
    }),
  ]);
  // Statements of their own: their snapshots must be younger than the locks, or they would see rows as the last holder found them.
  const published = await together(held.map(({ partition }) => givePositions(client, partition, limit)));
  if (published.some((count) => count > 0)) await atCommit(client, ringBell, [0]);
  return published;
}

/** Heard when the transaction commits, and only then. */
const ringBell: Flush<number> = (client) => client.query(`notify ${CHANNEL}`);

async function givePositions(client: pg.ClientBase, partition: number, limit: number): Promise<number> {
  const result = await client.query<{ published: number }>({
    name: 'outbox-publish',
    text: `with batch as (
       select id, row_number() over (order by id) as place
       from (select id from outbox_events where partition = $1 and position is null order by id limit $2) as pending
     ), head as (
       update outbox_partitions set position = position + (select count(*) from batch)
       where partition = $1 and exists (select from batch)
       returning position
     ), published as (
       update outbox_events as event
       set position = head.position - (select count(*) from batch) + batch.place, published_at = clock_timestamp()
       from batch, head where event.id = batch.id
       returning event.id
     )
     select count(*)::int as published from published`,
    values: [partition, limit],
  });
  return result.rows[0]?.published ?? 0;
}

export interface Relay extends Loop {
  /** Events published by this process since it started. */
  published(): number;
}

/**
 * Publishes what has been committed, until closed. Any number of processes may run one. It polls: a NOTIFY in every
 * writer's transaction would make their commits queue up behind one lock (measured in docs/decisions/outbox.md).
 */
export function startRelay({ database, clock, log }: { database: OutboxDatabase; clock: Clock; log: Log }): Relay {
  let published = 0;
  const step = async (): Promise<boolean> => {
    const pending = await database.pool.query<{ partition: number }>({
      name: 'outbox-pending',
      text: `select partition from outbox_partitions as p
       where exists (select from outbox_events as e where e.partition = p.partition and e.position is null)`,
    });
    const partitions = pending.rows.map(({ partition }) => partition);
    if (partitions.length === 0) return false;
    const counts = await database.transaction((client) => publishPartitions(client, partitions));
    for (const count of counts) published += count;
    return counts.includes(BATCH);
  };
  const loop = runLoop({ name: 'outbox-relay', step, idleMs: RELAY_IDLE_MS, clock, log });
  return { ...loop, published: () => published };
}
