import { z } from '../../platform/http/zod';

/** The weights that answers and trainings are made with: data, changed through the back office. */

const share = z.number().min(0).max(1);
const weight = z.number().min(0).max(1_000);
const MARGIN = 0.2;

export const settingsSchema = z
  .strictObject({
    mix: z
      .strictObject({
        collaborative: share.describe('What others who did the same went on to take.'),
        content: share.describe('Products whose words, brand, category and price are alike.'),
        rules: share.describe('Demand of late, popularity, newness and margin.'),
      })
      .refine(({ collaborative, content, rules }) => collaborative + content + rules > 0, {
        error: 'must not all be 0',
      })
      .describe('Brought to a sum of 1; the share of a part that has nothing to say goes to the others.'),
    rules: z
      .strictObject({
        trending: share,
        popular: share,
        fresh: share,
        // Weights that were written before there was a margin are read with the default.
        margin: share
          .default(MARGIN)
          .describe(
            'Share of the price that the shop keeps, by the cost in the catalogue: orders what the others bring.',
          ),
      })
      .refine(({ trending, popular, fresh }) => trending + popular + fresh > 0, {
        error: 'of trending, popular and fresh must not all be 0',
      })
      .describe('What the part of the rules is made of.'),
    events: z
      .strictObject({ view: weight, click: weight, add: weight, purchase: weight })
      .describe('How much each kind of event says of a taste.'),
    trainingHalfLifeDays: z
      .int()
      .min(1)
      .max(3_650)
      .describe('After how many days an event says half as much in training.'),
    sessionHalfLifeHours: z.number().min(0.1).max(8_760).describe('The same, in an answer.'),
    diversity: share.describe('How much likeness to what stands above costs: 0 nothing, 1 nearly everything.'),
    mostPerCategory: z
      .number()
      .gt(0)
      .max(1)
      .describe('Share of a list that one category may have, where others are left.'),
    boughtDays: z.int().min(0).max(3_650).describe('For so many days what was bought is not recommended again.'),
  })
  .openapi('RecommendationSettings');
export type RecommendationSettings = z.output<typeof settingsSchema>;

/** 60 % collaborative, 30 % content, 10 % rules. First guesses, learnt from nobody's sales. */
export const DEFAULT_SETTINGS: RecommendationSettings = {
  mix: { collaborative: 0.6, content: 0.3, rules: 0.1 },
  rules: { trending: 0.5, popular: 0.3, fresh: 0.2, margin: MARGIN },
  events: { view: 1, click: 2, add: 4, purchase: 10 },
  trainingHalfLifeDays: 180,
  sessionHalfLifeHours: 72,
  diversity: 0.2,
  mostPerCategory: 0.5,
  boughtDays: 30,
};
