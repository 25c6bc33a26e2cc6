import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';
import { moneySchema } from '../catalogue';
import { DISPUTE_STATUSES } from '../payments';
import { ORDER_STATES } from './rules';
import type { HistoryAction, OrderView } from './schemas';

/** What orders tell the others. `order:<id>` is the aggregate; each row of its history is one event. */
const TYPES: Readonly<Record<HistoryAction, string>> = {
  place: 'easy11.order.placed.v1',
  hold: 'easy11.order.held.v1',
  pass: 'easy11.order.passed.v1',
  'await-payment': 'easy11.order.payment-awaited.v1',
  confirm: 'easy11.order.confirmed.v1',
  dispatch: 'easy11.order.dispatch-started.v1',
  complete: 'easy11.order.dispatched.v1',
  cancel: 'easy11.order.cancellation-started.v1',
  undo: 'easy11.order.cancelled.v1',
  'request-refund': 'easy11.order.refund-requested.v1',
  refund: 'easy11.order.refunded.v1',
  'fail-refund': 'easy11.order.refund-failed.v1',
  dispute: 'easy11.order.disputed.v1',
};
export const ORDER_PLACED = TYPES.place;
export const ORDER_CONFIRMED = TYPES.confirm;
export const ORDER_DISPATCHED = TYPES.complete;
export const ORDER_CANCELLED = TYPES.undo;

/** No personal data: whoever needs the address reads the order. */
export const orderEventSchema = z.object({
  orderId: z.string(),
  state: z.enum(ORDER_STATES),
  reason: z.string().nullable(),
  total: moneySchema,
  lines: z.array(z.object({ sku: z.string(), quantity: z.int(), total: moneySchema })),
});
export type OrderEvent = z.output<typeof orderEventSchema>;

const SOURCE = '/easy11/orders';
registerEvents({
  source: SOURCE,
  kind: 'order',
  data: orderEventSchema,
  types: {
    [TYPES.place]: 'An order was placed: its stock is held, its payment is yet to come.',
    [TYPES.hold]: 'An order was held for a review of fraud.',
    [TYPES.pass]: 'A held order was let through.',
    [TYPES['await-payment']]: 'The payer has something to do elsewhere, or has done it: the order says what.',
    [TYPES.confirm]: 'An order was paid for and will be fulfilled.',
    [TYPES.dispatch]: 'The dispatch of an order has begun.',
    [TYPES.complete]: 'An order was dispatched.',
    [TYPES.cancel]: 'An order began to be taken back.',
    [TYPES.undo]: 'An order was cancelled: money and stock are back.',
    [TYPES['request-refund']]: 'A refund was asked for.',
    [TYPES.refund]: 'A refund was paid.',
    [TYPES['fail-refund']]: 'A refund did not succeed.',
    [TYPES.dispute]:
      'The payer’s bank takes money of an order back, asks about it, or has decided: the order says which.',
  },
});

export function orderEvent(action: HistoryAction, order: OrderView): OutboxEvent {
  const lines = order.lines.map(({ sku, quantity, total }) => ({ sku, quantity, total }));
  return {
    aggregate: `order:${order.id}`,
    version: order.version,
    type: TYPES[action],
    source: SOURCE,
    subject: order.id,
    data: {
      orderId: order.id,
      state: order.state,
      reason: order.reason,
      total: order.total,
      lines,
    } satisfies OrderEvent,
  };
}

/** What orders hear of a payment: that something has happened to it; what, they read. How a dispute stands, it says. */
export const paymentHeardSchema = z.object({
  orderId: z.string(),
  dispute: z.object({ amount: moneySchema, status: z.enum(DISPUTE_STATUSES), reason: z.string() }).optional(),
});
