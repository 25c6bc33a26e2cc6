import {
  BODY,
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  pageOf,
  problemResponses,
  registry,
} from '../../../platform/http/openapi';
import { z } from '../../../platform/http/zod';
import { KINDS, STAGES } from '../store/models';
import {
  activationSchema,
  churnSchema,
  clvSchema,
  forecastSchema,
  modelDetailSchema,
  modelSchema,
  trainingSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const admin = { tags: ['analytics: predictions'], security: [{ admin: [] }] };
const at = (path: string): string => `/v1/admin/analytics/${path}`;
const id = z.object({ id: z.string() });
const pages = { limit: z.string().optional(), after: z.string().optional() };
const format = z
  .enum(['json', 'csv', 'parquet'])
  .optional()
  .describe('A file has all rows, and amounts in minor units.');
const file = { schema: { type: 'string' as const, format: 'binary' } };
const files = { 'text/csv': file, 'application/vnd.apache.parquet': file };

registry.registerPath({
  ...admin,
  method: 'get',
  path: at('models'),
  summary: 'Models that were learnt, the newest first',
  request: { query: z.object({ ...pages, kind: z.enum(KINDS).optional(), stage: z.enum(STAGES).optional() }) },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(modelSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: at('models/{id}'),
  summary: 'A model with its parameters and what it made of the data',
  request: { params: id },
  responses: {
    200: { description: 'The model', ...json(modelDetailSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: at('models/{id}/activation'),
  summary: 'Put a model into production; one that did worse only with evenIfWorse',
  request: { params: id, headers: idempotencyKey('accepted'), body: { required: true, ...json(activationSchema) } },
  responses: {
    200: { description: 'The model after it', ...json(modelSchema) },
    ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, 'not-found', 'conflict'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: at('trainings'),
  summary: 'Trainings, the newest first',
  request: { query: z.object(pages) },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(trainingSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: at('trainings/{id}'),
  summary: 'How far a training is',
  request: { params: id },
  responses: {
    200: { description: 'The training', ...json(trainingSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: at('trainings'),
  summary: 'Ask for a training; while one waits, it is that one',
  request: { headers: idempotencyKey('accepted') },
  responses: {
    202: { description: 'It will be done; Location is where to look', ...json(trainingSchema) },
    ...problemResponses(...CLOSED, ...KEY_PROBLEMS, 'not-found'),
  },
});
for (const [path, summary, schema] of [
  ['clv', 'What customers are expected to be worth, the most valuable first', clvSchema],
  ['churn', 'How likely customers are to buy nothing more for a while, the likeliest first', churnSchema],
] as const)
  registry.registerPath({
    ...admin,
    method: 'get',
    path: at(path),
    summary,
    request: { query: z.object({ ...pages, format }) },
    responses: {
      200: {
        description: 'A page; Link has the next. As a file: all of it',
        content: { ...json(schema).content, ...files },
      },
      ...problemResponses(...CLOSED, 'validation-failed', 'not-found', 'not-ready'),
    },
  });
registry.registerPath({
  ...admin,
  method: 'get',
  path: at('forecast'),
  summary: 'Revenue of the days ahead, with intervals of 80 % and 95 %',
  request: { query: z.object({ format }) },
  responses: {
    200: { description: 'Day by day', content: { ...json(forecastSchema).content, ...files } },
    ...problemResponses(...CLOSED, 'validation-failed', 'not-found', 'not-ready'),
  },
});
