import { pageQuery } from '../../../platform/http/fields';
import { z } from '../../../platform/http/zod';
import { KINDS, STAGES } from '../store/models';
import { TRAINING_STATES } from '../store/trainings';

/** What predictions take and give over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const modelIdSchema = z.string().regex(/^mdl_[0-9a-f-]{36}$/, { error: 'must be an id like mdl_0193…' });
export const trainingIdSchema = z.string().regex(/^trn_[0-9a-f-]{36}$/, { error: 'must be an id like trn_0193…' });

const money = z.object({ amount: z.int(), currency: z.string() });

const modelFields = {
  id: z.string(),
  kind: z.enum(KINDS),
  version: z.int(),
  stage: z.enum(STAGES).describe('learning: what it says of customers is still being written.'),
  trainingId: z.string(),
  source: z.string().describe('The run of analytics whose marts it learnt from.'),
  currency: z.string().describe('The one that most orders are in.'),
  skill: z.number().describe('Beside the simplest guess, on days it had not seen: 0 is no better, 1 is perfect.'),
  verdict: z.string().describe('Why it is in production, or not.'),
  metrics: z.record(z.string(), z.unknown()),
  createdAt: z.iso.datetime(),
  promotedAt: z.iso.datetime().nullable(),
};
export const modelSchema = z.object(modelFields).openapi('PredictiveModel');
export const modelDetailSchema = z
  .object({
    ...modelFields,
    parameters: z.record(z.string(), z.unknown()),
    artefact: z.record(z.string(), z.unknown()),
  })
  .openapi('PredictiveModelDetail');

export const trainingSchema = z
  .object({
    id: z.string(),
    state: z.enum(TRAINING_STATES),
    trigger: z.enum(['run', 'admin']),
    source: z.string().nullable(),
    progress: z.string(),
    outcomes: z.array(z.object({ kind: z.enum(KINDS), modelId: z.string().nullable(), verdict: z.string() })),
    error: z.string().nullable(),
    queuedAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('PredictiveTraining');

/** The model behind an answer: the one in production, else the newest. */
export const servedSchema = z
  .object({
    id: z.string(),
    version: z.int(),
    stage: z.enum(STAGES),
    skill: z.number(),
    verdict: z.string(),
    from: z.string(),
    through: z.string().describe('The last day that it learnt from.'),
    remarks: z.array(z.string()),
    createdAt: z.iso.datetime(),
  })
  .openapi('ServedModel');

const served = {
  model: servedSchema.nullable(),
  note: z.string().nullable().describe('Why there is nothing, where there is nothing.'),
  metrics: z.record(z.string(), z.unknown()).nullable(),
};
const paged = { page: z.object({ next: z.string().nullable(), hasMore: z.boolean() }) };

export const clvSchema = z
  .object({
    ...served,
    summary: z
      .object({
        customers: z.int(),
        horizonDays: z.int(),
        totalValue: money,
        meanProbabilityAlive: z.number(),
        deciles: z.array(z.object({ decile: z.int(), customers: z.int(), value: money, share: z.number() })),
      })
      .nullable(),
    data: z.array(
      z.object({
        customer: z.string(),
        value: money,
        probabilityAlive: z.number(),
        expectedPurchases: z.number(),
        expectedSpend: money,
      }),
    ),
    ...paged,
  })
  .openapi('LifetimeValues');

export const churnSchema = z
  .object({
    ...served,
    summary: z
      .object({
        customers: z.int(),
        aheadDays: z.int(),
        expectedToChurn: z.number(),
        bands: z.array(z.object({ from: z.number(), to: z.number(), customers: z.int() })),
        weights: z.record(z.string(), z.number()),
      })
      .nullable(),
    data: z.array(z.object({ customer: z.string(), probability: z.number(), daysSinceLast: z.int() })),
    ...paged,
  })
  .openapi('ChurnScores');

export const forecastSchema = z
  .object({
    ...served,
    data: z.array(
      z.object({ date: z.string(), amount: money, lower80: money, upper80: money, lower95: money, upper95: money }),
    ),
  })
  .openapi('RevenueForecast');

export const activationSchema = z
  .strictObject({
    evenIfWorse: z.boolean().default(false).describe('Also where it did worse than the model in production.'),
  })
  .openapi('ModelActivation');

export const modelQuerySchema = z.strictObject({
  ...pageQuery,
  kind: z.enum(KINDS).optional(),
  stage: z.enum(STAGES).optional(),
});
export const trainingQuerySchema = z.strictObject(pageQuery);
const format = z.enum(['json', 'csv', 'parquet']).default('json');
export const scoreQuerySchema = z.strictObject({ ...pageQuery, format });
export const forecastQuerySchema = z.strictObject({ format });
