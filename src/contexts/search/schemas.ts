import { problemResponses, registry } from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';

const wholeNumber = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `must be a whole number from ${least} to ${most}` });

export const DEFAULT_LIMIT = 8;

/** The query of GET /v1/suggestions, every value as the text that stands in the address. */
export const suggestionQuerySchema = z
  .strictObject({
    q: z
      .string()
      .max(1000, { error: 'must have at most 1000 characters' })
      .default('')
      .describe('What has been typed so far. Without a letter or digit in it there are no suggestions.'),
    limit: wholeNumber(1, 20).default(DEFAULT_LIMIT),
    category: z
      .string()
      .min(1, { error: 'must be the id or path of a category' })
      .max(240, { error: 'must be the id or path of a category' })
      .refine((value) => !/\p{Cc}/u.test(value), { error: 'must be the id or path of a category' })
      .optional()
      .describe('Id or path: the category and everything below it.'),
    'price.gte': wholeNumber(0, 1e12).optional().describe('Minor units.'),
    'price.lte': wholeNumber(0, 1e12).optional().describe('Minor units.'),
    inStock: z
      .enum(['true', 'false'], { error: 'must be true or false' })
      .transform((value) => value === 'true')
      .optional(),
  })
  .refine((query) => (query['price.gte'] ?? 0) <= (query['price.lte'] ?? Infinity), {
    error: 'must not be above price.lte',
    path: ['price.gte'],
  });
export type SuggestionQuery = z.output<typeof suggestionQuerySchema>;

export const suggestionSchema = z
  .object({
    id: z.string(),
    sku: z.string(),
    text: z.string().describe("The product's name."),
    highlights: z
      .array(z.tuple([z.int(), z.int()]))
      .describe('What the query matched: ranges of `text` in UTF-16 units, ends exclusive, ascending.'),
    brand: z.string().nullable().describe('Also searched; not highlighted.'),
    category: z.object({ id: z.string(), path: z.string(), name: z.string() }).nullable(),
    price: z.object({ amount: z.int(), currency: z.string() }),
    image: z.string(),
    inStock: z.boolean(),
  })
  .openapi('Suggestion');
export type Suggestion = z.output<typeof suggestionSchema>;

export const suggestionsAnswerSchema = z.object({ data: z.array(suggestionSchema) }).openapi('Suggestions');

registry.registerPath({
  method: 'get',
  path: '/v1/suggestions',
  tags: ['search'],
  summary: 'Search as you type',
  description:
    'The best products whose name or brand has every word typed, in any order, the last one as a prefix; misspelt words ' +
    'match too, after exact ones. Best sellers first. A change to the catalogue shows within a second.',
  request: { query: suggestionQuerySchema },
  responses: {
    200: { description: 'Best first', content: { 'application/json': { schema: suggestionsAnswerSchema } } },
    ...problemResponses('malformed-request', 'method-not-allowed', 'validation-failed', 'internal-error', 'not-ready'),
  },
});
