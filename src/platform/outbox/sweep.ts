import type pg from 'pg';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../log';
import { LOCKS, type OutboxDatabase } from './database';
import { PARTITIONS } from './events';
import { runLoop, type Loop } from '../loop';

export const RETENTION_MS = 7 * 24 * 3_600_000;
const IDLE_MS = 3_600_000;
const BATCH = 5_000;

/**
 * Removes events of a partition that were published more than `retentionMs` ago (by the database's clock), oldest
 * first. Keeps what a durable consumer has yet to read, what a dead letter refers to, and whatever is unpublished.
 * Returns how many it removed; 0 also when another process is at it.
 */
export async function sweepPartition(
  client: pg.ClientBase,
  partition: number,
  retentionMs: number,
  limit = BATCH,
): Promise<number> {
  const lock = await client.query<{ held: boolean }>('select pg_try_advisory_xact_lock($1, $2) as held', [
    LOCKS.sweep,
    partition,
  ]);
  if (!lock.rows[0]?.held) return 0;
  const result = await client.query(
    `with oldest as (
       select id, published_at from outbox_events as e
       where partition = $1 and position is not null
         and position <= (select coalesce(min(position), 9223372036854775807) from outbox_cursors where partition = $1)
         and not exists (select from outbox_dead_letters as letter where letter.event_id = e.id)
       order by position limit $3
     )
     delete from outbox_events
     where id in (select id from oldest where published_at < clock_timestamp() - $2 * interval '1 millisecond')`,
    [partition, retentionMs, limit],
  );
  return result.rowCount ?? 0;
}

export interface Sweep extends Loop {
  /** Events removed by this process since it started. */
  swept(): number;
}

/** Sweeps every hour, until closed. */
export function startSweep(
  { database, clock, log }: { database: OutboxDatabase; clock: Clock; log: Log },
  retentionMs = RETENTION_MS,
): Sweep {
  let swept = 0;
  const step = async (): Promise<boolean> => {
    let more = false;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const count = await database.transaction((client) => sweepPartition(client, partition, retentionMs));
      swept += count;
      more ||= count === BATCH;
    }
    return more;
  };
  const loop = runLoop({ name: 'outbox-sweep', step, idleMs: IDLE_MS, clock, log });
  return { ...loop, swept: () => swept };
}
