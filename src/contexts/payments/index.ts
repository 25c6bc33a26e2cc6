/**
 * Payments: attempts to pay an order, refunds, what providers told us, and the double-entry ledger. It owns their tables, and
 * promises that for every payment `refunded <= captured <= authorised <= amount`, that a call repeated with its key happens
 * once, that a status only moves forward in whatever order results arrive, and that each ledger transaction sums to 0.
 */
export { paymentEventSchema, PAYMENT_EVENTS, type PaymentEvent } from './events';
export { readRefundFacts, type RefundFact } from './facts';
export { GatewayRefused, GatewayUnavailable, keyOf } from './gateway';
export type { Gateway, GatewayEvent, ProviderPayment, ProviderRefund, RefundedPayment } from './gateway';
export {
  confirmsLater,
  METHOD_RULES,
  methodsFor,
  PAYMENT_METHODS,
  type MethodRule,
  type PaymentMethod,
} from './methods';
export { nextActionSchema, sameAction, type NextAction } from './next-action';
export { startPayments, type PaymentsBackground } from './background';
export { findTaken, judgeMoney, type Taken } from './store/invariants';
export { createPayments, type Payments, type PaymentsDependencies } from './payments';
export type { NewAttempt, RefundRequest } from './records';
export { PaymentMismatch, type PaymentStatus, type RefundStatus } from './rules';
export { paymentRoutes, type PaymentRouteDependencies } from './routes';
export { createSandboxGateway, type SandboxOptions } from './sandbox';
export { createStripeGateway, type StripeOptions } from './stripe';
export { DISPUTE_STATUSES } from './dispute-rules';
export type { DisputeView, PaymentView, RefundView } from './types';
export { receiveEvent, type Received } from './webhooks';
