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
import { couponChangeSchema, couponQuerySchema, couponSchema, newCouponSchema } from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const admin = { tags: ['promotions: back office'], security: [{ admin: [] }] };
const one = { description: 'The coupon', ...json(couponSchema) };
const request = { params: z.object({ id: z.string() }) };

registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/coupons',
  summary: 'Coupons, the youngest first',
  request: { query: couponQuerySchema },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(couponSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/coupons',
  summary: 'Add a coupon',
  request: { headers: idempotencyKey('accepted'), body: { required: true, ...json(newCouponSchema) } },
  responses: { 201: one, ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, 'conflict') },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/coupons/{id}',
  summary: 'Read a coupon',
  request,
  responses: { 200: one, ...problemResponses(...CLOSED, 'not-found') },
});
registry.registerPath({
  ...admin,
  method: 'patch',
  path: '/v1/admin/coupons/{id}',
  summary: 'Change the limits, the end or the name of a coupon, or end it now',
  request: {
    ...request,
    headers: z.object({ 'If-Match': z.string() }),
    body: { required: true, ...json(couponChangeSchema) },
  },
  responses: {
    200: one,
    ...problemResponses(...CLOSED, ...BODY, 'not-found', 'conflict', 'precondition-required', 'precondition-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'delete',
  path: '/v1/admin/coupons/{id}',
  summary: 'Remove a coupon that nobody has used',
  request,
  responses: { 204: { description: 'It is gone' }, ...problemResponses(...CLOSED, 'not-found', 'conflict') },
});
