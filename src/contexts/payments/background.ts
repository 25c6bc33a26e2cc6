import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import type { Gateway } from './gateway';
import type { Payments } from './payments';
import { recordRefund, recordResult } from './records';
import { reconcileIfDue, type ReconciliationOptions } from './reconciliation';
import { findPayment, findSilent, touchPayment } from './store/payments';
import { countLastDifferences } from './store/reconciliations';
import { findSilentRefunds, touchRefund } from './store/refunds';

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

/** Asks for some payments and refunds. True when there may be more. */
export async function followSilent(
  { database, payments, silentMs = 60_000 }: BackgroundDependencies,
  signal: AbortSignal,
): Promise<boolean> {
  const silent = await findSilent(database.pool, payments.provider, silentMs, BATCH);
  for (const payment of silent) {
    const result = await payments.callFind(payment, signal);
    await database.transaction(async (client) => {
      if (result) await recordResult(client, payment.id, result);
      await touchPayment(client, payment.id);
    });
  }
  const refunds = await findSilentRefunds(database.pool, payments.provider, silentMs, BATCH);
  for (const refund of refunds) {
    const payment = await findPayment(database.pool, refund.paymentId);
    const result = payment && (await payments.callFindRefund(payment, refund.id, signal));
    await database.transaction(async (client) => {
      if (result) await recordRefund(client, refund.id, result);
      await touchRefund(client, refund.id);
    });
  }
  return silent.length === BATCH || refunds.length === BATCH;
}
