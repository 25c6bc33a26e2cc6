import type { RequestHandler } from 'express';
import { cartRoutes, KeptCarts } from '../../../src/contexts/cart';
import { pricingRoutes, seedDemoRates } from '../../../src/contexts/pricing';
import { promotionRoutes } from '../../../src/contexts/promotions';
import type { Database } from '../../../src/platform/database';
import { insist, openShop, TOKEN, type Answer, type Shop } from '../inventory/shop';

export const SECRET = 'a-secret-for-these-tests-that-is-long-enough';

/** A cart as its owner sees it. */
export interface Cart {
  readonly id: string;
  readonly token: string;
  /** Sends its token, and nothing else that is not given. */
  ask(method: string, where?: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** What it holds: quantities by sku. */
  held(): Promise<Record<string, number>>;
}

export interface CartShop extends Shop {
  readonly cart: (lines?: { sku: string; quantity?: number }[]) => Promise<Cart>;
  readonly cartOf: (id: string, token: string) => Cart;
  /** Adds a coupon: 10 % off, unless it says otherwise. */
  readonly coupon: (code: string, more?: Record<string, unknown>) => Promise<string>;
  /** Sets what a product costs. */
  readonly costs: (sku: string, amount: number) => Promise<void>;
}

/** Catalogue, inventory, pricing and carts behind a real server. `kept` is what reads are answered with where it holds. */
export async function openCartShop(
  kept = new KeptCarts({ cacheBytes: 1 << 20 }),
  more: (database: Database) => RequestHandler[] = () => [],
): Promise<CartShop> {
  const shop = await openShop((database) => [
    pricingRoutes({ database, adminToken: TOKEN }),
    promotionRoutes({ database, adminToken: TOKEN }),
    cartRoutes({ database, kept, currency: 'GBP', secret: SECRET }),
    ...more(database),
  ]);
  await seedDemoRates(shop.database);
  const cartOf: CartShop['cartOf'] = (id, token) => {
    const ask: Cart['ask'] = (method, where = '', body, headers = {}) =>
      insist(() => shop.ask(method, `/v1/carts/${id}${where}`, body, { 'Cart-Token': token, ...headers }));
    return {
      id,
      token,
      ask,
      held: async () => quantitiesIn((await ask('GET')).body),
    };
  };
  return {
    ...shop,
    cartOf,
    cart: async (lines = []) => {
      const { status, body } = await insist(() => shop.ask('POST', '/v1/carts', { lines }));
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return cartOf(body.id, body.token);
    },
    coupon: async (code, more = {}) => {
      const given = 'amounts' in more ? {} : { percent: '10' };
      const { status, body } = await shop.admin('POST', '/coupons', { code, name: code, ...given, ...more });
      if (status !== 201) throw new Error(`${status}: ${JSON.stringify(body)}`);
      return body.id;
    },
    costs: async (sku, amount) => {
      await shop.database.pool.query('update products set price_amount = $2 where sku = $1', [sku, amount]);
    },
  };
}

export const quantitiesIn = (cart: { lines: { sku: string; quantity: number }[] }): Record<string, number> =>
  Object.fromEntries(cart.lines.map(({ sku, quantity }) => [sku, quantity]));

export const told = ({ status, body }: Answer): unknown[] => [status, body?.code];
