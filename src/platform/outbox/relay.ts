import type pg from 'pg';
import type { Clock } from '../../kernel/clock';
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
  await boundIdleTime(client, 15_000);
  const lock = await client.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1, $2) as held', [
    LOCKS.relay,
    partition,
  ]);
  if (!lock.rows[0]?.held) return 0;
  // A statement of its own: its snapshot must be younger than the lock, or it would see rows as the last holder found them.
  const result = await client.query<{ published: number }>(
    `with batch as (
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
    [partition, limit],
  );
  const published = result.rows[0]?.published ?? 0;
  if (published > 0) await client.query('select pg_notify($1, $2)', [CHANNEL, String(partition)]);
  return published;
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
    const pending = await database.pool.query<{ partition: number }>(
      `select partition from outbox_partitions as p
       where exists (select from outbox_events as e where e.partition = p.partition and e.position is null)`,
    );
    let more = false;
    for (const { partition } of pending.rows) {
      const count = await database.transaction((client) => publishPartition(client, partition));
      published += count;
      more ||= count === BATCH;
    }
    return more;
  };
  const loop = runLoop({ name: 'outbox-relay', step, idleMs: RELAY_IDLE_MS, clock, log });
  return { ...loop, published: () => published };
}
