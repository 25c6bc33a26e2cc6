import express, { Router } from 'express';
import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import { requireAdmin } from '../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendNotModified, sendPage } from '../../platform/http/answers';
import { ifMatchVersion, versionTag } from '../../platform/http/etag';
import { pageQuery } from '../../platform/http/fields';
import { refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import { z } from '../../platform/http/zod';
import { idempotent } from '../../platform/idempotency';
import {
  assignVariants,
  browseExperiments,
  changeExperiment,
  createExperiment,
  readExperiment,
  readResults,
  type CountOutcomes,
} from './experiments';
import './openapi';
import { assignmentQuerySchema, experimentChangeSchema, experimentKeySchema, newExperimentSchema } from './schemas';

export interface ExperimentRouteDependencies {
  readonly database: Database;
  readonly countOutcomes: CountOutcomes;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
  readonly clock?: Clock;
}

const pageQuerySchema = z.strictObject(pageQuery);

/** GET /v1/experiments/assignments for everybody; /v1/admin/experiments for the back office. */
export function experimentRoutes({
  database,
  countOutcomes,
  adminToken,
  clock = systemClock,
}: ExperimentRouteDependencies): Router {
  const router = Router();
  router.get('/v1/experiments/assignments', async (req, res) => {
    const { visitor } = parse(assignmentQuerySchema, req.query, 'The query');
    res.set('Cache-Control', PRIVATE).json({ data: await assignVariants(database.pool, visitor) });
  });
  const admin = Router();
  admin.use(express.json({ limit: '20kb' }));
  admin.get('/experiments', async (req, res) => {
    const query = parse(pageQuerySchema, req.query, 'The query');
    sendPage(req, res, await browseExperiments(database.pool, query), PRIVATE);
  });
  admin.post(
    '/experiments',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newExperimentSchema, bodyOf(req), 'The experiment');
      return async (client) => {
        const made = await createExperiment(client, input);
        const headers = { Location: `/v1/admin/experiments/${made.key}`, ETag: versionTag(made.version) };
        return { status: 201, headers, body: made };
      };
    }),
  );
  admin.get('/experiments/:key', async (req, res) => {
    const experiment = await readExperiment(database.pool, knownId(req.params.key, experimentKeySchema));
    if (!sendNotModified(req, res, experiment.version, PRIVATE)) res.json(experiment);
  });
  admin.patch('/experiments/:key', async (req, res) => {
    const expected = ifMatchVersion(req);
    const change = parse(experimentChangeSchema, bodyOf(req), 'The change');
    const key = knownId(req.params.key, experimentKeySchema);
    const changed = await changeExperiment(database.pool, key, expected, change);
    res.set({ 'Cache-Control': PRIVATE, ETag: versionTag(changed.version) }).json(changed);
  });
  admin.get('/experiments/:key/results', async (req, res) => {
    const key = knownId(req.params.key, experimentKeySchema);
    res.set('Cache-Control', PRIVATE).json(await readResults(database.pool, countOutcomes, key, clock.now()));
  });
  refuseOtherMethods(router);
  refuseOtherMethods(admin);
  router.use('/v1/admin', requireAdmin(adminToken), admin);
  return router;
}
