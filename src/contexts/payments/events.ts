import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';
import type { PaymentView, RefundView } from './types';

/** What payments tells the others. `payment:<id>` is the aggregate; its version counts the events of the payment. */
const EVENT = {
  pending: 'easy11.payment.pending.v1',
  authorised: 'easy11.payment.authorised.v1',
  declined: 'easy11.payment.declined.v1',
  captured: 'easy11.payment.captured.v1',
  voided: 'easy11.payment.voided.v1',
  refunded: 'easy11.payment.refunded.v1',
  'refund-failed': 'easy11.payment.refund-failed.v1',
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
  },
});

/** The event of a step; `version` is the payment's after it. */
export function paymentEvent(
  step: PaymentStep,
  payment: PaymentView,
  version: number,
  refund?: RefundView,
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
    } satisfies PaymentEvent,
  };
}
