import { BODY, json, problemResponses, registry } from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import { batchResultSchema, eventBatchSchema } from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

registry.registerPath({
  tags: ['tracking'],
  method: 'post',
  path: '/v1/events:batch',
  summary: 'Tell what visitors did: up to 500 events',
  description:
    'Each event is taken or refused by itself. An answer of 200 says what became of each, and that the accepted ones survive a crash. An event that is sent again under its id is a duplicate and counts once. Where events go through a Redis stream, `duplicates` are only those that are twice in the request: which were stored before shows when they get to PostgreSQL, and then in the metrics.',
  request: {
    body: {
      required: true,
      content: {
        ...json(eventBatchSchema).content,
        'application/x-ndjson': { schema: z.string().describe('One TrackedEvent a line.') },
      },
    },
  },
  responses: {
    200: { description: 'What became of each event', ...json(batchResultSchema) },
    ...problemResponses(...BODY, 'overloaded', 'not-ready', 'deadline-exceeded'),
  },
});
