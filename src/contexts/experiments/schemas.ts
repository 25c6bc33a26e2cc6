import { printable } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { METRICS, STATES } from './rules';

/** What experiments take and give over HTTP. OpenAPI is generated from these; unknown fields are refused. */

const slug = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'must be up to 40 of a-z, 0-9, - and _' });
export const experimentKeySchema = slug;

const variantSchema = z.strictObject({
  key: slug,
  weight: z.int().min(1).max(1_000_000).describe('The share of visitors is this among the sum of all weights.'),
});
const variants = z
  .array(variantSchema)
  .min(2)
  .max(10)
  .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, { error: 'must have different keys' })
  .describe('The first is the one that the others are compared with.');
const metric = z.enum(METRICS).describe('What a visitor does after seeing the variant that counts as success.');
const name = printable(200).min(1);

export const newExperimentSchema = z
  .strictObject({ key: slug.describe('Its address; exposures name it.'), name, metric, variants })
  .openapi('NewExperiment');
export type NewExperiment = z.output<typeof newExperimentSchema>;

export const experimentChangeSchema = z
  .strictObject({
    name: name.optional(),
    metric: metric.optional(),
    variants: variants.optional(),
    state: z.enum(STATES).optional().describe('draft, then running, then stopped.'),
  })
  .openapi('ExperimentChange');
export type ExperimentChange = z.output<typeof experimentChangeSchema>;

export const experimentSchema = z
  .object({
    key: z.string(),
    name: z.string(),
    metric,
    variants,
    state: z.enum(STATES),
    version: z.int(),
    createdAt: z.string(),
    startedAt: z.string().nullable(),
    stoppedAt: z.string().nullable(),
  })
  .openapi('Experiment');
export type ExperimentView = z.output<typeof experimentSchema>;

export const assignmentQuerySchema = z.strictObject({
  visitor: z.string().regex(/^vis_[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, {
    error: 'must be vis_ and a UUID in lower case',
  }),
});
export const assignmentsSchema = z
  .object({ data: z.array(z.object({ experiment: z.string(), variant: z.string() })) })
  .openapi('Assignments');

const interval = z.object({ low: z.number(), high: z.number() });
export const resultsSchema = z
  .object({
    experiment: experimentSchema,
    countedFrom: z.string().nullable().describe('Its start, or the oldest event that is still kept if that is later.'),
    countedUntil: z.string().nullable(),
    level: z.number().describe('Of every interval here.'),
    variants: z.array(
      z.object({
        key: z.string(),
        weight: z.int(),
        exposed: z.int().describe('Visitors who saw it, and no other.'),
        converted: z.int().describe('Those of them who did what counts, after they first saw it.'),
        rate: z.number().nullable(),
        interval: interval.nullable().describe("Wilson's, of the rate."),
        difference: interval
          .extend({ estimate: z.number() })
          .nullable()
          .describe("From the first variant's rate, with Newcombe's interval. Null for the first itself."),
      }),
    ),
    sawSeveral: z.int().describe('Visitors who saw more than one variant: not counted.'),
    sampleRatio: z
      .object({
        chiSquare: z.number(),
        degreesOfFreedom: z.int(),
        pValue: z.number(),
        mismatch: z.boolean().describe('p below 0.001: something else than chance decided who was counted.'),
      })
      .nullable()
      .describe('Whether those who were exposed fit the weights; null while there are too few to say.'),
    notes: z.array(z.string()).describe('What these numbers do not say.'),
  })
  .openapi('ExperimentResults');
export type ResultsView = z.output<typeof resultsSchema>;
