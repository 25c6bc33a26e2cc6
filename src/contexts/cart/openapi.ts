import type { ErrorCode } from '../../kernel/errors';
import { BODY, idempotencyKey, json, KEY_PROBLEMS, problemResponses, registry } from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import { quoteSchema } from '../pricing';
import {
  cartQuoteSchema,
  cartSchema,
  couponChangeSchema,
  createdCartSchema,
  lineChangeSchema,
  mergeSchema,
  newCartSchema,
  newLineSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

registry.registerComponent('securitySchemes', 'cart', {
  type: 'apiKey',
  in: 'header',
  name: 'Cart-Token',
  description: 'The token that came with the cart.',
});

const id = z.object({ id: z.string() });
const line = z.object({ id: z.string(), sku: z.string() });
const ifMatch = z.string().describe('The ETag that the change is based on, or *.');
const tags = ['cart'];
const own = { tags, security: [{ cart: [] }] };
const after = { description: 'The cart after it; ETag is its version', ...json(cartSchema) };

registry.registerPath({
  tags,
  method: 'post',
  path: '/v1/carts',
  summary: 'Make a cart; it lives for 24 hours after its last change',
  request: { headers: idempotencyKey('accepted'), body: { required: false, ...json(newCartSchema) } },
  responses: {
    201: { description: 'The cart and its token; ETag is its version', ...json(createdCartSchema) },
    ...problemResponses(...BODY, ...KEY_PROBLEMS, 'cart-full'),
  },
});
registry.registerPath({
  ...own,
  method: 'get',
  path: '/v1/carts/{id}',
  summary: 'Read a cart, with prices and stock as they are now',
  request: { params: id },
  responses: {
    200: { description: 'The cart; ETag is its version', ...json(cartSchema) },
    ...problemResponses('not-found'),
  },
});
registry.registerPath({
  ...own,
  method: 'post',
  path: '/v1/carts/{id}/lines',
  summary: 'Add so many of an article, to those that are there',
  request: {
    params: id,
    headers: idempotencyKey('accepted').extend({ 'If-Match': ifMatch.optional() }),
    body: { required: true, ...json(newLineSchema) },
  },
  responses: {
    201: after,
    ...problemResponses(...BODY, ...KEY_PROBLEMS, 'not-found', 'cart-full', 'precondition-failed'),
  },
});
const CHANGE: ErrorCode[] = ['not-found', 'precondition-failed', 'precondition-required'];
registry.registerPath({
  ...own,
  method: 'patch',
  path: '/v1/carts/{id}/lines/{sku}',
  summary: 'Set the quantity of a line',
  request: {
    params: line,
    headers: z.object({ 'If-Match': ifMatch }),
    body: { required: true, ...json(lineChangeSchema) },
  },
  responses: { 200: after, ...problemResponses(...BODY, ...CHANGE) },
});
registry.registerPath({
  ...own,
  method: 'delete',
  path: '/v1/carts/{id}/lines/{sku}',
  summary: 'Take a line out',
  request: { params: line, headers: z.object({ 'If-Match': ifMatch }) },
  responses: { 200: after, ...problemResponses(...CHANGE) },
});
registry.registerPath({
  ...own,
  method: 'put',
  path: '/v1/carts/{id}/coupon',
  summary: 'Put a coupon into the cart, or take it out',
  request: {
    params: id,
    headers: z.object({ 'If-Match': ifMatch }),
    body: { required: true, ...json(couponChangeSchema) },
  },
  responses: { 200: after, ...problemResponses(...BODY, ...CHANGE, 'coupon-not-applicable') },
});
registry.registerPath({
  ...own,
  method: 'post',
  path: '/v1/carts/{id}/merge',
  summary: 'Bring everything of another cart into this one; the other is gone then',
  request: { params: id, headers: idempotencyKey('accepted'), body: { required: true, ...json(mergeSchema) } },
  responses: { 200: after, ...problemResponses(...BODY, ...KEY_PROBLEMS, 'not-found', 'cart-full') },
});
registry.registerPath({
  ...own,
  method: 'post',
  path: '/v1/carts/{id}/quotes',
  summary: 'What the cart costs at a destination: what checkout charges, for a quarter of an hour',
  request: { params: id, headers: idempotencyKey('accepted'), body: { required: true, ...json(cartQuoteSchema) } },
  responses: {
    201: { description: 'The quote', ...json(quoteSchema) },
    ...problemResponses(...BODY, ...KEY_PROBLEMS, 'not-found', 'cart-empty', 'currency-not-offered'),
  },
});
