import type { Clock } from '../../../kernel/clock';
import type { Database } from '../../../platform/database';
import type { Log } from '../../../platform/log';
import { runLoop, type Loop } from '../../../platform/loop';
import { Bulkhead } from '../../../platform/resilience/bulkhead';
import { claimSagas, postpone, type Saga } from '../store/sagas';
import { advanceSaga, recoverSaga, Superseded } from './advance';
import type { StepContext } from './steps';

/** Sagas claimed in one go. */
const BATCH = 20;
/** How soon another process's order is found; this one's own wake the worker. */
const IDLE_MS = 200;
/** How long sagas hold back after somebody has waited for a connection. */
const BUSY_MS = 250;

export interface SagaWorker extends Loop {
  /** Sagas that this process works on now. */
  active(): number;
  /** Steps that ended well, and those that threw, since the start. */
  advanced(): number;
  failed(): number;
  /** Writes that the fence refused: another worker had taken the saga over. */
  superseded(): number;
}

export interface WorkerOptions {
  readonly database: Pick<Database, 'pool' | 'transaction' | 'requestsWaiting'>;
  readonly context: StepContext;
  readonly log: Log;
  readonly clock: Clock;
  /** Sagas at once: most of the time each of them waits for the provider. */
  readonly concurrency: number;
  /** How many of them may be in a transaction at once: the other connections of the pool are for those who wait for an answer. */
  readonly connections: number;
  /** Told of each order whose saga has come to rest. */
  readonly onAdvanced?: (orderId: string) => void;
}

/**
 * Carries sagas on: claims those that are due, a bounded number at once, and takes each as far as it goes under one lease. Any
 * number of processes may run one. A process that dies, or is silent for too long, loses its leases to the others.
 */
export function startSagaWorker(options: WorkerOptions): SagaWorker {
  const { context, log, clock, concurrency, connections, onAdvanced } = options;
  const { pool } = options.database;
  let busyUntil = 0;
  /** Whether requests wait for a connection, or have a moment ago. */
  const busy = (): boolean => {
    if (options.database.requestsWaiting() > 0) busyUntil = clock.now() + BUSY_MS;
    return clock.now() < busyUntil;
  };
  const places = new Bulkhead({ limit: connections, queue: concurrency });
  const onePlace = new Bulkhead({ limit: 1, queue: concurrency });
  const database: Pick<Database, 'pool' | 'transaction'> = {
    pool,
    transaction: (work, how) => (busy() ? onePlace : places).run(() => options.database.transaction(work, how)),
  };
  const running = new Set<Promise<void>>();
  let [advanced, failed, superseded] = [0, 0, 0];
  let closing = false;

  const carryOn = async (claimed: Saga): Promise<void> => {
    for (let saga = claimed; ;) {
      try {
        // One that has failed is taken step by step, so that what can be written of it is.
        const step = await advanceSaga(database, context, saga, { through: saga.attempts <= 1 });
        advanced++;
        if (!('next' in step)) {
          if (step.error !== undefined)
            log.warn({ saga: saga.id, step: saga.step, reason: step.error }, 'A saga waits');
          return;
        }
        saga = step.next;
        if (closing) {
          await postpone(pool, saga, { pauseMs: 0, error: 'handed on at a shutdown', manual: false });
          return;
        }
      } catch (error) {
        if (error instanceof Superseded) {
          superseded++;
          log.warn({ saga: saga.id, step: saga.step }, 'A saga was taken over; what was late is not written');
          return;
        }
        failed++;
        log.warn({ saga: saga.id, step: saga.step, attempts: saga.attempts, err: error }, 'A step of a saga failed');
        await recoverSaga(database, saga, error);
        return;
      }
    }
  };

  const start = (saga: Saga): void => {
    const run = carryOn(saga)
      // The database is away: the lease runs out, and the saga is found again.
      .catch((error: unknown) => log.warn({ saga: saga.id, err: error }, 'A saga could not be put off'))
      .finally(() => {
        running.delete(run);
        onAdvanced?.(saga.orderId);
        loop.wake();
      });
    running.add(run);
  };

  const step = async (): Promise<boolean> => {
    // While requests wait for a connection, the sagas of those who have been answered go on one at a time.
    const most = busy() ? 1 : concurrency;
    const room = Math.min(BATCH, most - running.size);
    if (room <= 0) return false;
    const sagas = await claimSagas(pool, room);
    for (const saga of sagas) start(saga);
    return sagas.length === room;
  };
  const loop = runLoop({ name: 'orders-saga', step, idleMs: IDLE_MS, clock, log });

  return {
    ...loop,
    wake: () => {
      busy();
      loop.wake();
    },
    active: () => running.size,
    advanced: () => advanced,
    failed: () => failed,
    superseded: () => superseded,
    close: async () => {
      closing = true;
      await loop.close();
      await Promise.all(running);
    },
  };
}
