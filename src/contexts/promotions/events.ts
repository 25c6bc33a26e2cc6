import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';
import type { HoldoutVariant } from './rules';

/**
 * What promotions tell the others: of coupons that are held back from some, so that what they bring can be measured.
 * `holdout:<coupon>` is such a measurement, `holdout:<exposure>` somebody's part in it.
 */
const BEGUN = 'easy11.holdout.begun.v1';
const ENDED = 'easy11.holdout.ended.v1';
const EXPOSED = 'easy11.holdout.exposed.v1';

export const holdoutEventSchema = z.object({
  couponId: z.string(),
  exposure: z.object({ id: z.string(), variant: z.enum(['treated', 'holdout']) }).optional(),
});
type HoldoutEvent = z.output<typeof holdoutEventSchema>;

const SOURCE = '/easy11/promotions';
registerEvents({
  source: SOURCE,
  kind: 'holdout',
  data: holdoutEventSchema,
  types: {
    [BEGUN]: 'A coupon was made that some shoppers do not get.',
    [ENDED]: 'A coupon was given to those as well who were held out of it.',
    [EXPOSED]:
      'Somebody typed in a coupon that some do not get, for the first time: the data says whether they got it.',
  },
});

export const holdoutBegun = (couponId: string): OutboxEvent => ({
  aggregate: `holdout:${couponId}`,
  version: 1,
  type: BEGUN,
  source: SOURCE,
  subject: couponId,
  data: { couponId } satisfies HoldoutEvent,
});

export const holdoutEnded = (couponId: string): OutboxEvent => ({
  ...holdoutBegun(couponId),
  version: 2,
  type: ENDED,
});

export const holdoutExposed = (couponId: string, id: string, variant: HoldoutVariant): OutboxEvent => ({
  aggregate: `holdout:${id}`,
  version: 1,
  type: EXPOSED,
  source: SOURCE,
  subject: id,
  data: { couponId, exposure: { id, variant } } satisfies HoldoutEvent,
});
