import express, { Router } from 'express';
import type { Database } from '../../platform/database';
import { requireAdmin } from '../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendPage } from '../../platform/http/answers';
import { ifMatchVersion, versionTag } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import { browseCoupons, changeCoupon, createCoupon, deleteCoupon, readCoupon } from './coupons';
import './openapi';
import { couponChangeSchema, couponIdSchema, couponQuerySchema, newCouponSchema } from './schemas';

export interface PromotionRouteDependencies {
  readonly database: Database;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

/** /v1/admin/coupons: what customers do with a coupon, they do with their cart. */
export function promotionRoutes({ database, adminToken }: PromotionRouteDependencies): Router {
  const router = Router();
  const admin = Router();
  router.use('/v1/admin', requireAdmin(adminToken), admin);
  admin.use(express.json({ limit: '100kb' }));
  admin.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  admin.get('/coupons', async (req, res) => {
    sendPage(req, res, await browseCoupons(database.pool, parse(couponQuerySchema, req.query, 'The query')), PRIVATE);
  });
  admin.post(
    '/coupons',
    idempotent(database, 'accepted', (req) => {
      const input = parse(newCouponSchema, bodyOf(req), 'The coupon');
      return async (client) => {
        const coupon = await createCoupon(client, input);
        const headers = { Location: `/v1/admin/coupons/${coupon.id}`, ETag: versionTag(coupon.version) };
        return { status: 201, headers, body: coupon };
      };
    }),
  );
  admin.get('/coupons/:id', async (req, res) => {
    const coupon = await readCoupon(database.pool, knownId(req.params.id, couponIdSchema));
    res.set('ETag', versionTag(coupon.version)).json(coupon);
  });
  admin.patch('/coupons/:id', async (req, res) => {
    const id = knownId(req.params.id, couponIdSchema);
    const expected = ifMatchVersion(req);
    const change = parse(couponChangeSchema, bodyOf(req), 'The change');
    const coupon = await database.transaction((client) => changeCoupon(client, id, change, expected));
    res.set('ETag', versionTag(coupon.version)).json(coupon);
  });
  admin.delete('/coupons/:id', async (req, res) => {
    const id = knownId(req.params.id, couponIdSchema);
    await database.transaction((client) => deleteCoupon(client, id));
    res.status(204).end();
  });
  refuseOtherMethods(router);
  return router;
}
