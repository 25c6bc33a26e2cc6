import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import { deleteExpired } from './store';

const IDLE_MS = 60_000;
const BATCH = 1_000;

/** What carts do by themselves. */
export interface CartSweeper extends Loop {
  /** Carts removed by this process since it started. */
  removed(): number;
}

/** Removes carts that nobody has changed for a day, every minute, until closed. Nobody can reach them any more before that. */
export function startCartSweeper({
  database,
  log,
  clock = systemClock,
}: {
  readonly database: Pick<Database, 'pool'>;
  readonly log: Log;
  readonly clock?: Clock;
}): CartSweeper {
  let removed = 0;
  const step = async (): Promise<boolean> => {
    const count = await deleteExpired(database.pool, BATCH);
    removed += count;
    return count === BATCH;
  };
  return { ...runLoop({ name: 'cart-expiry', step, idleMs: IDLE_MS, clock, log }), removed: () => removed };
}
