import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { formatMoney } from '../../kernel/money';
import { readCursor, toPage, wrongCursor, type Page } from '../../kernel/pages';
import { appendAtCommit } from '../../platform/outbox';
import { advanceDispute, disputeTransaction, type DisputeStatus } from './dispute-rules';
import { paymentEvent } from './events';
import type { ProviderDispute } from './gateway';
import { PaymentMismatch } from './rules';
import * as disputes from './store/disputes';
import { postTransaction } from './store/ledger';
import * as store from './store/payments';
import type { DisputeView } from './types';

/**
 * Writes what the provider says of a dispute, in the caller's transaction: its row, the payment's, the ledger and the events, or
 * nothing where it says nothing new. Throws PaymentMismatch, and Problem `not-found`.
 */
export async function recordDispute(client: pg.PoolClient, paymentId: string, given: ProviderDispute): Promise<void> {
  // The payment first: of two news of a dispute that come at once, one waits here.
  const payment = await store.lockPayment(client, paymentId);
  if (!payment) throw new Problem('not-found', `There is no payment ${paymentId}`);
  const before = await disputes.findByProvider(client, payment.provider, given.id);
  const { amount, currency } = given.amount;
  if (before && before.paymentId !== paymentId)
    throw new PaymentMismatch(`the dispute ${given.id} is of ${before.paymentId}, not of ${paymentId}`);
  if (currency !== payment.amount.currency || amount < 1 || amount > payment.amount.amount)
    throw new PaymentMismatch(`a dispute of ${formatMoney(given.amount)} cannot be of ${paymentId}`);
  if (before && before.amount.amount !== amount)
    throw new PaymentMismatch(
      `the dispute ${given.id} was of ${formatMoney(before.amount)}, not of ${formatMoney(given.amount)}`,
    );
  const change = advanceDispute(before?.status, given);
  if (!change) return;
  const id = before?.id ?? newId('dsp');
  const after = await disputes.saveDispute(client, { id, paymentId, provider: payment.provider, given });
  const changed = await store.addDisputed(client, paymentId, change.disputedNow, change.steps.length);
  for (const step of change.steps) {
    const transaction = disputeTransaction(step, id, amount, currency);
    if (transaction) await postTransaction(client, paymentId, transaction);
  }
  await appendAtCommit(
    client,
    change.steps.map((step, index) => paymentEvent(step, changed, payment.version + index + 1, undefined, after)),
  );
}

/** One page of disputes, the youngest first. Throws `validation-failed` for a cursor of another list. */
export async function browseDisputes(
  client: store.Queryable,
  query: {
    readonly status?: DisputeStatus | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<Page<DisputeView>> {
  const before = readCursor(query.after);
  if (before !== undefined && !/^dsp_[0-9a-f-]{36}$/.test(before)) throw wrongCursor();
  const rows = await disputes.listDisputes(client, {
    limit: query.limit,
    ...(query.status && { status: query.status }),
    ...(before !== undefined && { before }),
  });
  return toPage(rows, query.limit, ({ id }) => [id]);
}
