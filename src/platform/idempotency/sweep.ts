import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../database';
import type { Log } from '../log';
import { runLoop, type Loop } from '../loop';
import { removeOldKeys } from './store';

/** How long a key is remembered. */
export const RETENTION_MS = 24 * 3_600_000;
const IDLE_MS = 600_000;
const BATCH = 5_000;

export interface IdempotencySweep extends Loop {
  /** Keys removed by this process since it started. */
  removed(): number;
}

/** Forgets keys that are older than a day, every ten minutes, until closed. */
export function startIdempotencySweep(
  { database, log, clock = systemClock }: { database: Pick<Database, 'pool'>; log: Log; clock?: Clock },
  retentionMs = RETENTION_MS,
): IdempotencySweep {
  let removed = 0;
  const step = async (): Promise<boolean> => {
    const count = await removeOldKeys(database.pool, retentionMs, BATCH);
    removed += count;
    return count === BATCH;
  };
  const loop = runLoop({ name: 'idempotency-sweep', step, idleMs: IDLE_MS, clock, log });
  return { ...loop, removed: () => removed };
}
