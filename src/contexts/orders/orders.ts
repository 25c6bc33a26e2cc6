import { timingSafeEqual } from 'node:crypto';
import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { formatMoney } from '../../kernel/money';
import { readCursor, toPage, type Page } from '../../kernel/pages';
import { together } from '../../platform/database';
import type { Payments, RefundView } from '../payments';
import { digestOf, toView } from './checkout';
import { mayCancel, transitionOf, undoOf, type OrderState } from './rules';
import type { OrderDetails, OrderView, RefundRequest, SagaView } from './schemas';
import * as store from './store/orders';
import * as sagas from './store/sagas';
import { knownOrder, knownStanding, moveOrder, noteOrder } from './transitions';

/** The order, for whoever has its token. Throws `not-found` for a wrong one too: what is another's is not there. */
export async function readOwnOrder(client: store.Queryable, id: string, token: string): Promise<OrderView> {
  const order = await store.findOrder(client, id);
  // The digest is compared in any case, so that an order that is there takes no longer than one that is not.
  const expected = order?.tokenDigest ?? digestOf('');
  if (!timingSafeEqual(digestOf(token), expected) || !order) throw new Problem('not-found', `There is no order ${id}`);
  return toView(order);
}

/** Throws `not-found`. */
export const readOrder = async (client: store.Queryable, id: string): Promise<OrderView> =>
  toView(await knownOrder(client, id));

/** All that is known of an order, for the back office. Throws `not-found`. */
export async function readOrderDetails(
  client: store.Queryable,
  payments: Payments | undefined,
  id: string,
): Promise<OrderDetails> {
  const order = await readOrder(client, id);
  const attempts = (await payments?.findByOrder(client, id)) ?? [];
  return {
    ...order,
    history: await store.listHistory(client, id),
    payments: attempts.map(({ amount, captured, refunded, attempt, method, status, declineCode, ...payment }) => ({
      id: payment.id,
      attempt,
      method,
      status,
      amount,
      captured,
      refunded,
      declineCode,
    })),
    sagas: await sagas.sagasOf(client, id),
  };
}

/** One page of orders, the youngest first. Throws `validation-failed` for a cursor of another list. */
export async function browseOrders(
  client: store.Queryable,
  query: { readonly state?: OrderState | undefined; readonly after?: string | undefined; readonly limit: number },
): Promise<Page<OrderView>> {
  const before = readCursor(query.after);
  const rows = await store.listOrders(client, {
    limit: query.limit,
    ...(query.state && { state: query.state }),
    ...(before !== undefined && { before }),
  });
  return toPage(rows.map(toView), query.limit, ({ id }) => [id]);
}

/** One page of sagas. Throws `validation-failed` for a cursor of another list. */
export async function browseSagas(
  client: store.Queryable,
  query: { readonly state: SagaView['state']; readonly after?: string | undefined; readonly limit: number },
): Promise<Page<SagaView>> {
  const after = readCursor(query.after);
  const { state, limit } = query;
  const rows = await sagas.listSagas(client, { state, limit, ...(after !== undefined && { after }) });
  return toPage(rows, limit, ({ id }) => [id]);
}

/**
 * Cancels an order that is not on its way yet, in the caller's transaction: from here on its saga takes back what has been done.
 * Cancelling twice is cancelling once. Throws `not-found`, `order-closed`.
 */
export async function cancelOrder(client: pg.PoolClient, id: string, actor: string): Promise<OrderView> {
  // The saga before its order, as the worker does: whoever waits here waits in that order.
  await sagas.lockSaga(client, id);
  const { state } = await knownStanding(client, id);
  if (!mayCancel(state)) throw new Problem('order-closed', `The order is ${state}: ask for a refund`);
  if (transitionOf(state, 'cancel') === 'already so') return readOrder(client, id);
  const order = await moveOrder(client, id, 'cancel', { reason: `cancelled by ${actor}`, actor });
  await sagas.turnBack(client, id);
  return toView(order);
}

/**
 * Begins the dispatch of a confirmed order, in the caller's transaction: its saga takes the money, and the order is dispatched
 * when it has. Twice is once. Throws `not-found`, `order-closed`.
 */
export async function dispatchOrder(client: pg.PoolClient, id: string, actor: string): Promise<OrderView> {
  await sagas.lockSaga(client, id);
  const { state } = await knownStanding(client, id);
  if (transitionOf(state, 'dispatch') === 'already so') return readOrder(client, id);
  const order = await moveOrder(client, id, 'dispatch', { actor });
  await sagas.restart(client, id, 'capture');
  return toView(order);
}

/**
 * Promises a part of what was paid back, in the caller's transaction; a saga of its own then asks the provider. Throws
 * `not-found`, `order-closed` for an order that is not dispatched, `refund-exceeds-capture`, `amount-not-payable`, and
 * `validation-failed` for another currency.
 */
export async function requestRefund(
  client: pg.PoolClient,
  payments: Payments,
  id: string,
  { amount, reason }: RefundRequest,
  actor: string,
): Promise<RefundView> {
  const order = await knownOrder(client, id);
  if (order.state !== 'dispatched') throw new Problem('order-closed', `The order is ${order.state}`);
  if (order.paymentId === null) throw new Problem('order-closed', 'Nothing was paid for this order');
  if (amount.currency !== order.total.currency)
    throw new Problem('validation-failed', `/amount/currency must be ${order.total.currency}`, {
      violations: [{ pointer: '/amount/currency', code: 'other-currency', detail: `must be ${order.total.currency}` }],
    });
  const refund = await payments.requestRefund(client, { orderId: id, paymentId: order.paymentId, amount, reason });
  await sagas.insertSaga(client, {
    id: refund.id,
    kind: 'refund',
    orderId: id,
    step: 'refund',
    refundId: refund.id,
    refundAmount: amount.amount,
  });
  const note = `${refund.id}: ${formatMoney(amount)}, ${reason}`;
  await noteOrder(client, id, 'request-refund', { reason: note, actor });
  return refund;
}

/**
 * Hears that something has happened to a payment of an order: whatever waits for it looks again, and an order that was taken back
 * already is taken back once more where the provider has found money for it after all.
 */
export async function hearPayment(client: pg.PoolClient, payments: Payments, orderId: string): Promise<void> {
  const [, { state, paymentId }] = await together([sagas.wakeSagas(client, orderId), knownStanding(client, orderId)]);
  if (!['cancelling', 'cancelled'].includes(state) || paymentId === null) return;
  const { status, captured, refunded, refundPending, disputed } = await payments.read(client, paymentId);
  const given = refunded.amount + refundPending.amount + disputed.amount;
  if (undoOf({ status, captured: captured.amount, refunded: given }, false) === 'nothing') return;
  // One at work is locked already, by its waking; one that has ended only here, where it is rare, because events come in batches
  // and a lock lasts as long as the batch.
  const saga = await sagas.lockSaga(client, orderId);
  if (saga?.state === 'done' || saga?.step === 'release' || saga?.step === 'cancel')
    await sagas.turnBack(client, orderId);
}
