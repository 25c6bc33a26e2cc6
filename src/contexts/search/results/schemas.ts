import { problemResponses, registry } from '../../../platform/http/openapi';
import { z } from '../../../platform/http/zod';

const wholeNumber = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,15}$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `must be a whole number from ${least} to ${most}` });

export const RESULT_SORTS = ['relevance', 'price', '-price', '-popularity', '-createdAt'] as const;
export type ResultSort = (typeof RESULT_SORTS)[number];
export const FACETS = ['category', 'brand', 'inStock', 'price'] as const;
export type Facet = (typeof FACETS)[number];

const MOST_CHOICES = 50;
/** A parameter that may be given again and again: any of its values will do. */
const choices = (what: string): z.ZodType<string[] | undefined, string | string[] | undefined> => {
  const error = `must be ${what}`;
  const one = z
    .string()
    .min(1, { error })
    .max(240, { error })
    .refine((value) => !/\p{Cc}/u.test(value), { error });
  return z
    .union(
      [one.transform((value) => [value]), z.array(one).max(MOST_CHOICES, { error: `at most ${MOST_CHOICES} fit` })],
      {
        error,
      },
    )
    .optional();
};

/** The query of GET /v1/search, every value as the text that stands in the address. */
export const searchQuerySchema = z
  .strictObject({
    q: z
      .string()
      .max(1000, { error: 'must have at most 1000 characters' })
      .default('')
      .describe('Words in any order, the last one may be only begun; the first 32 count. Empty: all products.'),
    category: choices('the id or path of a category').describe(
      'Id or path: the category and everything below it. Given twice: either.',
    ),
    brand: choices('the name of a brand').describe('Given twice: either.'),
    'price.gte': wholeNumber(0, 1e12).optional().describe('Minor units of the shop’s currency.'),
    'price.lte': wholeNumber(0, 1e12).optional().describe('Minor units of the shop’s currency.'),
    inStock: z
      .enum(['true', 'false'], { error: 'must be true or false' })
      .transform((value) => value === 'true')
      .optional(),
    sort: z
      .enum(RESULT_SORTS, { error: `must be one of ${RESULT_SORTS.join(', ')}` })
      .optional()
      .describe('Without one: relevance, or -popularity for an empty `q`. `-` is descending; ties go by id.'),
    facets: z
      .string()
      .default('')
      .transform((value) => value.split(',').filter(Boolean))
      .pipe(z.array(z.enum(FACETS, { error: `must be of ${FACETS.join(', ')}, joined by commas` })))
      .describe('What to count: category, brand, inStock, price; joined by commas.'),
    limit: wholeNumber(1, 100).default(24),
    after: z.string().max(2000).optional().describe('`page.next` of the page before.'),
  })
  .refine((query) => (query['price.gte'] ?? 0) <= (query['price.lte'] ?? Infinity), {
    error: 'must not be above price.lte',
    path: ['price.gte'],
  });
export type SearchQuery = z.output<typeof searchQuerySchema>;

const count = z.int().min(0);
export const searchResultSchema = z
  .object({
    id: z.string(),
    sku: z.string(),
    name: z.string(),
    brand: z.string().nullable(),
    category: z.object({ id: z.string(), path: z.string(), name: z.string() }).nullable(),
    price: z.object({ amount: z.int(), currency: z.string() }),
    image: z.string(),
    inStock: z.boolean(),
  })
  .openapi('SearchResult');
export type SearchResult = z.output<typeof searchResultSchema>;

export const searchAnswerSchema = z
  .object({
    data: z.array(searchResultSchema),
    page: z.object({ next: z.string().nullable(), hasMore: z.boolean() }),
    total: count.describe('Products that match, on all pages.'),
    facets: z
      .object({
        category: z
          .array(z.object({ value: z.string().describe('The path.'), id: z.string(), count }))
          .describe('Categories with everything below them, most first; at most 200.'),
        brand: z.array(z.object({ value: z.string(), count })).describe('Most first: at most 50, and those asked for.'),
        inStock: z.array(z.object({ value: z.boolean(), count })),
        price: z
          .object({ currency: z.string(), edges: z.array(z.int()), counts: z.array(count) })
          .describe('Bin i has the prices from edges[i] to below edges[i + 1].'),
      })
      .partial()
      .describe('What was asked for. The choice made of a facet does not narrow its own counts.'),
    suggestions: z
      .array(z.object({ q: z.string(), reason: z.enum(['spelling', 'fewer-words']), total: count }))
      .describe('What to search for instead, where no product has the words as they are spelt.'),
  })
  .openapi('SearchAnswer');
export type SearchAnswer = z.output<typeof searchAnswerSchema>;

registry.registerPath({
  method: 'get',
  path: '/v1/search',
  tags: ['search'],
  summary: 'Search, filter and browse',
  description:
    'All products whose name or brand has every word, narrowed by filters, with exact counts. A page goes on behind the ' +
    'last product of the one before, so that changes between pages neither repeat a product nor leave one out that stays ' +
    'where it is. A change to the catalogue shows within a second.',
  request: { query: searchQuerySchema },
  responses: {
    200: { description: 'One page', content: { 'application/json': { schema: searchAnswerSchema } } },
    304: { description: 'Unchanged since the ETag of If-None-Match' },
    ...problemResponses('malformed-request', 'method-not-allowed', 'validation-failed', 'internal-error', 'not-ready'),
  },
});
