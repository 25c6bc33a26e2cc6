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
import { decisionSchema, reviewSchema } from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const id = z.object({ id: z.string() });
const admin = { tags: ['fraud: back office'], security: [{ admin: [] }] };

registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/fraud-reviews',
  summary: 'Orders that a person has to decide about, the oldest first',
  request: {
    query: z.object({
      limit: z.string().optional(),
      after: z.string().optional(),
      state: z.enum(['open', 'accepted', 'rejected', 'withdrawn']).optional(),
    }),
  },
  responses: {
    200: {
      description: 'A page; Link has the next',
      ...json(pageOf(reviewSchema)),
    },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/fraud-reviews/{id}',
  summary: 'Read a review',
  request: { params: id },
  responses: {
    200: { description: 'The review; ETag is its version', ...json(reviewSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/fraud-reviews/{id}/decision',
  summary: 'Let the order go on, or cancel it',
  request: { params: id, headers: idempotencyKey('required'), body: { required: true, ...json(decisionSchema) } },
  responses: {
    200: { description: 'The review after it', ...json(reviewSchema) },
    ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, 'idempotency-key-required', 'not-found', 'review-closed'),
  },
});
