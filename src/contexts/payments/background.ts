import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import { GatewayUnavailable, type Gateway, type UnavailableReason } from './gateway';
import type { Payments } from './payments';
import { recordRefund, recordResult } from './records';
import { reconcileIfDue, type ReconciliationOptions } from './reconciliation';
import { findPayment, findSilent, noteAsked } from './store/payments';
import { countLastDifferences } from './store/reconciliations';
import { findSilentRefunds, noteRefundAsked } from './store/refunds';

const FOLLOW_UP_MS = 15_000;
const LOOK_MS = 5_000;
const BATCH = 20;

/** What payments does by itself. */
export interface PaymentsBackground {
  /** Asks the provider for what is pending and of which nothing was heard for a while: webhooks get lost. */
  readonly followUp: Loop;
  /** Compares the books, once a day and when asked to. */
  readonly reconciliation: Loop & { differences(): number | undefined };
  close(): Promise<void>;
}

export interface BackgroundDependencies {
  readonly database: Database;
  readonly gateway: Gateway;
  readonly payments: Payments;
  readonly log: Log;
  readonly clock?: Clock;
  /** How long something may be pending without news before the provider is asked. Default one minute. */
  readonly silentMs?: number;
  readonly reconciliation?: ReconciliationOptions;
}

export function startPayments(dependencies: BackgroundDependencies): PaymentsBackground {
  const { database, gateway, log, clock = systemClock, reconciliation = {} } = dependencies;
  const followUp = runLoop({
    name: 'payments-follow-up',
    step: (signal) => followSilent(dependencies, signal),
    idleMs: FOLLOW_UP_MS,
    clock,
    log,
  });
  let differences: number | undefined;
  const comparing = runLoop({
    name: 'payments-reconciliation',
    step: async (signal) => {
      const made = await reconcileIfDue({ database, gateway, log }, reconciliation, signal);
      differences = await countLastDifferences(database.pool);
      return made;
    },
    idleMs: LOOK_MS,
    clock,
    log,
  });
  return {
    followUp,
    reconciliation: { ...comparing, differences: () => differences },
    close: async () => {
      await Promise.all([followUp.close(), comparing.close()]);
    },
  };
}

/** We did not even ask: what was to be asked for keeps its place in the queue. */
const NOT_ASKED: readonly UnavailableReason[] = ['breaker-open', 'busy', 'given-up', 'other-provider'];

/**
 * Asks for some payments and refunds. True when there may be more. What goes wrong with one of them is logged and does not
 * keep the others waiting. Throws GatewayUnavailable where the provider cannot be asked: the loop then waits longer.
 */
export async function followSilent(
  { database, payments, log, silentMs = 60_000 }: BackgroundDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const { pool } = database;
  const silent = await findSilent(pool, payments.provider, silentMs, BATCH);
  for (const payment of silent) {
    const ask = async (): Promise<void> => {
      const result = await payments.callFind(payment, signal);
      if (result) await database.transaction((client) => recordResult(client, payment.id, result));
    };
    await follow(ask, () => noteAsked(pool, payment.id), log.child({ payment: payment.id }));
  }
  const refunds = await findSilentRefunds(pool, payments.provider, silentMs, BATCH);
  for (const refund of refunds) {
    const ask = async (): Promise<void> => {
      const payment = await findPayment(pool, refund.paymentId);
      const result = payment && (await payments.callFindRefund(payment, refund.id, signal));
      if (result) await database.transaction((client) => recordRefund(client, refund.id, result));
    };
    const about = log.child({ payment: refund.paymentId, refund: refund.id });
    await follow(ask, () => noteRefundAsked(pool, refund.id), about);
  }
  return silent.length === BATCH || refunds.length === BATCH;
}

/** Asks for one of them and moves it to the end of the queue, however that went: the next one gets its turn. */
async function follow(ask: () => Promise<void>, asked: () => Promise<void>, log: Log): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (error instanceof GatewayUnavailable) {
      if (NOT_ASKED.includes(error.reason)) throw error;
      log.warn({ err: error }, 'The payment provider did not say what became of something that is pending');
      await asked();
      throw error;
    }
    log.error({ err: error }, 'Something that is pending could not be followed up');
  }
  await asked();
}
