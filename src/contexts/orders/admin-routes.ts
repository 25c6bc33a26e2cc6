import express, { Router } from 'express';
import { bodyOf, knownId, PRIVATE, sendPage } from '../../platform/http/answers';
import { versionTag } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { principalOf } from '../../platform/http/principal';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import { browseOrders, browseSagas, dispatchOrder, readOrderDetails, requestRefund } from './orders';
import { trading, type OrderRouteDependencies } from './trading';
import { orderIdSchema, orderQuerySchema, refundRequestSchema, refundSchema, sagaQuerySchema } from './schemas';

/** Orders, their dispatch and refunds, and the sagas behind them. */
export function adminRoutes(dependencies: OrderRouteDependencies): Router {
  const { database, payments, orders } = dependencies;
  const router = Router();
  router.use(express.json({ limit: '100kb' }));
  router.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  const wake = { after: <T>(_req: unknown, answer: T): T => (orders?.worker.wake(), answer) };
  router.get('/orders', async (req, res) => {
    sendPage(req, res, await browseOrders(database.pool, parse(orderQuerySchema, req.query, 'The query')), PRIVATE);
  });
  router.get('/orders/:id', async (req, res) => {
    const id = knownId(req.params.id, orderIdSchema);
    res.json(await readOrderDetails(database.pool, payments, id));
  });
  router.post(
    '/orders/:id/dispatch',
    idempotent(
      database,
      'required',
      (req) => {
        const id = knownId(req.params.id, orderIdSchema);
        const actor = principalOf(req);
        return async (client) => {
          const order = await dispatchOrder(client, id, actor);
          return { status: 202, headers: { ETag: versionTag(order.version) }, body: order };
        };
      },
      wake,
    ),
  );
  router.post(
    '/orders/:id/refunds',
    idempotent(
      database,
      'required',
      (req) => {
        const id = knownId(req.params.id, orderIdSchema);
        const input = parse(refundRequestSchema, bodyOf(req), 'The refund');
        const actor = principalOf(req);
        const { payments } = trading(dependencies);
        return async (client) => {
          const refund = await requestRefund(client, payments, id, input, actor);
          return { status: 202, body: refundSchema.parse(refund) };
        };
      },
      wake,
    ),
  );
  router.get('/sagas', async (req, res) => {
    sendPage(req, res, await browseSagas(database.pool, parse(sagaQuerySchema, req.query, 'The query')), PRIVATE);
  });
  refuseOtherMethods(router);
  return router;
}
