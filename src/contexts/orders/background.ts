import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import type { Follower, Outbox } from '../../platform/outbox';
import { FRAUD_REVIEW_DECIDED, reviewDecidedSchema, type Scorer } from '../fraud';
import type { Payments } from '../payments';
import { paymentHeardSchema } from './events';
import { hearPayment } from './orders';
import { noteDispute } from './transitions';
import { startSagaWorker, type SagaWorker } from './saga/worker';
import { countSagas, wakeSagas } from './store/sagas';
import { OrderWatch } from './watch';

/** What orders do by themselves. */
export interface Orders {
  readonly worker: SagaWorker;
  /** Rings when something may have happened to an order. */
  readonly watch: OrderWatch;
  readonly follower: Follower;
  /** How many sagas have not ended; counted at most every few seconds. */
  backlog(): { readonly open: number; readonly manual: number; readonly oldestSeconds: number } | undefined;
  close(): Promise<void>;
}

export interface OrdersDependencies {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly payments: Payments;
  readonly scorer: Scorer;
  readonly log: Log;
  readonly clock?: Clock;
  /** Sagas that are worked on at once, and how many of them may be in a transaction. */
  readonly concurrency: number;
  readonly connections: number;
}

const COUNT_MS = 5_000;

/**
 * Starts the worker of the sagas, the subscriptions that wake those that wait (a payment's news, a review's decision), and the
 * follower that tells this process's clients of changes made by any.
 */
export async function startOrders(dependencies: OrdersDependencies): Promise<Orders> {
  const { database, outbox, payments, scorer, log, clock = systemClock, concurrency, connections } = dependencies;
  const watch = new OrderWatch();
  const worker = startSagaWorker({
    database,
    context: { payments, scorer, pool: database.pool },
    log,
    clock,
    concurrency,
    connections,
    onAdvanced: (orderId) => watch.ring(orderId),
  });
  const toPayments = await outbox.subscribe({
    group: 'orders-hear-payments',
    kind: 'payment',
    handler: async (event, client) => {
      const { orderId, dispute } = paymentHeardSchema.parse(event.data);
      if (dispute) await noteDispute(client, orderId, dispute);
      await hearPayment(client, payments, orderId);
    },
    onApplied: worker.wake,
  });
  const toReviews = await outbox.subscribe({
    group: 'orders-hear-reviews',
    kind: 'fraud-review',
    handler: async (event, client) => {
      if (event.type !== FRAUD_REVIEW_DECIDED) return;
      await wakeSagas(client, reviewDecidedSchema.parse(event.data).orderId);
    },
    onApplied: worker.wake,
  });
  const follower = outbox.follow({
    name: 'orders-watch',
    kind: 'order',
    from: await outbox.positions(),
    onEvents: (events) => {
      for (const { subject } of events) watch.ring(subject);
    },
    // Whoever missed something looks again by itself.
    onBehind: () => outbox.positions(),
  });
  const count = keepCounting(database, clock, log);
  return {
    worker,
    watch,
    follower,
    backlog: count,
    close: async () => {
      watch.close();
      await Promise.all([worker.close(), toPayments.close(), toReviews.close(), follower.close()]);
    },
  };
}

/** Gauges are read often: the database is asked again only after a while, and the last answer given meanwhile. */
function keepCounting(database: Pick<Database, 'pool'>, clock: Clock, log: Log): Orders['backlog'] {
  let last: Awaited<ReturnType<typeof countSagas>> | undefined;
  let askedAt = -Infinity;
  return () => {
    if (clock.now() - askedAt >= COUNT_MS) {
      askedAt = clock.now();
      countSagas(database.pool).then(
        (counted) => (last = counted),
        (error: unknown) => log.warn({ err: error }, 'The sagas could not be counted'),
      );
    }
    return last;
  };
}
