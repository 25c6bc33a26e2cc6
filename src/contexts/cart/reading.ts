import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { together } from '../../platform/database';
import { readOffers, type Offer } from '../catalogue';
import { readAvailability } from '../inventory';
import { couponOff } from '../pricing';
import { assess, lookUpCoupon, type CouponTerms } from '../promotions';
import type { KeptCarts } from './kept';
import { priceCart, shopperOf } from './rules';
import type { CartView } from './schemas';
import * as store from './store';

/** What a group pays is for the back office to say: a cart has none. */
export const NO_GROUP = null;

/** A cart with the prices and the stock of this moment. Throws `not-found`, also from its time on, by the database's clock. */
export async function readCart(client: pg.ClientBase, id: string): Promise<CartView> {
  const cart = await knownCart(client, id);
  return show(cart, await readShelf(client, cart));
}

/**
 * The same for whoever only reads: what the cart held when this process last saw it goes along as a guess, so that one round trip
 * asks for the cart, prices and stock. Where the guess is wrong the database has answered with what the cart holds.
 */
export async function readCartKept(pool: pg.Pool, kept: KeptCarts, id: string): Promise<CartView> {
  const guess = kept.find(id);
  const client = await pool.connect();
  try {
    if (!guess) {
      kept.count('unknown');
      const cart = await knownCart(client, id);
      kept.keep(keptOf(cart));
      return show(cart, await readShelf(client, cart));
    }
    const [found, shelf] = await together([store.findChangedCart(client, guess), readShelf(client, guess)]);
    if (!found) throw noCart(id);
    const { lines } = found;
    kept.count(lines ? 'wrong' : 'right');
    if (!lines) return show({ ...found, lines: guess.lines }, shelf);
    const cart = { ...found, lines };
    kept.replace(keptOf(cart));
    return show(cart, await readShelf(client, cart));
  } finally {
    client.release();
  }
}

export async function knownCart(client: store.Queryable, id: string): Promise<store.CartRow> {
  const cart = await store.findCart(client, id);
  if (!cart) throw noCart(id);
  return cart;
}

/** The same for a cart that never was, is gone, or is somebody else's. */
export const noCart = (id: string): Problem => new Problem('not-found', `There is no cart ${id} for this Cart-Token`);

const keptOf = (cart: store.CartRow): store.KeptCart => ({ ...cart, updatedAt: cart.updatedAt.toISOString() });

/** What others say of what a cart holds. */
interface Shelf {
  readonly offers: ReadonlyMap<string, Offer>;
  readonly stock: ReadonlyMap<string, number>;
  /** Undefined for a coupon that is gone, or none. */
  readonly terms: CouponTerms | undefined;
}

/** Asks all of them at once. */
async function readShelf(client: pg.ClientBase, { lines, coupon }: Contents): Promise<Shelf> {
  const skus = lines.map(({ sku }) => sku);
  const none = Promise.resolve(undefined);
  const [offers, stock, terms] = await together([
    readOffers(client, skus),
    readAvailability(client, skus),
    coupon === null ? none : lookUpCoupon(client, coupon),
  ]);
  return { offers, stock, terms };
}

type Contents = Pick<store.CartRow, 'lines' | 'coupon'>;

function show(cart: store.CartRow, { offers, stock, terms }: Shelf): CartView {
  const { id, currency, version, expiresAt, createdAt, updatedAt } = cart;
  const priced = priceCart(cart.lines, currency, offers, stock);
  return {
    id,
    currency,
    ...priced,
    coupon: weighCoupon(cart, terms, priced.subtotal.amount),
    version,
    expiresAt: expiresAt.toISOString(),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

/** What the cart's coupon would take off the catalogue's prices. A quote says what it really does. */
function weighCoupon(
  { currency, coupon: code, ...cart }: store.CartRow,
  terms: CouponTerms | undefined,
  subtotal: number,
): CartView['coupon'] {
  if (code === null) return null;
  const basket = { currency, subtotal, group: NO_GROUP, shopper: shopperOf(cart) };
  const weighed = terms ? assess(terms, basket) : { problem: 'unknown' as const };
  if (weighed.problem !== null) return { code, applied: false, problem: weighed.problem, discount: null };
  const discount = { amount: couponOff(weighed.off, subtotal, 'half-up'), currency };
  return { code, applied: true, problem: null, discount };
}
