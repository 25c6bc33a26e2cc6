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
  adjustedSchema,
  adjustmentSchema,
  availabilitySchema,
  movementQuerySchema,
  movementSchema,
  newReservationSchema,
  newWarehouseSchema,
  reservationSchema,
  stockLevelSchema,
  stockQuerySchema,
  warehouseChangeSchema,
  warehouseSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const id = z.object({ id: z.string() });
const MOVES: ErrorCode[] = [...CLOSED, ...BODY, ...KEY_PROBLEMS, 'idempotency-key-required'];
const admin = { tags: ['inventory: back office'], security: [{ admin: [] }] };

registry.registerPath({
  method: 'get',
  path: '/v1/stock/{sku}',
  tags: ['inventory'],
  summary: 'How many of a sku can be had now',
  request: { params: z.object({ sku: z.string() }) },
  responses: {
    200: { description: 'The sum of all warehouses', ...json(availabilitySchema) },
    ...problemResponses('not-found'),
  },
});

registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/warehouses',
  summary: 'The warehouses, in the order in which reservations are filled',
  responses: {
    200: { description: 'All of them', ...json(z.object({ data: z.array(warehouseSchema) })) },
    ...problemResponses(...CLOSED),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/warehouses',
  summary: 'Add a warehouse',
  request: { headers: idempotencyKey('accepted'), body: { required: true, ...json(newWarehouseSchema) } },
  responses: {
    201: { description: 'The warehouse; ETag is its version', ...json(warehouseSchema) },
    ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, 'conflict'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/warehouses/{id}',
  summary: 'Read a warehouse',
  request: { params: id },
  responses: {
    200: { description: 'The warehouse; ETag is its version', ...json(warehouseSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'patch',
  path: '/v1/admin/warehouses/{id}',
  summary: 'Rename a warehouse, or change its priority, or close it',
  request: {
    params: id,
    headers: z.object({ 'If-Match': z.string().describe('The ETag that the change is based on, or *.') }),
    body: { required: true, ...json(warehouseChangeSchema) },
  },
  responses: {
    200: { description: 'The warehouse; ETag is its version', ...json(warehouseSchema) },
    ...problemResponses(...CLOSED, ...BODY, 'not-found', 'precondition-failed', 'precondition-required'),
  },
});

for (const [path, summary, query, row] of [
  ['/v1/admin/stock', 'What lies in the warehouses, by sku', stockQuerySchema, stockLevelSchema],
  ['/v1/admin/stock/movements', 'What came and went, the newest first', movementQuerySchema, movementSchema],
] as const) {
  registry.registerPath({
    ...admin,
    method: 'get',
    path,
    summary,
    request: { query },
    responses: {
      200: { description: 'A page; Link has the next', ...json(pageOf(row)) },
      ...problemResponses(...CLOSED, 'validation-failed'),
    },
  });
}
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/stock/adjustments',
  summary: 'Goods came in, were counted or broke: all lines, or none',
  request: { headers: idempotencyKey('required'), body: { required: true, ...json(adjustmentSchema) } },
  responses: {
    201: { description: 'The levels after it', ...json(adjustedSchema) },
    ...problemResponses(...MOVES, 'out-of-stock'),
  },
});

registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/reservations',
  summary: 'Hold stock for somebody for a while: all lines, or none',
  request: { headers: idempotencyKey('required'), body: { required: true, ...json(newReservationSchema) } },
  responses: {
    201: { description: 'What is held, and where', ...json(reservationSchema) },
    ...problemResponses(...MOVES, 'out-of-stock'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/reservations/{id}',
  summary: 'Read a reservation',
  request: { params: id },
  responses: {
    200: { description: 'The reservation; ETag is its version', ...json(reservationSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
for (const [action, summary, more] of [
  ['commitment', 'Sell what is held: it leaves the shelf', ['reservation-closed']],
  ['release', 'Give back what is held, or put what was sold on the shelf again', []],
] as const) {
  registry.registerPath({
    ...admin,
    method: 'post',
    path: `/v1/admin/reservations/{id}/${action}`,
    summary,
    request: { params: id, headers: idempotencyKey('required') },
    responses: {
      200: { description: 'The reservation after it', ...json(reservationSchema) },
      ...problemResponses(...CLOSED, ...KEY_PROBLEMS, 'idempotency-key-required', 'not-found', ...more),
    },
  });
}
