import { pageQuery, printable } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';

/** What fraud takes and gives over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const reviewIdSchema = z.string().regex(/^rvw_[0-9a-f-]{36}$/, { error: 'must be an id like rvw_0193…' });

const REVIEW_STATES = ['open', 'accepted', 'rejected', 'withdrawn'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

export const reviewSchema = z
  .object({
    id: z.string(),
    orderId: z.string(),
    state: z.enum(REVIEW_STATES).describe('withdrawn: the order was cancelled before anybody decided.'),
    score: z.int(),
    reasons: z.array(z.object({ rule: z.string(), points: z.int(), detail: z.string() })),
    decidedBy: z.string().nullable(),
    note: z.string(),
    version: z.int(),
    createdAt: z.iso.datetime(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .openapi('FraudReview');
export type ReviewView = z.output<typeof reviewSchema>;

export const decisionSchema = z
  .strictObject({
    decision: z.enum(['accept', 'reject']),
    note: printable(500).default(''),
  })
  .openapi('FraudDecision');
export type ReviewDecision = z.output<typeof decisionSchema>;

export const reviewQuerySchema = z.strictObject({
  ...pageQuery,
  state: z.enum(REVIEW_STATES).default('open'),
});
