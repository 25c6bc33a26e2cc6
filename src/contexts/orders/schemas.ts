import { idOf, pageQuery, printable } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { moneySchema } from '../catalogue';
import { DISPUTE_STATUSES, nextActionSchema, PAYMENT_METHODS } from '../payments';
import { ORDER_ACTIONS, ORDER_STATES, STEPS } from './rules';

/** What orders take and give over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const orderIdSchema = idOf('ord');
const country = z.string().regex(/^[A-Z]{2}$/, { error: 'must be a code of ISO 3166 such as DE' });

export const addressSchema = z
  .strictObject({
    name: printable(200).min(1),
    lines: z.array(printable(200).min(1)).min(1).max(4),
    city: printable(100).min(1),
    postcode: printable(20).min(1),
    country,
    state: z
      .string()
      .regex(/^[A-Z]{2}$/, { error: 'must be a code of two letters such as CA' })
      .optional()
      .describe('Needed in the US, India and Brazil.'),
  })
  .openapi('Address');
export type Address = z.output<typeof addressSchema>;

export const checkoutSchema = z
  .strictObject({
    quoteId: idOf('quo'),
    method: z.enum(PAYMENT_METHODS),
    token: printable(255).min(1).describe('What the payment provider gave the browser in place of the card.'),
    email: z.email({ error: 'must be an e-mail address' }).max(254).optional(),
    shippingAddress: addressSchema.describe('Country and state must be those of the quote: its taxes are theirs.'),
    billingCountry: country.optional(),
    reference: printable(100).min(1).optional().describe('Your own name for the order.'),
    returnUrl: z
      .url({ protocol: /^https?$/, error: 'must be an http or https address' })
      .max(500)
      .optional()
      .describe(
        'Where a payer comes back to whose bank wants to see them; `{order}` in it becomes the order’s id. Without it, a provider ' +
          'may decline what it cannot settle without them.',
      ),
  })
  .openapi('Checkout');
export type Checkout = z.output<typeof checkoutSchema>;

/** ?wait= of a checkout, in milliseconds. */
export const MOST_WAIT_MS = 2_000;
export const checkoutQuerySchema = z.strictObject({
  wait: z
    .string()
    .regex(/^\d{1,4}$/, { error: `must be a whole number from 0 to ${MOST_WAIT_MS}` })
    .transform(Number)
    .refine((ms) => ms <= MOST_WAIT_MS, { error: `must be a whole number from 0 to ${MOST_WAIT_MS}` })
    .default(0),
});

const figures = { subtotal: moneySchema, discount: moneySchema, tax: moneySchema, total: moneySchema };
export const orderSchema = z
  .object({
    id: z.string(),
    state: z.enum(ORDER_STATES),
    reason: z.string().nullable().describe('Why it is cancelled: payment-declined, reservation-lost, or by whom.'),
    quoteId: z.string(),
    reference: z.string().nullable(),
    email: z.string().nullable(),
    shippingAddress: addressSchema,
    lines: z.array(z.object({ sku: z.string(), quantity: z.int(), unitPrice: moneySchema, ...figures })),
    ...figures,
    taxIncluded: z.boolean(),
    payment: z
      .object({
        nextAction: nextActionSchema
          .nullable()
          .describe(
            'What the payer has to do elsewhere before the order goes on; null when there is nothing, or it is done.',
          ),
        dispute: z
          .object({ status: z.enum(DISPUTE_STATUSES), amount: moneySchema, reason: z.string() })
          .nullable()
          .describe('How the last one stands, where the payer’s bank has taken money back or asks about it.'),
      })
      .nullable()
      .describe('Null where there is nothing to pay.'),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Order');
export type OrderView = z.output<typeof orderSchema>;

export type OrderDispute = NonNullable<NonNullable<OrderView['payment']>['dispute']>;

export const placedSchema = z
  .object({
    order: orderSchema,
    orderToken: z
      .string()
      .describe('Proves that the order is yours: send it as a bearer token. It is shown only here.'),
  })
  .openapi('PlacedOrder');
export type PlacedOrder = z.output<typeof placedSchema>;

export const historySchema = z.object({
  version: z.int(),
  action: z.enum(['place', ...ORDER_ACTIONS, 'await-payment', 'request-refund', 'refund', 'fail-refund', 'dispute']),
  from: z.enum(ORDER_STATES).nullable(),
  to: z.enum(ORDER_STATES),
  reason: z.string().nullable(),
  actor: z.string(),
  occurredAt: z.iso.datetime(),
});
export type HistoryEntry = z.output<typeof historySchema>;
export type HistoryAction = HistoryEntry['action'];

export const sagaSchema = z
  .object({
    id: z.string(),
    kind: z.enum(['checkout', 'refund']),
    orderId: z.string(),
    step: z.enum(STEPS),
    direction: z.enum(['forward', 'back']),
    state: z.enum(['running', 'manual', 'done']).describe('manual: it needs a person; it is tried again all the same.'),
    attempts: z.int(),
    waitingFor: z.enum(['review', 'payment']).nullable(),
    error: z.string().nullable(),
    nextAt: z.iso.datetime(),
    stepSince: z.iso.datetime(),
  })
  .openapi('Saga');
export type SagaView = z.output<typeof sagaSchema>;

const paymentSchema = z.object({
  id: z.string(),
  attempt: z.int(),
  method: z.string(),
  status: z.string(),
  amount: moneySchema,
  captured: moneySchema,
  refunded: moneySchema,
  declineCode: z.string().nullable(),
});
export const orderDetailsSchema = z
  .object({
    ...orderSchema.shape,
    history: z.array(historySchema),
    payments: z.array(paymentSchema),
    sagas: z.array(sagaSchema),
  })
  .openapi('OrderDetails');
export type OrderDetails = z.output<typeof orderDetailsSchema>;

export const refundRequestSchema = z
  .strictObject({
    amount: moneySchema.refine(({ amount }) => amount > 0, { error: 'must be above 0' }),
    reason: printable(200).min(1),
  })
  .openapi('RefundRequest');
export type RefundRequest = z.output<typeof refundRequestSchema>;
export const refundSchema = z
  .object({
    id: z.string(),
    paymentId: z.string(),
    amount: moneySchema,
    status: z.enum(['pending', 'succeeded', 'failed']),
  })
  .openapi('OrderRefund');

export const orderQuerySchema = z.strictObject({ ...pageQuery, state: z.enum(ORDER_STATES).optional() });
export const sagaQuerySchema = z.strictObject({
  ...pageQuery,
  state: z.enum(['running', 'manual', 'done']).default('manual'),
});
