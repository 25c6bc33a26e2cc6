import { tmpdir } from 'node:os';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { v7 } from 'uuid';
import { systemClock, type Clock } from '../../../kernel/clock';
import type { Database } from '../../../platform/database';
import type { Log } from '../../../platform/log';
import { runLoop, type Loop } from '../../../platform/loop';
import type { Analytics } from '../analytics';
import { KINDS, removeUnfinished } from '../store/models';
import * as trainings from '../store/trainings';
import { LEARNING_DEFAULTS, type LearningOptions } from './learning';
import { Registrar } from './registry';
import { learnInThread } from './trainer';

export interface PredictionsOptions {
  readonly database: Database;
  readonly analytics: Pick<Analytics, 'query' | 'save' | 'marts' | 'forRequests'>;
  readonly log: Log;
  readonly clock?: Clock;
  readonly options?: LearningOptions;
  /** Hours from the beginning of a training to the next that new marts bring; 0: only when somebody asks. */
  readonly everyHours: number;
}

/** Predictions in a process of the shop. `save` is for requests. */
export interface Predictions extends Pick<Analytics, 'save'> {
  /** Asks for a training, in the caller's transaction; wake() after its commit spares the wait. */
  requestTraining(client: pg.PoolClient): Promise<trainings.Training>;
  wake(): void;
  /** Carries out trainings that are due or were asked for. */
  readonly loop: Loop;
  close(): Promise<void>;
}

/** The marts that models learn from. */
const CUSTOMER_ORDERS = 'customer_orders';
const REVENUE = 'revenue_by_day';
const LOOK_MS = 15_000;
const NO_RUN = 'Analytics has not run yet: there is nothing to learn from';
const NO_PURCHASE = 'Nobody whose name is known has bought anything yet';

/** Starts looking for trainings. */
export function startPredictions(settings: PredictionsOptions): Predictions {
  const { database, analytics, log, clock = systemClock, everyHours } = settings;
  const closing = new AbortController();

  const step = async (): Promise<boolean> => {
    const { queued, lastSource, secondsSince } = await trainings.readTrainingSchedule(database.pool);
    if (!queued) {
      if (everyHours === 0 || (secondsSince !== null && secondsSince < everyHours * 3600)) return false;
      const source = (await analytics.marts()).get(CUSTOMER_ORDERS)?.runId;
      if (source === undefined || source === lastSource) return false;
      await trainings.enqueueTraining(database.pool, `trn_${v7()}`, 'run');
    }
    return takeTraining(settings, clock, closing.signal);
  };
  const loop = runLoop({ name: 'predictions', step, idleMs: LOOK_MS, clock, log });

  return {
    requestTraining: (client) => trainings.enqueueTraining(client, `trn_${v7()}`, 'admin'),
    save: analytics.forRequests.save,
    wake: loop.wake,
    loop,
    close: async () => {
      closing.abort();
      await loop.close();
    },
  };
}

/** Takes the training that waits, if no other process trains, and sees it through. A training that fails is an answer, not an error. */
async function takeTraining(settings: PredictionsOptions, clock: Clock, signal: AbortSignal): Promise<boolean> {
  const { database, analytics, log } = settings;
  // A lock of the session: it goes with the connection when this process dies.
  const lock = await database.pool.connect();
  try {
    if (!(await trainings.tryLockTrainings(lock))) return false;
    try {
      const source = (await analytics.marts()).get(CUSTOMER_ORDERS)?.runId ?? null;
      const training = await trainings.takeQueuedTraining(lock, source);
      if (!training) return false;
      await removeUnfinished(lock);
      let outcomes: readonly trainings.TrainingOutcome[] = [];
      let error: string | null = null;
      try {
        outcomes = await carryOut(settings, training, clock, signal);
      } catch (thrown) {
        error = thrown instanceof Error ? thrown.message : String(thrown);
        log.error({ err: thrown, training: training.id }, 'The training failed');
      }
      await trainings.finishTraining(lock, { id: training.id, error, outcomes });
      log.info({ training: training.id, outcomes, error }, 'Models were trained');
      return true;
    } finally {
      await trainings.unlockTrainings(lock);
    }
  } finally {
    lock.release();
  }
}

async function carryOut(
  { database, analytics, options = LEARNING_DEFAULTS }: PredictionsOptions,
  { id, source }: trainings.Training,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly trainings.TrainingOutcome[]> {
  const nothing = (verdict: string): trainings.TrainingOutcome[] =>
    KINDS.map((kind) => ({ kind, modelId: null, verdict }));
  if (source === null) return nothing(NO_RUN);
  // Today is not over: half a day would count as a bad one.
  const today = new Date(clock.now()).toISOString().slice(0, 10);
  const currency = await mostUsedCurrency(analytics, today);
  if (currency === undefined) return nothing(NO_PURCHASE);
  const registrar = new Registrar(database, { trainingId: id, source, currency });
  const files: string[] = [];
  try {
    for (const sql of [purchasesSql(currency, today), revenueSql(currency, today)])
      files.push(await analytics.save(sql, 'parquet'));
    const [purchases = '', revenue = ''] = files;
    const spill = path.join(tmpdir(), `easy11-training-${process.pid}`);
    await learnInThread({ purchases, revenue, spill, options }, (message) => registrar.hear(message), signal);
    return await registrar.finish();
  } finally {
    for (const file of files) await rm(file, { force: true });
  }
}

/** Marts keep currencies apart; models learn of the one that most orders are in. */
async function mostUsedCurrency(analytics: Pick<Analytics, 'query'>, today: string): Promise<string | undefined> {
  const [row] = await analytics.query<{ currency: string }>(
    `select currency from ${CUSTOMER_ORDERS} where day < $1::date group by currency order by count(*) desc, currency limit 1`,
    [today],
  );
  return row?.currency;
}

/** As a literal: what is saved as a file has no parameters. */
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const purchasesSql = (currency: string, today: string): string =>
  `select customer, (day - date '1970-01-01')::integer as day, sum(amount)::double as amount from ${CUSTOMER_ORDERS}
   where currency = ${literal(currency)} and day < ${literal(today)}::date and amount > 0
   group by customer, day order by customer, day`;

const revenueSql = (currency: string, today: string): string =>
  `select (day - date '1970-01-01')::integer as day, (revenue + guest_revenue)::double as amount from ${REVENUE}
   where currency = ${literal(currency)} and day < ${literal(today)}::date and revenue + guest_revenue > 0 order by day`;
