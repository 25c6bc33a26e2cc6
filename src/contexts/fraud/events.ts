import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';
import type { ReviewView } from './schemas';

/** What fraud tells the others. `fraud-review:<id>` is the aggregate. */
export const FRAUD_REVIEW_OPENED = 'easy11.fraud-review.opened.v1';
export const FRAUD_REVIEW_DECIDED = 'easy11.fraud-review.decided.v1';

export const reviewDecidedSchema = z.object({
  reviewId: z.string(),
  orderId: z.string(),
  state: z.enum(['open', 'accepted', 'rejected', 'withdrawn']),
  score: z.int(),
});

const SOURCE = '/easy11/fraud';
registerEvents({
  source: SOURCE,
  kind: 'fraud-review',
  data: reviewDecidedSchema,
  types: {
    [FRAUD_REVIEW_OPENED]: 'An order was held for a person to look at.',
    [FRAUD_REVIEW_DECIDED]: 'A review was accepted or rejected, or withdrawn because its order was cancelled.',
  },
});

export function reviewChanged({ id, orderId, state, score, version }: ReviewView): OutboxEvent {
  return {
    aggregate: `fraud-review:${id}`,
    version,
    type: state === 'open' ? FRAUD_REVIEW_OPENED : FRAUD_REVIEW_DECIDED,
    source: SOURCE,
    subject: id,
    data: { reviewId: id, orderId, state, score } satisfies z.output<typeof reviewDecidedSchema>,
  };
}
