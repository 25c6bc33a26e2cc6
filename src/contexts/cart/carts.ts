import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { mergeLines, type Line } from '../../kernel/lines';
import { readOffers } from '../catalogue';
import { createQuote, type QuotedCoupon, type QuoteView } from '../pricing';
import { assess, findCoupon, isMeasured, lookUpCoupon, noteExposure } from '../promotions';
import { knownCart, noCart, NO_GROUP, readCart } from './reading';
import { MOST_LINES, MOST_UNITS, shopperOf, visitorsShopper } from './rules';
import type { CartQuoteRequest, CartView, CouponChange } from './schemas';
import * as store from './store';

/** A new cart with these lines, in the caller's transaction. Throws `validation-failed` for a sku that is not for sale, `cart-full`. */
export async function createCart(
  client: pg.PoolClient,
  lines: readonly Line[],
  currency: string,
  visitorId?: string,
): Promise<CartView> {
  await assertForSale(client, lines, (index) => `/lines/${index}/sku`);
  const id = newId('crt');
  const shopper = visitorId === undefined ? null : visitorsShopper(visitorId);
  await store.insertCart(client, { id, currency, shopper });
  await add(client, id, lines);
  return readCart(client, id);
}

/**
 * Adds so many of an article, whatever else happens to the cart at the same moment. Throws `not-found`, `validation-failed` for a
 * sku that is not for sale, `cart-full`, and `precondition-failed` where a version is expected.
 */
export async function addToCart(
  client: pg.PoolClient,
  id: string,
  line: Line,
  expected: number | undefined,
): Promise<CartView> {
  await begin(client, id, expected);
  await assertForSale(client, [line], () => '/sku');
  await add(client, id, [line]);
  return readCart(client, id);
}

/** Sets the quantity of a line. Throws `not-found` for the cart or the line, `precondition-failed`. */
export async function changeQuantity(
  client: pg.PoolClient,
  id: string,
  line: Line,
  expected: number | undefined,
): Promise<CartView> {
  await begin(client, id, expected);
  if (!(await store.setQuantity(client, id, line))) throw noLine(line.sku);
  return readCart(client, id);
}

/** Takes a line out. Throws `not-found` for the cart or the line, `precondition-failed`. */
export async function removeFromCart(
  client: pg.PoolClient,
  id: string,
  sku: string,
  expected: number | undefined,
): Promise<CartView> {
  await begin(client, id, expected);
  if (!(await store.deleteLine(client, id, sku))) throw noLine(sku);
  return readCart(client, id);
}

/**
 * Puts a coupon into the cart, or takes it out. Of one that is held back from some it is noted who has typed it in, and the cart's
 * shopper stays the same from then on: nobody gets it first and then loses it. Throws `not-found`, `precondition-failed`, and
 * `coupon-not-applicable` for one that no basket could use now: the cart then keeps what it had.
 */
export async function setCoupon(
  client: pg.PoolClient,
  id: string,
  { code, visitorId }: CouponChange,
  expected: number | undefined,
): Promise<CartView> {
  const cart = await begin(client, id, expected);
  const terms = code === null ? undefined : await findCoupon(client, code, NO_GROUP);
  let shopper = cart.shopper ?? (visitorId === undefined ? null : visitorsShopper(visitorId));
  if (terms && isMeasured(terms)) {
    shopper = shopperOf({ id, shopper });
    await noteExposure(client, terms, shopper);
  }
  await store.setCoupon(client, id, { coupon: code, shopper });
  return readCart(client, id);
}

/**
 * Brings everything of one cart into another: quantities are added, a coupon comes along where there is none, together with whom it
 * was weighed for, and the cart that was brought is gone. Throws `not-found`, `validation-failed` for the other cart, `cart-full`.
 */
export async function mergeCarts(client: pg.PoolClient, into: string, from: string): Promise<CartView> {
  if (into === from) throw wrong('/cartId', 'same-cart', 'must be another cart');
  const there = await store.lockCarts(client, [into, from]);
  if (!there.has(into)) throw noCart(into);
  const source = await store.findCart(client, from);
  if (!source) throw notTheirs();
  await begin(client, into, undefined);
  await add(client, into, source.lines);
  const target = await knownCart(client, into);
  const comesAlong = source.coupon !== null && target.coupon === null;
  const shopper = comesAlong ? (source.shopper ?? target.shopper) : (target.shopper ?? source.shopper);
  if (comesAlong || shopper !== target.shopper)
    await store.setCoupon(client, into, { coupon: comesAlong ? source.coupon : target.coupon, shopper });
  await store.deleteCart(client, from);
  return readCart(client, into);
}

/**
 * What the cart costs at a destination, as a stored quote: what checkout charges. Throws `not-found`, `cart-empty`, and what
 * pricing says of the destination and the lines, which are in the order of the cart's.
 */
export async function quoteCart(client: pg.PoolClient, id: string, request: CartQuoteRequest): Promise<QuoteView> {
  const { lines, coupon, shopper } = await knownCart(client, id);
  if (lines.length === 0) throw new Problem('cart-empty', 'There is nothing in this cart to be priced');
  const quoted = coupon === null ? undefined : await quotedCoupon(client, { id, coupon, shopper });
  return createQuote(client, { ...request, lines: [...lines] }, NO_GROUP, quoted, shopperOf({ id, shopper }));
}

/** The cart's coupon as pricing needs it; one that is gone takes nothing off, and says so. */
async function quotedCoupon(
  client: store.Queryable,
  cart: { readonly id: string; readonly coupon: string; readonly shopper: string | null },
): Promise<QuotedCoupon> {
  const { id: cartId, coupon: code } = cart;
  const [terms, shopper] = [await lookUpCoupon(client, code), shopperOf(cart)];
  if (!terms) return { id: null, code, cartId, weigh: () => ({ problem: 'unknown' }) };
  return { id: terms.id, code, cartId, weigh: (basket) => assess(terms, { ...basket, shopper }) };
}

/** Locks the cart for this transaction, as its next version. */
async function begin(
  client: pg.PoolClient,
  id: string,
  expected: number | undefined,
): Promise<Pick<store.CartRow, 'shopper'>> {
  const touched = await store.touchCart(client, id, expected);
  if (touched) return touched;
  const { version } = await knownCart(client, id);
  throw new Problem('precondition-failed', `The version is now ${version}, not ${expected}: read it again`);
}

async function add(client: pg.PoolClient, id: string, lines: readonly Line[]): Promise<void> {
  const merged = mergeLines(lines);
  if (merged.length === 0) return;
  const count = await store.addLines(client, id, merged).catch((error: unknown) => {
    if ((error as { constraint?: string }).constraint !== 'cart_lines_quantity_bounded') throw error;
    throw full(`more than ${MOST_UNITS} units of one article`, error);
  });
  if (count > MOST_LINES) throw full(`more than ${MOST_LINES} different articles`);
}

async function assertForSale(
  client: pg.PoolClient,
  lines: readonly Line[],
  pointer: (index: number) => string,
): Promise<void> {
  const offers = await readOffers(
    client,
    lines.map(({ sku }) => sku),
  );
  const violations = lines.flatMap(({ sku }, index): Violation[] =>
    offers.has(sku) ? [] : [{ pointer: pointer(index), code: 'unknown-sku', detail: `"${sku}" is not for sale` }],
  );
  if (violations[0]) throw new Problem('validation-failed', violations[0].detail, { violations });
}

export const notTheirs = (): Problem =>
  wrong('/cartId', 'unknown-reference', 'is no cart that there is, or not the one of this token');
const noLine = (sku: string): Problem => new Problem('not-found', `There is no "${sku}" in this cart`);
const full = (what: string, cause?: unknown): Problem =>
  new Problem('cart-full', `The cart would hold ${what}: nothing was added`, cause === undefined ? {} : { cause });
const wrong = (pointer: string, code: string, detail: string): Problem =>
  new Problem('validation-failed', `The request is not acceptable: ${pointer} ${detail}`, {
    violations: [{ pointer, code, detail }],
  });
