import express, { Router } from 'express';
import type { Database } from '../../platform/database';
import { requireAdmin } from '../../platform/http/admin';
import { bodyOf, PRIVATE, sendNotModified, sendPage } from '../../platform/http/answers';
import { ifMatchVersion, versionTag } from '../../platform/http/etag';
import { pageQuery } from '../../platform/http/fields';
import { refuseOtherMethods } from '../../platform/http/methods';
import { principalOf } from '../../platform/http/principal';
import { parse } from '../../platform/http/problem';
import { z } from '../../platform/http/zod';
import { Problem } from '../../kernel/errors';
import type { Recommendations } from './background';
import { activate, askForTraining, browseModels, readModel } from './models';
import './openapi';
import { recommendationQuerySchema, trainingSchema } from './schemas';
import { settingsSchema } from './settings';
import { changeSettings, readSettings } from './weights';

export interface RecommendationRouteDependencies {
  readonly database: Database;
  readonly recommendations: Pick<Recommendations, 'answer' | 'renew'>;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

const modelQuerySchema = z.strictObject(pageQuery);

/** /v1/recommendations for everybody, and the back office of its models and weights. */
export function recommendationRoutes(deps: RecommendationRouteDependencies): Router {
  const { database, recommendations, adminToken } = deps;
  const router = Router();
  router.get('/v1/recommendations', async (req, res) => {
    const query = parse(recommendationQuerySchema, req.query, 'The query');
    res.set('Cache-Control', PRIVATE).json(await recommendations.answer(query));
  });
  const admin = Router();
  admin.use(express.json({ limit: '20kb' }));
  admin.get('/models', async (req, res) => {
    sendPage(req, res, await browseModels(database.pool, parse(modelQuerySchema, req.query, 'The query')), PRIVATE);
  });
  admin.get('/models/:version', async (req, res) => {
    res.set('Cache-Control', PRIVATE).json(await readModel(database.pool, versionOf(req.params.version)));
  });
  admin.post('/models', async (req, res) => {
    const input = parse(trainingSchema, req.body ?? {}, 'The training');
    const model = await askForTraining(database.pool, input, principalOf(req));
    await recommendations.renew();
    res.status(202).set({ Location: `/v1/admin/recommendations/models/${model.version}`, 'Cache-Control': PRIVATE });
    res.json(model);
  });
  // A colon begins a parameter in a path, unless it is escaped.
  admin.post<string, { version: string }>('/models/:version\\:activate', async (req, res) => {
    const model = await activate(database, versionOf(req.params.version), principalOf(req));
    await recommendations.renew();
    res.set('Cache-Control', PRIVATE).json(model);
  });
  admin.get('/settings', async (req, res) => {
    const { version, settings } = await readSettings(database.pool);
    if (!sendNotModified(req, res, version, PRIVATE)) res.json(settings);
  });
  admin.put('/settings', async (req, res) => {
    const expected = ifMatchVersion(req);
    const input = parse(settingsSchema, bodyOf(req), 'The settings');
    const { version, settings } = await changeSettings(database.pool, input, expected);
    await recommendations.renew();
    res.set({ ETag: versionTag(version), 'Cache-Control': PRIVATE }).json(settings);
  });
  refuseOtherMethods(admin);
  refuseOtherMethods(router);
  router.use('/v1/admin/recommendations', requireAdmin(adminToken), admin);
  return router;
}

/** Throws `not-found` for what can be no version. */
function versionOf(given: string | string[] | undefined): number {
  if (typeof given !== 'string' || !/^[1-9]\d{0,8}$/.test(given))
    throw new Problem('not-found', `There is no version ${String(given)}`);
  return Number(given);
}
