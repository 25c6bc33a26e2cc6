import {
  BODY,
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  pageOf,
  problemResponses,
  registry,
} from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import {
  assignmentsSchema,
  experimentChangeSchema,
  experimentSchema,
  newExperimentSchema,
  resultsSchema,
} from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const key = z.object({ key: z.string() });
const admin = { tags: ['experiments: back office'], security: [{ admin: [] }] };
const stored = { description: 'The experiment; ETag is its version', ...json(experimentSchema) };

registry.registerPath({
  tags: ['experiments'],
  method: 'get',
  path: '/v1/experiments/assignments',
  summary: 'Which variants a visitor sees',
  description:
    'The same for as long as an experiment runs. Nothing is stored: an `exposure` event says that it was seen.',
  request: { query: z.object({ visitor: z.string().describe('`vis_` and a UUID.') }) },
  responses: {
    200: { description: 'One variant of each experiment that runs', ...json(assignmentsSchema) },
    ...problemResponses('validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/experiments',
  summary: 'Experiments, by key',
  request: { query: z.object({ limit: z.string().optional(), after: z.string().optional() }) },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(experimentSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/experiments',
  summary: 'Add an experiment, as a draft',
  request: { headers: idempotencyKey('accepted'), body: { required: true, ...json(newExperimentSchema) } },
  responses: { 201: stored, ...problemResponses(...CLOSED, ...BODY, ...KEY_PROBLEMS, 'conflict') },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/experiments/{key}',
  summary: 'Read an experiment',
  request: { params: key },
  responses: {
    200: stored,
    304: { description: 'The client has this version' },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'patch',
  path: '/v1/admin/experiments/{key}',
  summary: 'Change a draft, start it, stop it',
  request: {
    params: key,
    headers: z.object({ 'If-Match': z.string().describe('The ETag that the change is based on, or *.') }),
    body: { required: true, ...json(experimentChangeSchema) },
  },
  responses: {
    200: stored,
    ...problemResponses(...CLOSED, ...BODY, 'not-found', 'conflict', 'precondition-failed', 'precondition-required'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/experiments/{key}/results',
  summary: 'What came of an experiment so far',
  request: { params: key },
  responses: {
    200: { description: 'Rates and differences with their intervals', ...json(resultsSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
