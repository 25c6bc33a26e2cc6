import { Router } from 'express';
import { Problem } from '../../kernel/errors';
import type { BusLetters } from '../bus';
import { notReady } from '../resilience/guard';
import { requireAdmin } from './admin';
import { PRIVATE } from './answers';
import { letterSchema } from './dead-letters';
import { pageQuery } from './fields';
import { refuseOtherMethods } from './methods';
import { CLOSED, json, problemResponses, registry } from './openapi';
import { parse } from './problem';
import { z } from './zod';

const querySchema = z.strictObject({
  group: z.string().max(64).optional(),
  limit: pageQuery.limit,
});

const admin = { tags: ['events: back office'], security: [{ admin: [] }] };
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/bus/dead-letters',
  summary: 'Events that a reader of the bus could not apply, and those that wait behind them',
  request: { query: z.object({ group: z.string().optional(), limit: z.string().optional() }) },
  responses: {
    200: {
      description: 'The oldest of a group first; none without REDIS_URL',
      ...json(z.object({ data: z.array(letterSchema) })),
    },
    ...problemResponses(...CLOSED, 'validation-failed', 'not-ready'),
  },
});
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/bus/dead-letters/{id}/replay',
  summary: 'Have the reader try an event again, and what waits behind it; doing it twice does it once',
  request: { params: z.object({ id: z.string() }) },
  responses: {
    202: { description: 'It is tried again as soon as a reader runs', ...json(letterSchema) },
    ...problemResponses(...CLOSED, 'not-found', 'conflict', 'not-ready'),
  },
});

/** The dead letters of other systems: those of the shop's own consumers are in the database, and at /v1/admin/dead-letters. */
export function busLetterRoutes({
  letters,
  adminToken,
}: {
  /** Undefined without REDIS_URL. */
  readonly letters: BusLetters | undefined;
  readonly adminToken: string | undefined;
}): Router {
  const router = Router();
  const back = Router();
  back.get('/dead-letters', async (req, res) => {
    const { group, limit } = parse(querySchema, req.query, 'The query');
    const data = letters ? await reached(letters.list(group, limit)) : [];
    res.set('Cache-Control', PRIVATE).json({ data });
  });
  back.post('/dead-letters/:id/replay', async (req, res) => {
    const letter = await reached(Promise.resolve(letters?.find(req.params.id)));
    if (!letters || !letter) throw new Problem('not-found', `There is no dead letter ${req.params.id}`);
    if (letter.aggregate === '')
      throw new Problem('conflict', `${letter.id} is no event, and nobody can apply it: ${letter.error ?? ''}`);
    await reached(letters.replay({ group: letter.group, aggregate: letter.aggregate }));
    const after = (await reached(letters.find(letter.id))) ?? letter;
    res.status(202).set('Cache-Control', PRIVATE).json(after);
  });
  refuseOtherMethods(back);
  router.use('/v1/admin/bus', requireAdmin(adminToken), back);
  return router;
}

async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    throw notReady('Redis, which holds these letters, does not answer; they are not lost', cause);
  }
}
