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
/** How long sagas hold back after a request has had to wait. */
const BUSY_MS = 50;
/** How long they do so at most: from then on one that is due is carried on, whoever waits. */
const LAG_SECONDS = 2;

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
  readonly database: Pick<Database, 'pool' | 'transaction' | 'pressed'>;
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
  const busy = (): boolean => options.database.pressed(BUSY_MS);
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
        wake();
      });
    running.add(run);
  };

  const step = async (): Promise<boolean> => {
    const room = Math.min(BATCH, concurrency - running.size);
    if (room <= 0) return false;
    // While requests wait, the sagas of those who have been answered do so too, as long as their customers will hardly notice.
    const sagas = await claimSagas(pool, room, busy() ? LAG_SECONDS : 0);
    for (const saga of sagas) start(saga);
    return sagas.length === room;
  };
  const loop = runLoop({ name: 'orders-saga', step, idleMs: IDLE_MS, clock, log });

  const ended = new AbortController();
  let planned = false;
  /** Looks for work now, or as soon as nobody waits any more. */
  const wake = (): void => {
    if (!busy()) return loop.wake();
    if (planned) return;
    planned = true;
    void clock.sleep(BUSY_MS, ended.signal).then(() => {
      planned = false;
      if (!closing) wake();
    });
  };

  return {
    ...loop,
    wake,
    active: () => running.size,
    advanced: () => advanced,
    failed: () => failed,
    superseded: () => superseded,
    close: async () => {
      closing = true;
      ended.abort();
      await loop.close();
      await Promise.all(running);
    },
  };
}
