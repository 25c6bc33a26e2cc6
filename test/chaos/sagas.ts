import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';

const LOOK_MS = 100;

/** Counts sagas all the time, in the database, which is not killed: what needed a person for a moment only is seen too. */
export function watchSagas(pool: Pick<pg.Pool, 'query'>): {
  /** Waits until no saga is open, whatever it may wait for. False when that takes longer than it may. */
  end(withinMs: number): Promise<boolean>;
  /** Ends the watch. Throws what kept it from looking. */
  mostManual(): Promise<number>;
  close(): Promise<unknown>;
} {
  const closing = new AbortController();
  let most = 0;
  const look = async (): Promise<number> => {
    const { rows } = await pool.query<{ open: number; manual: number }>(
      `select count(*)::int as open, count(*) filter (where state = 'manual')::int as manual
       from sagas where state <> 'done'`,
    );
    const { open = 0, manual = 0 } = rows[0] ?? {};
    most = Math.max(most, manual);
    return open;
  };
  const watch = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      await look();
      await sleep(LOOK_MS);
    }
  };
  const watching = watch();
  // mostManual throws it: until then nobody listens.
  watching.catch(() => closing.abort());
  return {
    end: async (withinMs) => {
      const end = performance.now() + withinMs;
      while ((await look()) > 0) {
        if (performance.now() > end) return false;
        await sleep(LOOK_MS);
      }
      return true;
    },
    mostManual: async () => {
      closing.abort();
      await watching;
      return most;
    },
    close: () => {
      closing.abort();
      return Promise.allSettled([watching]);
    },
  };
}
