import type pg from 'pg';
import { systemClock, type Clock } from '../../kernel/clock';
import { Problem } from '../../kernel/errors';
import type { Money } from '../../kernel/money';
import { ProviderCalls, type CallStatus } from './calls';
import type { Gateway, ProviderPayment, ProviderRefund, RefundedPayment } from './gateway';
import {
  assertPayable,
  openPayment,
  openPayments,
  recordRefund,
  recordResult,
  requestRefund,
  type NewAttempt,
  type RefundRequest,
} from './records';
import { findPayment, findPaymentsOfOrder, type Queryable } from './store/payments';
import { findRefund } from './store/refunds';
import type { PaymentView, RefundView } from './types';

/**
 * What orders (and whoever moves an order's money) calls. Three steps, always in this order: write down what is wanted in a
 * transaction (`open`, `requestRefund`), call the provider outside of any (`call…`), write down what it said in another
 * (`record…`). A crash between two of them is made good by doing the step again: calls have deterministic keys, and recording
 * twice is recording once.
 */
export interface Payments {
  readonly provider: string;
  /** Throws Problem `payment-method-not-offered`; `conflict` when the attempt is there with other facts. */
  open(client: pg.PoolClient, attempt: NewAttempt): Promise<PaymentView>;
  /** Throws Problem `payment-method-not-offered` where `open` would. */
  assertPayable(attempt: Pick<NewAttempt, 'method' | 'country' | 'amount'>): void;
  /** Several at once, all of them new. The caller has asked whether they are payable. */
  openAll(client: pg.PoolClient, attempts: readonly (NewAttempt & { readonly id: string })[]): Promise<void>;
  /** All calls throw GatewayUnavailable where the end is not known (repeat the same call), GatewayRefused where nothing happened. */
  callAuthorise(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment>;
  callCapture(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment>;
  /** Of a captured payment the result says `captured`: then it must be refunded instead. */
  callVoid(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment>;
  callRefund(
    payment: PaymentView,
    refund: { readonly id: string; readonly amount: Money },
    signal?: AbortSignal,
  ): Promise<RefundedPayment>;
  /** What the provider has now, without changing anything; undefined when it never heard of the payment. */
  callFind(payment: PaymentView, signal?: AbortSignal): Promise<ProviderPayment | undefined>;
  callFindRefund(payment: PaymentView, refundId: string, signal?: AbortSignal): Promise<RefundedPayment | undefined>;
  recordAuthorisation(client: pg.PoolClient, paymentId: string, result: ProviderPayment): Promise<PaymentView>;
  recordCapture(client: pg.PoolClient, paymentId: string, result: ProviderPayment): Promise<PaymentView>;
  recordVoid(client: pg.PoolClient, paymentId: string, result: ProviderPayment): Promise<PaymentView>;
  /** Throws Problem `refund-exceeds-capture`, `amount-not-payable`, `not-found`. */
  requestRefund(client: pg.PoolClient, request: RefundRequest): Promise<RefundView>;
  recordRefund(
    client: pg.PoolClient,
    refundId: string,
    result: { readonly refund: ProviderRefund },
  ): Promise<RefundView>;
  findByOrder(client: Queryable, orderId: string): Promise<PaymentView[]>;
  /** Throws Problem `not-found`. */
  read(client: Queryable, paymentId: string): Promise<PaymentView>;
  /** Throws Problem `not-found`. */
  readRefund(client: Queryable, refundId: string): Promise<RefundView>;
  /** For metrics. */
  status(): CallStatus;
}

export interface PaymentsDependencies {
  readonly gateway: Gateway;
  readonly clock?: Pick<Clock, 'now'>;
  readonly random?: () => number;
  /** How long an answer of the provider is waited for. Default 3.5 s. */
  readonly timeoutMs?: number;
}

export function createPayments({ gateway, clock = systemClock, random, timeoutMs }: PaymentsDependencies): Payments {
  const calls = new ProviderCalls(gateway, {
    clock,
    ...(random && { random }),
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  return {
    provider: gateway.provider,
    open: (client, attempt) => openPayment(client, gateway, attempt),
    assertPayable: (attempt) => assertPayable(gateway, attempt),
    openAll: (client, attempts) => openPayments(client, gateway, attempts),
    callAuthorise: (payment, signal) => calls.authorise(payment, signal),
    callCapture: (payment, signal) => calls.capture(payment, signal),
    callVoid: (payment, signal) => calls.void(payment, signal),
    callRefund: (payment, refund, signal) => calls.refund(payment, refund, signal),
    callFind: (payment, signal) => calls.find(payment, signal),
    callFindRefund: (payment, refundId, signal) => calls.findRefund(payment, refundId, signal),
    recordAuthorisation: recordResult,
    recordCapture: recordResult,
    recordVoid: recordResult,
    requestRefund: (client, request) => requestRefund(client, gateway, request),
    recordRefund,
    findByOrder: findPaymentsOfOrder,
    read: async (client, id) => known(await findPayment(client, id), 'payment', id),
    readRefund: async (client, id) => known(await findRefund(client, id), 'refund', id),
    status: () => calls.status(),
  };
}

function known<T>(found: T | undefined, what: string, id: string): T {
  if (found === undefined) throw new Problem('not-found', `There is no ${what} ${id}`);
  return found;
}
