import { Router } from 'express';
import { Problem } from '../../kernel/errors';
import type { Database } from '../database';
import { idempotent } from '../idempotency';
import type { Outbox } from '../outbox';
import { requireAdmin } from './admin';
import { knownId, PRIVATE } from './answers';
import { refuseOtherMethods } from './methods';
import { CLOSED, idempotencyKey, json, KEY_PROBLEMS, problemResponses, registry } from './openapi';
import { pageQuery } from './fields';
import { parse } from './problem';
import { z } from './zod';

export const letterSchema = z
  .object({
    id: z.string(),
    group: z.string().describe('The consumer that could not apply it.'),
    aggregate: z.string(),
    version: z.int(),
    type: z.string(),
    state: z.enum(['retrying', 'dead', 'waiting']),
    attempts: z.int(),
    error: z.string().nullable(),
    createdAt: z.iso.datetime(),
  })
  .openapi('DeadLetter');

const letterIdSchema = z.string().regex(/^\d{1,18}$/);

const querySchema = z.strictObject({
  group: z.string().max(100).optional(),
  limit: pageQuery.limit,
});

const admin = { tags: ['events: back office'], security: [{ admin: [] }] };
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/dead-letters',
  summary: 'Events that a consumer could not apply, and those that wait behind them',
  request: { query: z.object({ group: z.string().optional(), limit: z.string().optional() }) },
  responses: {
    200: { description: 'The oldest first', ...json(z.object({ data: z.array(letterSchema) })) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/dead-letters/{id}/replay',
  summary: 'Try a given-up event again, and what waits behind it; doing it twice does it once',
  request: { params: z.object({ id: z.string() }), headers: idempotencyKey('accepted') },
  responses: {
    202: { description: 'It is tried again', ...json(letterSchema) },
    ...problemResponses(...CLOSED, 'not-found', ...KEY_PROBLEMS),
  },
});

/** What was given up, for the person on call: /v1/admin/dead-letters and its replay. */
export function deadLetterRoutes({
  database,
  outbox,
  adminToken,
}: {
  readonly database: Pick<Database, 'transaction'>;
  readonly outbox: Pick<Outbox, 'findDeadLetter' | 'allDeadLetters' | 'replay' | 'wake'>;
  readonly adminToken: string | undefined;
}): Router {
  const router = Router();
  const back = Router();
  back.get('/dead-letters', async (req, res) => {
    const { group, limit } = parse(querySchema, req.query, 'The query');
    res.set('Cache-Control', PRIVATE).json({ data: await outbox.allDeadLetters(group, limit) });
  });
  back.post(
    '/dead-letters/:id/replay',
    idempotent(
      database,
      'accepted',
      (req) => {
        const id = knownId(req.params.id, letterIdSchema);
        return async (client) => {
          const letter = await outbox.findDeadLetter(id, client);
          if (!letter) throw new Problem('not-found', `There is no dead letter ${id}`);
          await outbox.replay({ group: letter.group, aggregate: letter.aggregate }, client);
          const after = (await outbox.findDeadLetter(id, client)) ?? letter;
          return { status: 202, headers: { 'Cache-Control': PRIVATE }, body: after };
        };
      },
      {
        after: (_req, answer) => {
          outbox.wake();
          return answer;
        },
      },
    ),
  );
  refuseOtherMethods(back);
  router.use('/v1/admin', requireAdmin(adminToken), back);
  return router;
}
