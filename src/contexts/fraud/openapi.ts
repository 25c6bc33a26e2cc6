import type { ErrorCode } from '../../kernel/errors';
import { idempotencyKey, KEY_PROBLEMS, problemResponses, registry } from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import { decisionSchema, reviewSchema } from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const json = (schema: z.ZodType): { content: { 'application/json': { schema: z.ZodType } } } => ({
  content: { 'application/json': { schema } },
});
const id = z.object({ id: z.string() });
const CLOSED: ErrorCode[] = ['unauthenticated', 'forbidden'];
const BODY: ErrorCode[] = ['malformed-request', 'unsupported-media-type', 'validation-failed', 'payload-too-large'];
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
      ...json(
        z.object({
          data: z.array(reviewSchema),
          page: z.object({ next: z.string().nullable(), hasMore: z.boolean() }),
        }),
      ),
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
