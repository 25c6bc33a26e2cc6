import { BODY, CLOSED, json, pageOf, problemResponses, registry } from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import { modelSchema, recommendationQuerySchema, recommendationsAnswerSchema, trainingSchema } from './schemas';
import { settingsSchema } from './settings';

/** Tells /openapi.json what routes.ts answers to. */

const version = z.object({ version: z.string() });
const admin = { tags: ['recommendations: back office'], security: [{ admin: [] }] };

registry.registerPath({
  method: 'get',
  path: '/v1/recommendations',
  tags: ['recommendations'],
  summary: 'What somebody may like',
  description:
    'Never empty where the shop has anything to show: somebody unknown gets what is wanted and what sells. What is out of stock ' +
    'stands only where nothing else is left. An event that was accepted counts in the next answer.',
  request: { query: recommendationQuerySchema },
  responses: {
    200: { description: 'Best first, each with its reason', ...json(recommendationsAnswerSchema) },
    ...problemResponses('method-not-allowed', 'validation-failed', 'internal-error', 'not-ready'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/recommendations/models',
  summary: 'The versions of the model, the newest first',
  request: { query: z.object({ limit: z.string().optional(), after: z.string().optional() }) },
  responses: {
    200: { description: 'A page; Link has the next', ...json(pageOf(modelSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/recommendations/models',
  summary: 'Train a new version',
  description: 'It becomes active unless it is worse than the active one. Location has the address to follow it by.',
  request: { body: { required: false, ...json(trainingSchema) } },
  responses: {
    202: { description: 'Its training begins', ...json(modelSchema) },
    ...problemResponses(...CLOSED, ...BODY, 'conflict'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/recommendations/models/{version}',
  summary: 'A version: how far its training is, what it was learnt from, its evaluation and drift',
  request: { params: version },
  responses: {
    200: { description: 'The version', ...json(modelSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/recommendations/models/{version}:activate',
  summary: 'Answer from this version, an older one too',
  request: { params: version },
  responses: {
    200: { description: 'The version, active', ...json(modelSchema) },
    ...problemResponses(...CLOSED, 'not-found', 'conflict'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/recommendations/settings',
  summary: 'The weights of answers and trainings',
  responses: {
    200: { description: 'The weights; ETag is their version', ...json(settingsSchema) },
    304: { description: 'The client has this version' },
    ...problemResponses(...CLOSED),
  },
});
registry.registerPath({
  ...admin,
  method: 'put',
  path: '/v1/admin/recommendations/settings',
  summary: 'Replace the weights',
  request: { headers: z.object({ 'If-Match': z.string() }), body: { required: true, ...json(settingsSchema) } },
  responses: {
    200: { description: 'The weights after it', ...json(settingsSchema) },
    ...problemResponses(...CLOSED, ...BODY, 'precondition-required', 'precondition-failed'),
  },
});
