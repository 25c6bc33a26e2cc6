import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';
import type { DisputeView, PaymentView, RefundView } from './types';

/** What payments tells the others. `payment:<id>` is the aggregate; its version counts the events of the payment. */
const EVENT = {
  pending: 'easy11.payment.pending.v1',
  authorised: 'easy11.payment.authorised.v1',
  declined: 'easy11.payment.declined.v1',
  captured: 'easy11.payment.captured.v1',
  voided: 'easy11.payment.voided.v1',
  refunded: 'easy11.payment.refunded.v1',
  'refund-failed': 'easy11.payment.refund-failed.v1',
  'dispute-inquired': 'easy11.payment.dispute-inquired.v1',
  'dispute-opened': 'easy11.payment.dispute-opened.v1',
  'dispute-won': 'easy11.payment.dispute-won.v1',
  'dispute-lost': 'easy11.payment.dispute-lost.v1',
  'dispute-closed': 'easy11.payment.dispute-closed.v1',
} as const;
export const PAYMENT_EVENTS = EVENT;
export type PaymentStep = keyof typeof EVENT;

const moneySchema = z.object({ amount: z.int(), currency: z.string() });

/** The data of each of them. Amounts are the payment's in all; `refund` is there where the event is about one. */
export const paymentEventSchema = z.object({
  paymentId: z.string(),
  orderId: z.string(),
  attempt: z.int(),
  method: z.string(),
  status: z.string(),
  amount: moneySchema,
  captured: moneySchema,
  refunded: moneySchema,
  declineCode: z.string().nullable(),
  refund: z
    .object({ id: z.string(), amount: moneySchema, status: z.string(), failureCode: z.string().nullable() })
    .optional(),
  dispute: z
    .object({ id: z.string(), amount: moneySchema, status: z.string(), reason: z.string() })
    .optional()
    .describe('Where the event is about one: how it stands after all that is told at the same time.'),
});
export type PaymentEvent = z.output<typeof paymentEventSchema>;

const SOURCE = '/easy11/payments';
registerEvents({
  source: SOURCE,
  kind: 'payment',
  data: paymentEventSchema,
  types: {
    [EVENT.pending]: 'A payment was begun and waits for its payer or the provider.',
    [EVENT.authorised]: 'An amount was reserved at the provider.',
    [EVENT.declined]: 'A payment was declined.',
    [EVENT.captured]: 'An amount was taken.',
    [EVENT.voided]: 'A reserved amount was let go.',
    [EVENT.refunded]: 'An amount, or a part of it, was given back.',
    [EVENT['refund-failed']]: 'A refund did not succeed.',
    [EVENT['dispute-inquired']]: 'The bank of a payer asks about a payment; no money has moved.',
    [EVENT['dispute-opened']]: 'The bank of a payer has taken an amount back.',
    [EVENT['dispute-won']]: 'The bank has given back what it took.',
    [EVENT['dispute-lost']]: 'The bank keeps what it took.',
    [EVENT['dispute-closed']]: 'The bank asks no more.',
  },
});

/** The event of a step; `version` is the payment's after it. */
export function paymentEvent(
  step: PaymentStep,
  payment: PaymentView,
  version: number,
  refund?: RefundView,
  dispute?: DisputeView,
): OutboxEvent {
  return {
    aggregate: `payment:${payment.id}`,
    version,
    type: EVENT[step],
    source: SOURCE,
    subject: payment.id,
    data: {
      paymentId: payment.id,
      orderId: payment.orderId,
      attempt: payment.attempt,
      method: payment.method,
      status: payment.status,
      amount: payment.amount,
      captured: payment.captured,
      refunded: payment.refunded,
      declineCode: payment.declineCode,
      ...(refund && {
        refund: { id: refund.id, amount: refund.amount, status: refund.status, failureCode: refund.failureCode },
      }),
      ...(dispute && {
        dispute: { id: dispute.id, amount: dispute.amount, status: dispute.status, reason: dispute.reason },
      }),
    } satisfies PaymentEvent,
  };
}
