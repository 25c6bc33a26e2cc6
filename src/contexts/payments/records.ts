import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { formatMoney, type Money } from '../../kernel/money';
import { appendAtCommit } from '../../platform/outbox';
import { paymentEvent } from './events';
import type { Gateway, ProviderPayment, ProviderRefund } from './gateway';
import { methodsFor, type PaymentMethod } from './methods';
import { advance, advanceRefund, captureTransaction, PaymentMismatch, refundTransaction } from './rules';
import { postTransaction } from './store/ledger';
import * as store from './store/payments';
import * as refunds from './store/refunds';
import type { PaymentView, RefundView } from './types';

export interface NewAttempt {
  /** Of the payment, where the caller needs it before the row is written. */
  readonly id?: string;
  readonly orderId: string;
  /** 1 for the first. A new one only after the customer was told that the last was declined. */
  readonly attempt: number;
  readonly amount: Money;
  readonly method: PaymentMethod;
  readonly token: string;
  readonly returnUrl?: string | undefined;
  /** ISO 3166 alpha-2: decides which methods there are. */
  readonly country: string;
}

/** What a gateway says of itself that decides what can be paid through it. */
export type Taking = Pick<Gateway, 'provider' | 'methods' | 'takes'>;

/** Throws Problem `payment-method-not-offered` where this amount cannot be paid so, or not there. */
export function assertPayable(
  { provider, methods, takes }: Taking,
  { method, country, amount }: Pick<NewAttempt, 'method' | 'country' | 'amount'>,
): void {
  if (!methodsFor(country, amount.currency, methods).some((rule) => rule.method === method))
    throw new Problem('payment-method-not-offered', `${method} is not offered in ${country} for ${amount.currency}`);
  if (!Number.isSafeInteger(amount.amount) || amount.amount < 1)
    throw new RangeError(`a payment must be of 1 or more minor units, not ${amount.amount}`);
  if (!takes(amount)) {
    const detail = `${provider} cannot take exactly ${formatMoney(amount)}`;
    throw new Problem('payment-method-not-offered', detail);
  }
}

/** Writes the rows of attempts that are all new and payable, in the caller's transaction. Throws where one of them is there already. */
export async function openPayments(
  client: pg.PoolClient,
  { provider }: Taking,
  attempts: readonly (NewAttempt & { readonly id: string })[],
): Promise<void> {
  if (attempts.length > 0)
    await store.insertPayments(
      client,
      attempts.map((attempt) => ({ ...attempt, provider })),
    );
}

/**
 * Writes the row of an attempt, in the caller's transaction; the same attempt twice is once. Throws Problem
 * `payment-method-not-offered`, and `conflict` where the attempt is there with another amount or method.
 */
export async function openPayment(client: pg.PoolClient, taking: Taking, attempt: NewAttempt): Promise<PaymentView> {
  assertPayable(taking, attempt);
  const { provider } = taking;
  const { method, amount } = attempt;
  const payment = await store.insertPayment(client, { ...attempt, id: attempt.id ?? newId('pay'), provider });
  const same =
    payment.amount.amount === amount.amount &&
    payment.amount.currency === amount.currency &&
    payment.method === method &&
    (attempt.id === undefined || payment.id === attempt.id) &&
    payment.token === attempt.token;
  if (!same) throw new Problem('conflict', `Attempt ${attempt.attempt} of ${attempt.orderId} is another payment`);
  return payment;
}

/**
 * Writes what the provider says of a payment, in the caller's transaction: the row, the ledger and the events, or nothing where
 * it says nothing new. Throws PaymentMismatch, and Problem `not-found`.
 */
export async function recordResult(client: pg.PoolClient, id: string, result: ProviderPayment): Promise<PaymentView> {
  const before = await store.lockPayment(client, id);
  if (!before) throw new Problem('not-found', `There is no payment ${id}`);
  assertSame(before, result);
  const state = {
    status: before.status,
    amount: before.amount.amount,
    authorised: before.authorised.amount,
    captured: before.captured.amount,
    nextAction: before.nextAction,
    actionDone: before.actionDone,
  };
  const change = advance(state, result);
  if (!change) return before;
  const after = await store.updatePayment(client, before, change.state, result, change.steps.length);
  if (!after) throw new Error(`${id} changed although it was locked`);
  if (change.capturedNow > 0)
    await postTransaction(client, id, captureTransaction(change.capturedNow, before.amount.currency));
  await appendAtCommit(
    client,
    change.steps.map((step, index) => paymentEvent(step, after, before.version + index + 1)),
  );
  return after;
}

function assertSame(payment: PaymentView, { providerId, amount }: ProviderPayment): void {
  if (payment.providerId !== null && payment.providerId !== providerId)
    throw new PaymentMismatch(`${payment.id} is ${payment.providerId}, not ${providerId}`);
  if (amount.amount !== payment.amount.amount || amount.currency !== payment.amount.currency)
    throw new PaymentMismatch(`${payment.id} is of ${formatMoney(payment.amount)}, not of ${formatMoney(amount)}`);
}

export interface RefundRequest {
  readonly orderId: string;
  /** Which payment, where an order has several that were captured. By default the last of them. */
  readonly paymentId?: string;
  readonly amount: Money;
  readonly reason: string;
}

/**
 * Reserves so much of what was captured for a refund, in the caller's transaction. Throws Problem `not-found` where the order
 * has no captured payment, `amount-not-payable` where the provider cannot give back exactly so much, and `refund-exceeds-capture`.
 */
export async function requestRefund(
  client: pg.PoolClient,
  { provider, takes }: Pick<Gateway, 'provider' | 'takes'>,
  request: RefundRequest,
): Promise<RefundView> {
  const { orderId, paymentId, amount, reason } = request;
  if (!Number.isSafeInteger(amount.amount) || amount.amount < 1)
    throw new RangeError(`a refund must be of 1 or more minor units, not ${amount.amount}`);
  if (!takes(amount)) {
    const detail = `${provider} cannot give back exactly ${formatMoney(amount)}`;
    throw new Problem('amount-not-payable', detail);
  }
  const payments = await store.findPaymentsOfOrder(client, orderId);
  const wanted = payments.findLast(({ id, captured }) => (paymentId ? id === paymentId : captured.amount > 0));
  if (!wanted) throw new Problem('not-found', `${orderId} has no captured payment to refund`);
  const payment = await store.reserveForRefund(client, wanted.id, amount);
  if (!payment) {
    const { captured, refunded, refundPending, disputed } = (await store.findPayment(client, wanted.id)) ?? wanted;
    const left = Math.max(0, captured.amount - refunded.amount - refundPending.amount - disputed.amount);
    const detail = `${formatMoney(amount)} asked for, ${formatMoney({ ...captured, amount: left })} left`;
    throw new Problem('refund-exceeds-capture', detail);
  }
  return refunds.insertRefund(client, { id: newId('rfd'), paymentId: payment.id, amount, reason });
}

/**
 * Writes what a refund ended in, in the caller's transaction: refunded, or its amount free again. Pending changes nothing, and
 * the same end twice is once. Throws Problem `not-found`.
 */
export async function recordRefund(
  client: pg.PoolClient,
  id: string,
  result: { readonly refund: ProviderRefund },
): Promise<RefundView> {
  const refund = await refunds.findRefund(client, id);
  if (!refund) throw new Problem('not-found', `There is no refund ${id}`);
  if (result.refund.id !== id) throw new PaymentMismatch(`the result is of ${result.refund.id}, not of ${id}`);
  const status = advanceRefund(refund.status, result.refund.status);
  if (!status) return refund;
  // The payment before the refund, as everywhere: whoever waits here waits in that order.
  await store.lockPayment(client, refund.paymentId);
  const after = await refunds.setRefundStatus(client, id, status, result.refund.failureCode);
  if (!after) return (await refunds.findRefund(client, id)) ?? refund; // somebody was faster: it is recorded
  const { amount, currency } = refund.amount;
  const payment = await store.endRefund(client, refund.paymentId, amount, status === 'succeeded');
  if (status === 'succeeded') await postTransaction(client, payment.id, refundTransaction(id, amount, currency));
  const step = status === 'succeeded' ? 'refunded' : 'refund-failed';
  await appendAtCommit(client, [paymentEvent(step, payment, payment.version, after)]);
  return after;
}
