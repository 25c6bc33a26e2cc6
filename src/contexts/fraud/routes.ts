import express, { Router } from 'express';
import type { Database } from '../../platform/database';
import { requireAdmin } from '../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendNotModified, sendPage } from '../../platform/http/answers';
import { versionTag } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { principalOf } from '../../platform/http/principal';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import { browseReviews, decideReview, readReview } from './assessments';
import './openapi';
import { decisionSchema, reviewIdSchema, reviewQuerySchema } from './schemas';

export interface FraudRouteDependencies {
  readonly database: Database;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

/** /v1/admin/fraud-reviews for the back office. */
export function fraudRoutes({ database, adminToken }: FraudRouteDependencies): Router {
  const router = Router();
  const admin = Router();
  admin.use(express.json({ limit: '20kb' }));
  admin.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  admin.get('/fraud-reviews', async (req, res) => {
    sendPage(req, res, await browseReviews(database.pool, parse(reviewQuerySchema, req.query, 'The query')), PRIVATE);
  });
  admin.get('/fraud-reviews/:id', async (req, res) => {
    const review = await readReview(database.pool, knownId(req.params.id, reviewIdSchema));
    if (!sendNotModified(req, res, review.version, PRIVATE)) res.json(review);
  });
  admin.post(
    '/fraud-reviews/:id/decision',
    idempotent(database, 'required', (req) => {
      const id = knownId(req.params.id, reviewIdSchema);
      const input = parse(decisionSchema, bodyOf(req), 'The decision');
      const by = principalOf(req);
      return async (client) => {
        const review = await decideReview(client, id, input, by);
        return { status: 200, headers: { ETag: versionTag(review.version) }, body: review };
      };
    }),
  );
  refuseOtherMethods(admin);
  router.use('/v1/admin', requireAdmin(adminToken), admin);
  return router;
}
