import { formatMoney } from '../../../kernel/money';
import type { Queryable } from '../store/orders';
import { GatewayRefused, type Payments, type PaymentView, type ProviderPayment } from '../../payments';
import { afterAuthorisation, paymentSeconds, REFUND_SECONDS, undoOf, type Paid } from '../rules';
import { dropRefund, keepRefund, type Saga } from '../store/sagas';
import { awaitPayer, noteOrder } from '../transitions';
import type { Called, Outcome, StepDefinition } from './steps';

/** The steps that ask the payment provider for something. */

const ACTOR = 'saga';

/** The saga's own payment, whatever else the order may have: undefined where there is nothing to pay. */
async function paymentOf(payments: Payments, client: Queryable, { paymentId }: Saga): Promise<PaymentView | undefined> {
  return paymentId === null ? undefined : payments.read(client, paymentId);
}

/** What the payer's bank has taken back is given back as well: nobody gets it twice. */
const paid = ({ status, captured, refunded, disputed }: PaymentView): Paid => ({
  status,
  captured: captured.amount,
  refunded: refunded.amount + disputed.amount,
});

/** Asks for the money, and waits where the provider waits for the customer. */
export const authorise: StepDefinition = {
  call: async ({ payments, pool }, saga, signal): Promise<Called> => {
    const payment = await paymentOf(payments, pool, saga);
    if (payment?.status === 'created') {
      const result =
        saga.attempts > 1
          ? await authoriseOnce(payments, payment, signal)
          : await payments.callAuthorise(payment, signal);
      return { payment, result };
    }
    // A webhook tells of it as a rule; this is for the one that never comes.
    const result = payment?.status === 'pending' ? await payments.callFind(payment, signal) : undefined;
    return { payment, ...(result && { result }) };
  },
  record: async ({ payments }, client, _saga, { payment, result }) => {
    if (payment && result) await payments.recordAuthorisation(client, payment.id, result);
  },
  decide: async ({ payments }, client, saga) => {
    // Read now, in the transaction that holds the saga: a webhook may have been faster than the answer.
    const payment = await paymentOf(payments, client, saga);
    const next = payment ? afterAuthorisation(payment.status) : 'go on';
    if (next === 'go on') return { to: 'commit' };
    if (next === 'turn back') return { turnBack: `payment-${payment?.status}` };
    if (saga.waitedOut) return { turnBack: 'payment-timeout' };
    await awaitPayer(client, saga.orderId, payment?.nextAction ?? null, ACTOR);
    return { waitFor: 'payment', seconds: paymentSeconds(payment?.method ?? '') };
  },
};

/** Takes the money, when the goods leave. */
export const capture: StepDefinition = {
  call: async ({ payments, pool }, saga, signal): Promise<Called> => {
    const payment = await paymentOf(payments, pool, saga);
    if (payment?.status !== 'authorised') return { payment };
    return { payment, result: await payments.callCapture(payment, signal) };
  },
  record: async ({ payments }, client, _saga, { payment, result }) => {
    if (payment && result) await payments.recordCapture(client, payment.id, result);
  },
  decide: async ({ payments }, client, saga) => {
    const payment = await paymentOf(payments, client, saga);
    if (!payment || payment.status === 'captured') return { to: 'complete' };
    if (payment.status === 'authorised') return { again: 'the provider has not captured it yet' };
    return { turnBack: `capture-${payment.status}` };
  },
};

/**
 * Takes back what the payment of this saga, and no other, has done: releases an authorisation, gives captured money back. Goes on
 * until the provider has nothing of it any more.
 */
export const undoPayment: StepDefinition = {
  call: async ({ payments, pool }, saga, signal): Promise<Called> => {
    const payment = await paymentOf(payments, pool, saga);
    if (!payment) return { payment };
    const left = undoOf(paid(payment), saga.paying);
    if (left === 'void') return { payment, did: left, result: await payments.callVoid(payment, signal) };
    if (left === 'refund' && saga.refundId !== null)
      return { ...(await callRefund(payments, payment, saga, signal)), did: left };
    if (left !== 'find out') return { payment };
    try {
      return { payment, did: left, result: await authoriseOnce(payments, payment, signal) };
    } catch (error) {
      if (error instanceof GatewayRefused) return { payment, refused: error.message };
      throw error;
    }
  },
  record: async ({ payments }, client, saga, { payment, result, refunded }) => {
    if (payment && result) await payments.recordVoid(client, payment.id, result);
    if (!refunded || saga.refundId === null) return;
    const { status } = await payments.recordRefund(client, saga.refundId, refunded);
    if (status !== 'pending') await dropRefund(client, saga.id);
  },
  decide: async ({ payments }, client, saga, { did, refused }) => {
    const payment = await paymentOf(payments, client, saga);
    const left = payment && refused === undefined ? undoOf(paid(payment), saga.paying) : 'nothing';
    if (!payment || left === 'nothing') return { to: 'release' };
    if (left !== 'refund')
      return left === did ? { again: `the provider has still to ${left}` } : { to: 'undo-payment' };
    if (saga.refundId !== null) {
      if (left !== did) return { to: 'undo-payment' };
      const { status } = await payments.readRefund(client, saga.refundId);
      return status === 'pending'
        ? refundNews(saga)
        : { again: 'the provider has not made the refund: another is asked for' };
    }
    const { captured, refunded, refundPending, disputed } = payment;
    const amount = captured.amount - refunded.amount - refundPending.amount - disputed.amount;
    // Other refunds are on their way.
    if (amount <= 0) return refundNews(saga);
    const refund = await payments.requestRefund(client, {
      orderId: saga.orderId,
      paymentId: payment.id,
      amount: { amount, currency: payment.amount.currency },
      reason: 'the order is cancelled',
    });
    await keepRefund(client, saga.id, refund.id, amount);
    return { to: 'undo-payment' };
  },
};

/** A refund that somebody asked for. */
export const refund: StepDefinition = {
  call: async ({ payments, pool }, saga, signal): Promise<Called> => {
    const payment = await paymentOf(payments, pool, saga);
    return payment ? callRefund(payments, payment, saga, signal) : { payment };
  },
  record: async ({ payments }, client, { refundId }, { refunded }) => {
    if (refundId !== null && refunded) await payments.recordRefund(client, refundId, refunded);
  },
  decide: async ({ payments }, client, saga) => {
    const { orderId, refundId } = saga;
    if (refundId === null) throw new Error(`the saga of a refund of ${orderId} has no refund`);
    const { status, amount, failureCode } = await payments.readRefund(client, refundId);
    if (status === 'pending') return refundNews(saga);
    const reason = `${refundId}: ${formatMoney(amount)}${failureCode === null ? '' : `, ${failureCode}`}`;
    await noteOrder(client, orderId, status === 'succeeded' ? 'refund' : 'fail-refund', { reason, actor: ACTOR });
    return 'done';
  },
};

/**
 * Asks for an authorisation that may have been asked for before. What the provider has of it comes first: a refusal of the
 * repetition (the token is used up, say, or the key too old) says nothing of what the first call did.
 */
async function authoriseOnce(payments: Payments, payment: PaymentView, signal: AbortSignal): Promise<ProviderPayment> {
  const found = await payments.callFind(payment, signal);
  return found ?? payments.callAuthorise(payment, signal);
}

/** Waits for news of a refund that is on its way; of one that nothing is heard of for too long, a person is told. */
const refundNews = ({ waitedOut }: Saga): Outcome =>
  waitedOut
    ? { again: 'the provider has not said how the refund ended' }
    : { waitFor: 'payment', seconds: REFUND_SECONDS };

async function callRefund(payments: Payments, payment: PaymentView, saga: Saga, signal: AbortSignal): Promise<Called> {
  const { refundId, refundAmount, waitingFor } = saga;
  if (refundId === null || refundAmount === null) return { payment };
  // One that was pending is asked after: the same call again would only repeat that it is.
  const found = waitingFor === null ? undefined : await payments.callFindRefund(payment, refundId, signal);
  const amount = { amount: refundAmount, currency: payment.amount.currency };
  return { payment, refunded: found ?? (await payments.callRefund(payment, { id: refundId, amount }, signal)) };
}
