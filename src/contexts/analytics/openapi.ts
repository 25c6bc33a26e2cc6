import {
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  pageOf,
  problemResponses,
  registry,
} from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import { REPORTS } from './reports';
import { alertSchema, lineageSchema, MOST_ROWS, reportSchema, runSchema } from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const admin = { tags: ['analytics: back office'], security: [{ admin: [] }] };
const PATH = '/v1/admin/analytics';
const file = { schema: { type: 'string' as const, format: 'binary' } };
const pages = {
  format: z.enum(['json', 'csv', 'parquet']).optional().describe('A file has all rows, and amounts in minor units.'),
  limit: z.string().optional().describe(`From 1 to ${MOST_ROWS}; 100 by default.`),
  after: z.string().optional(),
};

for (const { path, summary, query, row } of REPORTS)
  registry.registerPath({
    ...admin,
    method: 'get',
    path: `${PATH}/${path}`,
    summary,
    request: { query: z.object({ ...query, ...pages }) },
    responses: {
      200: {
        description: 'Rows of the last run that could be published',
        content: { ...json(reportSchema(row)).content, 'text/csv': file, 'application/vnd.apache.parquet': file },
      },
      ...problemResponses(...CLOSED, 'validation-failed', 'not-found', 'not-ready'),
    },
  });
registry.registerPath({
  ...admin,
  method: 'get',
  path: `${PATH}/lineage`,
  summary: 'What is made of what, and how the last run found it',
  responses: {
    200: { description: 'Datasets of the archive and models; edges go from what is read', ...json(lineageSchema) },
    ...problemResponses(...CLOSED),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: `${PATH}/alerts`,
  summary: 'Tests of models that failed, the open ones first',
  responses: {
    200: { description: 'The last hundred', ...json(z.object({ data: z.array(alertSchema) })) },
    ...problemResponses(...CLOSED),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: `${PATH}/runs`,
  summary: 'Runs of the models, the youngest first',
  request: { query: z.object({ limit: z.string().optional(), after: z.string().optional() }) },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(runSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: `${PATH}/runs/{id}`,
  summary: 'Read a run: how far it is, or what became of each model and test',
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: { description: 'The run', ...json(runSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: `${PATH}/runs`,
  summary: 'Ask for a run: export what is new, build and test the models, publish',
  request: { headers: idempotencyKey('accepted') },
  responses: {
    202: { description: 'The run, or the one that waits already; Location is its address', ...json(runSchema) },
    ...problemResponses(...CLOSED, ...KEY_PROBLEMS, 'not-found'),
  },
});
