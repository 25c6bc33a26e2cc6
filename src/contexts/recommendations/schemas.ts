import { idOf } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { moneySchema } from '../catalogue';

/** What recommendations take and give over HTTP. OpenAPI is generated from these; unknown fields are refused. */

const productId = idOf('prd');
const visitorId = z.string().regex(/^vis_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, {
  error: 'must be an id like vis_0193…',
});
const customerId = z.string().regex(/^cus_[0-9a-f]{32}$/, { error: 'must be cus_ and 32 hexadecimal digits' });

export const MOST_ITEMS = 50;
export const DEFAULT_LIMIT = 12;
const MOST_PRODUCTS = 100;

export const SLOTS = ['home', 'product', 'cart'] as const;
export type Slot = (typeof SLOTS)[number];

export const recommendationQuerySchema = z
  .strictObject({
    visitor: visitorId.optional().describe('Whose session to go by.'),
    session: visitorId.optional().describe('The same as `visitor`.'),
    customer: customerId.optional().describe('Whose orders to go by.'),
    slot: z.enum(SLOTS, { error: 'must be home, product or cart' }).default('home'),
    product: productId.optional().describe('The product that is looked at.'),
    products: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(productId).max(MOST_PRODUCTS))
      .optional()
      .describe('What is in the cart, joined by commas: at most 100.'),
    limit: z
      .string()
      .regex(/^([1-9]|[1-4]\d|50)$/, { error: `must be a whole number from 1 to ${MOST_ITEMS}` })
      .transform(Number)
      .default(DEFAULT_LIMIT),
  })
  .refine(({ visitor, session }) => visitor === undefined || session === undefined || visitor === session, {
    error: 'must not differ from visitor',
    path: ['session'],
  })
  .refine(({ slot, product }) => slot !== 'product' || product !== undefined, {
    error: 'is needed where slot is product',
    path: ['product'],
  });
export type RecommendationQuery = z.output<typeof recommendationQuerySchema>;

export const REASONS = ['bought-together', 'similar', 'because-you-viewed', 'popular', 'trending', 'new'] as const;

export const recommendationSchema = z
  .object({
    id: z.string(),
    sku: z.string(),
    name: z.string(),
    price: moneySchema,
    image: z.string(),
    inStock: z.boolean(),
    score: z
      .number()
      .describe('0 to 1, before what is alike was spread and without the margin: the list need not be in its order.'),
    reason: z.object({
      code: z.enum(REASONS),
      text: z.string().describe('For people, in English.'),
      product: z.string().optional().describe('The product that led to it.'),
    }),
  })
  .openapi('Recommendation');
export type RecommendationView = z.output<typeof recommendationSchema>;

export const recommendationsAnswerSchema = z
  .object({
    items: z.array(recommendationSchema),
    model: z
      .object({ version: z.int(), trainedAt: z.iso.datetime() })
      .nullable()
      .describe('What the collaborative part came from; null as long as none has been trained.'),
  })
  .openapi('Recommendations');
export type RecommendationsAnswer = z.output<typeof recommendationsAnswerSchema>;

export const MODEL_STATES = ['training', 'candidate', 'active', 'retired', 'failed'] as const;
export type ModelState = (typeof MODEL_STATES)[number];

export const trainingSchema = z
  .strictObject({
    factors: z.int().min(1).max(512).optional(),
    iterations: z.int().min(1).max(200).optional(),
    regularization: z.number().min(0).max(1e6).optional(),
    unobservedWeight: z.number().min(1e-9).max(1e6).optional(),
    nu: z.number().min(0).max(2).optional(),
    seed: z.int().min(0).max(4_294_967_295).optional(),
  })
  .openapi('RecommendationTraining');
export type Training = z.output<typeof trainingSchema>;

const figures = z
  .object({ recall20: z.number(), ndcg10: z.number(), ndcg100: z.number() })
  .nullable()
  .openapi('RecommendationFigures');

export const evaluationSchema = z.object({
  users: z.int().describe('Users measured: who did something in both parts.'),
  learntFrom: z.int().describe('Interactions before the cut.'),
  measuredOn: z.int().describe('Pairs after the cut that are new.'),
  cutAt: z.iso.datetime().nullable(),
  model: figures,
  mostPopular: figures,
  itemCosine: figures,
  active: figures,
  activeIs: z
    .enum(['as-it-is', 'trained-anew', 'none'])
    .describe(
      'Whether the active model was measured as it is (it has not seen what is measured on), or its parameters were.',
    ),
});
export type EvaluationView = z.output<typeof evaluationSchema>;

export const driftSchema = z.object({
  unseenUsers: z.number().describe('Share of the users of the later part who are not in the earlier one.'),
  unseenProducts: z.number(),
  popularityPsi: z
    .number()
    .describe('Population stability index of what is taken, by tenths of the popularity before.'),
  earlier: z.int(),
  later: z.int(),
});
export type DriftView = z.output<typeof driftSchema>;

export const modelSchema = z
  .object({
    version: z.int(),
    state: z.enum(MODEL_STATES),
    note: z.string(),
    requestedBy: z.string(),
    parameters: trainingSchema,
    progress: z.object({ phase: z.string(), done: z.number(), total: z.number().nullable() }).nullable(),
    data: z
      .object({
        interactions: z.int(),
        users: z.int(),
        products: z.int(),
        passedOver: z.int().describe('Interactions with products that the catalogue does not have.'),
        since: z.iso.datetime(),
        until: z.iso.datetime(),
      })
      .nullable(),
    evaluation: evaluationSchema.nullable(),
    drift: driftSchema.nullable(),
    attempts: z.int(),
    bytes: z.int().nullable(),
    requestedAt: z.iso.datetime(),
    trainedAt: z.iso.datetime().nullable(),
    activatedAt: z.iso.datetime().nullable(),
  })
  .openapi('RecommendationModel');
export type ModelView = z.output<typeof modelSchema>;
