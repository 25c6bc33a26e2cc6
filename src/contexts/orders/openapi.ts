import type { ErrorCode } from '../../kernel/errors';
import {
  BODY,
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  pageOf,
  problemResponses,
  registry,
} from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import {
  checkoutSchema,
  MOST_WAIT_MS,
  orderDetailsSchema,
  orderSchema,
  placedSchema,
  refundRequestSchema,
  refundSchema,
  sagaSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts and admin-routes.ts answer to. */

const id = z.object({ id: z.string() });
const MOVES: ErrorCode[] = [...KEY_PROBLEMS, 'idempotency-key-required'];
const open = { tags: ['orders'] };
const admin = { tags: ['orders: back office'], security: [{ admin: [] }] };

registry.registerComponent('securitySchemes', 'order', {
  type: 'http',
  scheme: 'bearer',
  description: 'The orderToken that the checkout answered.',
});
const own = { ...open, security: [{ order: [] }, { admin: [] }] };

registry.registerPath({
  ...open,
  method: 'post',
  path: '/v1/checkout',
  summary: 'Buy what a quote offers: answered at once, carried on in the background',
  request: {
    headers: idempotencyKey('required'),
    query: z.object({
      wait: z
        .string()
        .optional()
        .describe(`How long to wait for news, in milliseconds, ${MOST_WAIT_MS} at most; by default 0.`),
    }),
    body: { required: true, ...json(checkoutSchema) },
  },
  responses: {
    200: { description: 'The order has come as far as it does for now', ...json(placedSchema) },
    202: { description: 'The order is placed; Location has its address', ...json(placedSchema) },
    ...problemResponses(
      ...BODY,
      ...MOVES,
      'not-found',
      'quote-expired',
      'quote-used',
      'out-of-stock',
      'coupon-not-applicable',
      'payment-method-not-offered',
    ),
  },
});
registry.registerPath({
  ...own,
  method: 'get',
  path: '/v1/orders/{id}',
  summary: 'Read your order',
  request: { params: id },
  responses: {
    200: { description: 'The order; ETag is its version', ...json(orderSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses('unauthenticated', 'not-found'),
  },
});
registry.registerPath({
  ...own,
  method: 'get',
  path: '/v1/orders/{id}/events',
  summary: 'Hear of your order: server-sent events named "order", each with the whole order',
  request: { params: id },
  responses: {
    200: {
      description: 'The order now, then whenever it changes; ends when nothing more can happen',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...problemResponses('unauthenticated', 'not-found'),
  },
});
registry.registerPath({
  ...own,
  method: 'post',
  path: '/v1/orders/{id}/cancellation',
  summary: 'Cancel your order, until its dispatch begins: stock and money are given back',
  request: { params: id, headers: idempotencyKey('required') },
  responses: {
    202: { description: 'The order, as it is being cancelled', ...json(orderSchema) },
    ...problemResponses('unauthenticated', ...MOVES, 'not-found', 'order-closed'),
  },
});

for (const [path, summary, row] of [
  ['/v1/admin/orders', 'Orders, the youngest first', orderSchema],
  ['/v1/admin/sagas', 'What carries orders on; by default those that need a person', sagaSchema],
] as const) {
  registry.registerPath({
    ...admin,
    method: 'get',
    path,
    summary,
    request: {
      query: z.object({ limit: z.string().optional(), after: z.string().optional(), state: z.string().optional() }),
    },
    responses: {
      200: { description: 'A page; Link has the next', ...json(pageOf(row)) },
      ...problemResponses(...CLOSED, 'validation-failed'),
    },
  });
}
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/orders/{id}',
  summary: 'An order with its history, payments and sagas',
  request: { params: id },
  responses: {
    200: { description: 'All that is known of it', ...json(orderDetailsSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/orders/{id}/dispatch',
  summary: 'The goods leave: the money is taken, and then the order is dispatched',
  request: { params: id, headers: idempotencyKey('required') },
  responses: {
    202: { description: 'The order, as it is being dispatched', ...json(orderSchema) },
    ...problemResponses(...CLOSED, ...MOVES, 'not-found', 'order-closed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/orders/{id}/refunds',
  summary: 'Give back a part of what was paid, or all of it',
  request: { params: id, headers: idempotencyKey('required'), body: { required: true, ...json(refundRequestSchema) } },
  responses: {
    202: { description: 'The refund, on its way to the provider', ...json(refundSchema) },
    ...problemResponses(
      ...CLOSED,
      ...BODY,
      ...MOVES,
      'not-found',
      'order-closed',
      'refund-exceeds-capture',
      'amount-not-payable',
    ),
  },
});
