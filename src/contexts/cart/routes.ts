import express, { Router, type Request, type RequestHandler } from 'express';
import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import type { Database } from '../../platform/database';
import { bodyOf, knownId, PRIVATE } from '../../platform/http/answers';
import { ifMatchVersion, versionTag } from '../../platform/http/etag';
import { refuseOtherMethods } from '../../platform/http/methods';
import { setPrincipal } from '../../platform/http/principal';
import { parse } from '../../platform/http/problem';
import { idempotent, type Effect, type Reply } from '../../platform/idempotency';
import { skuSchema } from '../catalogue';
import * as carts from './carts';
import type { KeptCarts } from './kept';
import './openapi';
import { noCart, readCartKept } from './reading';
import {
  cartIdSchema,
  cartQuoteSchema,
  couponChangeSchema,
  lineChangeSchema,
  mergeSchema,
  newCartSchema,
  newLineSchema,
  tokenSchema,
  type CartView,
} from './schemas';
import { isTokenOf, signCart } from './token';

export interface CartRouteDependencies {
  readonly database: Database;
  /** What reads are answered with where it still holds. */
  readonly kept: KeptCarts;
  /** The shop's: what new carts are in. */
  readonly currency: string;
  /** Signs the tokens of carts. All processes of a shop need the same. */
  readonly secret: string;
}

type Change = (client: pg.PoolClient, id: string, expected: number | undefined) => Promise<CartView>;

/** /v1/carts: for everybody to make, and for whoever has its token to read and change. */
export function cartRoutes({ database, kept, currency, secret }: CartRouteDependencies): Router {
  const router = Router();
  const json = express.json({ limit: '100kb' });
  const own = ownCart(secret);
  const changingOnce = (prepare: (req: Request) => Effect): RequestHandler =>
    idempotent(database, 'accepted', prepare, {
      after: (_req, answer, replayed) => {
        if (!replayed && answer.body !== null) kept.changed(JSON.parse(answer.body) as CartView);
        return answer;
      },
    });
  const changing = changingFrom(database, kept);

  router.post(
    '/v1/carts',
    json,
    neverKept,
    changingOnce((req) => {
      const { lines, visitorId } = parse(newCartSchema, req.body ?? {}, 'The cart');
      return async (client) => {
        const cart = await carts.createCart(client, lines, currency, visitorId);
        const { status, headers, body } = shown(cart, 201);
        return {
          status,
          headers: { ...headers, Location: `/v1/carts/${cart.id}` },
          body: { ...(body as CartView), token: signCart(secret, cart.id) },
        };
      };
    }),
  );
  router.get('/v1/carts/:id', own, async (req, res) => {
    const cart = await readCartKept(database.pool, kept, idOf(req));
    // Never 304: prices and stock change without the cart's version.
    res.set('ETag', versionTag(cart.version)).json(cart);
  });
  router.post(
    '/v1/carts/:id/lines',
    own,
    json,
    changingOnce((req) => {
      const expected = req.headers['if-match'] === undefined ? undefined : ifMatchVersion(req);
      const line = parse(newLineSchema, bodyOf(req), 'The line');
      return async (client) => shown(await carts.addToCart(client, idOf(req), line, expected), 201);
    }),
  );
  router.patch(
    '/v1/carts/:id/lines/:sku',
    own,
    json,
    changing((req) => {
      const { quantity } = parse(lineChangeSchema, bodyOf(req), 'The change');
      const sku = skuOf(req);
      return (client, id, expected) => carts.changeQuantity(client, id, { sku, quantity }, expected);
    }),
  );
  router.delete(
    '/v1/carts/:id/lines/:sku',
    own,
    changing((req) => {
      const sku = skuOf(req);
      return (client, id, expected) => carts.removeFromCart(client, id, sku, expected);
    }),
  );
  router.put(
    '/v1/carts/:id/coupon',
    own,
    json,
    changing((req) => {
      const change = parse(couponChangeSchema, bodyOf(req), 'The coupon');
      return (client, id, expected) => carts.setCoupon(client, id, change, expected);
    }),
  );
  router.post(
    '/v1/carts/:id/merge',
    own,
    json,
    changingOnce((req) => {
      const { cartId, token } = parse(mergeSchema, bodyOf(req), 'The merge');
      if (!isTokenOf(secret, cartId, token)) throw carts.notTheirs();
      return async (client) => shown(await carts.mergeCarts(client, idOf(req), cartId), 200);
    }),
  );
  router.post(
    '/v1/carts/:id/quotes',
    own,
    json,
    idempotent(database, 'accepted', (req) => {
      const request = parse(cartQuoteSchema, bodyOf(req), 'The request');
      return async (client) => {
        const quote = await carts.quoteCart(client, idOf(req), request);
        return { status: 201, headers: { Location: `/v1/quotes/${quote.id}` }, body: quote };
      };
    }),
  );
  refuseOtherMethods(router);
  return router;
}

/** Lets a request through whose Cart-Token is the one of the cart in its path. Throws `not-found`: a cart is nobody else's business. */
function ownCart(secret: string): RequestHandler {
  return (req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    const id = knownId(req.params.id, cartIdSchema);
    const token = req.headers['cart-token'];
    if (typeof token !== 'string' || !tokenSchema.safeParse(token).success || !isTokenOf(secret, id, token))
      throw noCart(id);
    // Keys of idempotency are the cart's own.
    setPrincipal(req, `cart ${id}`);
    next();
  };
}

const neverKept: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', PRIVATE);
  next();
};

/** A change that is based on a version: If-Match is needed. `prepare` reads the request before a transaction begins. */
function changingFrom(database: Database, kept: KeptCarts): (prepare: (req: Request) => Change) => RequestHandler {
  return (prepare) => async (req, res) => {
    const expected = ifMatchVersion(req);
    const change = prepare(req);
    const cart = await database.transaction((client) => change(client, idOf(req), expected));
    kept.changed(cart);
    res.set('ETag', versionTag(cart.version)).json(cart);
  };
}

const idOf = (req: Request): string => String(req.params.id);

/** The sku of a path. What cannot be one is in no cart. */
function skuOf(req: Request): string {
  const sku = skuSchema.safeParse(req.params.sku);
  if (!sku.success) throw new Problem('not-found', `There is no "${String(req.params.sku)}" in this cart`);
  return sku.data;
}

const shown = (cart: CartView, status: number): Reply => ({
  status,
  headers: { ETag: versionTag(cart.version) },
  body: cart,
});
