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
    note: z
      .string()
      .max(500)
      .regex(/^[^\p{Cc}\p{Surrogate}]*$/u, { error: 'must be one line of printable characters' })
      .default(''),
  })
  .openapi('FraudDecision');
export type ReviewDecision = z.output<typeof decisionSchema>;

export const reviewQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^([1-9]\d?|100)$/, { error: 'must be a whole number from 1 to 100' })
    .transform(Number)
    .default(20),
  after: z.string().max(2000).optional(),
  state: z.enum(REVIEW_STATES).default('open'),
});
