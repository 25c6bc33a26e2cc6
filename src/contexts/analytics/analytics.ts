import type pg from 'pg';
import { v7 } from 'uuid';
import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import { z } from '../../platform/http/zod';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import type { Outbox } from '../../platform/outbox';
import { DATASETS } from './archive/datasets';
import type { Row, Scalar } from './duckdb';
import { guardAnalytics, type GuardedAnalytics } from './guarded';
import { startAnalyticsProcess, type AnalyticsProcess, type WorkerSettings } from './process';
import { enqueue } from './store/exports';
import * as runs from './store/runs';

export interface AnalyticsOptions {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly log: Log;
  readonly clock?: Clock;
  /** See ProcessOptions. */
  readonly program: string;
  readonly worker: Omit<WorkerSettings, 'databaseUrl'>;
  /** Minutes from the end of a run to the next; 0: only when somebody asks. */
  readonly everyMinutes: number;
}

/** Analytics in a process of the shop: asks, and lets another process work. */
export interface Analytics extends Pick<AnalyticsProcess, 'save'> {
  /**
   * The rows of a query of DuckDB's SQL over the marts that are served, by their names; `$1`, `$2` … are the parameters. Whole
   * numbers come as numbers, dates as `2011-08-31`, timestamps as ISO 8601 without a zone. Throws AnalyticsError, also where a mart
   * is not there yet: look at marts() first.
   */
  query<T extends Row = Row>(sql: string, parameters?: readonly Scalar[]): Promise<T[]>;
  /** query and save for a request, which cannot wait for long. */
  readonly forRequests: GuardedAnalytics;
  /** The marts that are served, by name: none before the first run. */
  marts(): Promise<ReadonlyMap<string, runs.Mart>>;
  /** Asks for a run, in the caller's transaction; wake() after its commit spares the wait. */
  requestRun(client: pg.PoolClient, trigger: runs.Trigger): Promise<runs.Run>;
  /** Calls the listener after each run that this process has seen through. */
  onRun(listener: (run: runs.Run) => void): void;
  wake(): void;
  /** Carries out runs that are due or were asked for. */
  readonly loop: Loop;
  /** Alerts that are open, as of the last look. */
  openAlerts(): number | undefined;
  /** When a run last succeeded, in seconds since the epoch, as of the last look. */
  lastRunAt(): number | undefined;
  close(): Promise<void>;
}

/** What is heard of a payment: which refund it is about, if it is about one. */
const refundHeardSchema = z.object({ refund: z.object({ id: z.string(), status: z.string() }).optional() });

/** What is heard of a coupon that some are held out of: the coupon's own, or who typed it in. */
const holdoutHeardSchema = z.object({ couponId: z.string(), exposure: z.object({ id: z.string() }).optional() });

const LOOK_MS = 15_000;
/** A shop that has just started has other things to do. */
const FIRST_AFTER_MS = 60_000;

/** Starts listening for orders, refunds and held-back coupons, and looking for runs. The process that works is started when there is work. */
export async function startAnalytics(options: AnalyticsOptions): Promise<Analytics> {
  const { database, outbox, log, clock = systemClock, program, worker, everyMinutes } = options;
  const analytics = startAnalyticsProcess({
    program,
    settings: { ...worker, databaseUrl: database.url },
    log,
  });
  const note = (client: pg.PoolClient, orderIds: readonly string[]): Promise<void> =>
    enqueue(client, DATASETS.orderLines.name, orderIds);
  const refunds = await outbox.subscribe({
    group: 'analytics-hears-refunds',
    kind: 'payment',
    handler: async ({ data }, client) => {
      const { refund } = refundHeardSchema.parse(data);
      if (refund?.status === 'succeeded') await enqueue(client, DATASETS.refunds.name, [refund.id]);
    },
  });
  const orders = await outbox.subscribe({
    group: 'analytics-hears-orders',
    kind: 'order',
    handler: ({ subject }, client) => note(client, [subject]),
    batchHandler: (events, client) =>
      note(
        client,
        events.map(({ subject }) => subject),
      ),
  });
  const noteHoldouts = async (client: pg.PoolClient, events: readonly { readonly data: unknown }[]): Promise<void> => {
    const heard = events.map(({ data }) => holdoutHeardSchema.parse(data));
    const coupons = heard.flatMap(({ couponId, exposure }) => (exposure ? [] : [couponId]));
    const exposures = heard.flatMap(({ exposure }) => (exposure ? [exposure.id] : []));
    if (coupons.length > 0) await enqueue(client, DATASETS.couponHoldouts.name, coupons);
    if (exposures.length > 0) await enqueue(client, DATASETS.couponExposures.name, exposures);
  };
  const holdouts = await outbox.subscribe({
    group: 'analytics-hears-holdouts',
    kind: 'holdout',
    handler: (event, client) => noteHoldouts(client, [event]),
    batchHandler: (events, client) => noteHoldouts(client, events),
  });
  const startedAt = clock.now();
  const listeners: ((run: runs.Run) => void)[] = [];
  let openAlerts: number | undefined;
  let lastRunAt: number | undefined;

  const isDue = (secondsSince: number | null): boolean => {
    if (everyMinutes === 0 || clock.now() - startedAt < FIRST_AFTER_MS) return false;
    return secondsSince === null || secondsSince >= everyMinutes * 60;
  };
  const step = async (): Promise<boolean> => {
    openAlerts = await runs.countOpenAlerts(database.pool);
    const { queued, secondsSince, succeededAt } = await runs.readSchedule(database.pool);
    lastRunAt = succeededAt ?? undefined;
    if (!queued && !isDue(secondsSince)) return false;
    if (!queued) await runs.enqueueRun(database.pool, `run_${v7()}`, 'schedule');
    const run = await analytics.run();
    if (!run) return false; // another process has the lock: it takes this one too, or we do later
    for (const listener of listeners) listener(run);
    return true;
  };
  const loop = runLoop({ name: 'analytics', step, idleMs: LOOK_MS, clock, log });

  return {
    query: analytics.query,
    save: analytics.save,
    forRequests: guardAnalytics(analytics, { clock }),
    marts: async () => new Map((await runs.listMarts(database.pool)).map((mart) => [mart.name, mart])),
    requestRun: (client, trigger) => runs.enqueueRun(client, `run_${v7()}`, trigger),
    onRun: (listener) => void listeners.push(listener),
    wake: loop.wake,
    loop,
    openAlerts: () => openAlerts,
    lastRunAt: () => lastRunAt,
    close: async () => {
      await orders.close();
      await refunds.close();
      await holdouts.close();
      // First: a run that is under way is given up, and its part or build is made again.
      await analytics.close();
      await loop.close();
    },
  };
}
