import express, { Router, type Request, type Response } from 'express';
import { Problem } from '../../kernel/errors';
import type { Database } from '../../platform/database';
import { adminCheck, bearerOf, requireAdmin } from '../../platform/http/admin';
import { bodyOf, knownId, PRIVATE, sendNotModified } from '../../platform/http/answers';
import { requestSignal } from '../../platform/http/deadline';
import { versionTag } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { principalOf, setPrincipal } from '../../platform/http/principal';
import { parse } from '../../platform/http/problem';
import { idempotent, startGroups, type Reply } from '../../platform/idempotency';
import { adminRoutes } from './admin-routes';
import { placeOrder, readOffer } from './checkout';
import { placeOrders, readOffers, type Asked } from './checkouts';
import './openapi';
import { cancelOrder, readOrder, readOwnOrder } from './orders';
import { isSettled } from './rules';
import { checkoutQuerySchema, checkoutSchema, orderIdSchema, type OrderView, type PlacedOrder } from './schemas';
import { streamOrder } from './stream';
import { trading, type OrderRouteDependencies } from './trading';
import type { OrderWatch } from './watch';

/** /v1/checkout and /v1/orders for customers; orders, refunds, dispatch and sagas for the back office. */
export function orderRoutes(dependencies: OrderRouteDependencies): Router {
  const { database, adminToken } = dependencies;
  const router = Router();
  const groups = startGroups(dependencies, {
    read: (client, asked: readonly Asked[]) => readOffers(client, trading(dependencies).payments, asked),
    write: async (client, offers) => {
      const ends = await placeOrders(client, trading(dependencies).payments, offers);
      return ends.map((end) => (end === undefined || end instanceof Problem ? end : placedReply(end)));
    },
  });
  router.post(
    '/v1/checkout',
    express.json({ limit: '100kb' }),
    idempotent(
      database,
      'required',
      (req) => {
        const input = parse(checkoutSchema, bodyOf(req), 'The checkout');
        parse(checkoutQuerySchema, req.query, 'The query');
        const actor = principalOf(req);
        const { payments } = trading(dependencies);
        return {
          read: async (client) => {
            const offer = await readOffer(client, input);
            return async () => {
              return placedReply(await placeOrder(client, payments, input, actor, offer));
            };
          },
          offer: (claim) => groups.offer(req, claim, { input, actor }),
        };
      },
      {
        after: async (req, answer, replayed) => {
          const { orders } = trading(dependencies);
          if (!replayed) orders.worker.wake();
          const { wait } = parse(checkoutQuerySchema, req.query, 'The query');
          if (wait === 0 || answer.body === null) return answer;
          const { order, orderToken } = JSON.parse(answer.body) as PlacedOrder;
          const newest = await waitForOrder(database, orders.watch, order.id, wait, requestSignal(req));
          const body: PlacedOrder = { order: newest, orderToken };
          return { ...answer, status: isSettled(newest.state) ? 200 : 202, body: JSON.stringify(body) };
        },
      },
    ),
  );
  const own = ownership(adminToken);
  const readFor = (req: Request): Promise<OrderView> => {
    const id = knownId(req.params.id, orderIdSchema);
    const token = own(req);
    return token === undefined ? readOrder(database.pool, id) : readOwnOrder(database.pool, id, token);
  };
  router.get('/v1/orders/:id', async (req, res) => {
    const order = await readFor(req);
    if (!sendNotModified(req, res, order.version, PRIVATE)) res.json(order);
  });
  router.get('/v1/orders/:id/events', async (req, res) => {
    const order = await readFor(req);
    const { watch } = trading(dependencies).orders;
    await streamOrder(req, res, order, { watch, read: () => readOrder(database.pool, order.id) });
  });
  router.post('/v1/orders/:id/cancellation', async (req: Request, _res: Response, next) => {
    const { id } = await readFor(req);
    if (principalOf(req) === 'anonymous') setPrincipal(req, `customer of ${id}`);
    next();
  });
  router.post(
    '/v1/orders/:id/cancellation',
    idempotent(
      database,
      'required',
      (req) => {
        const id = knownId(req.params.id, orderIdSchema);
        const actor = principalOf(req) === 'admin' ? 'the shop' : 'the customer';
        return async (client) => {
          const order = await cancelOrder(client, id, actor);
          return { status: 202, headers: { ETag: versionTag(order.version), 'Cache-Control': PRIVATE }, body: order };
        };
      },
      {
        after: (_req, answer) => {
          dependencies.orders?.worker.wake();
          return answer;
        },
      },
    ),
  );
  router.use('/v1/admin', requireAdmin(adminToken), adminRoutes(dependencies));
  refuseOtherMethods(router);
  return router;
}

const placedReply = (placed: PlacedOrder): Reply => ({
  status: 202,
  headers: { Location: `/v1/orders/${placed.order.id}`, 'Cache-Control': PRIVATE },
  body: placed,
});

/** The token that a request proves itself with; undefined for the back office's. Throws `unauthenticated` without one. */
function ownership(adminToken: string | undefined): (req: Request) => string | undefined {
  const isAdminToken = adminCheck(adminToken);
  return (req) => {
    const given = bearerOf(req);
    if (given === undefined)
      throw new Problem('unauthenticated', 'Send the orderToken that the checkout answered as a bearer token');
    if (!isAdminToken(given)) return given;
    setPrincipal(req, 'admin');
    return undefined;
  };
}

/** How often an order is looked at without having been told of. */
const LOOK_MS = 500;

/** The newest state of an order: when it has nothing more to tell for now, or when `ms` are over. */
async function waitForOrder(
  database: Database,
  watch: OrderWatch,
  id: string,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<OrderView> {
  const end = performance.now() + ms;
  for (;;) {
    // Listening begins before the look: what happens between the two is not missed.
    const news = watch.next(id, Math.min(LOOK_MS, Math.max(0, end - performance.now())), signal);
    const order = await readOrder(database.pool, id);
    // The customer has to act: they are not kept waiting for themselves.
    const theirTurn = (order.payment?.nextAction ?? null) !== null;
    if (isSettled(order.state) || theirTurn || performance.now() >= end || signal?.aborted || watch.closed)
      return order;
    await news;
  }
}
