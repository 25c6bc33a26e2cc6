import { createHash } from 'node:crypto';
import { toSafe } from '../../kernel/exact';
import type { Line } from '../../kernel/lines';
import type { Money } from '../../kernel/money';
import type { Offer } from '../catalogue';

/** Pure decisions of carts: no I/O, no clock, no randomness. */

export const MOST_LINES = 100;
export const MOST_UNITS = 1_000_000;

/**
 * Who a visitor is where a coupon is measured: the same for all of their carts. A digest, so that an order does not lead to what
 * its customer looked at.
 */
export const visitorsShopper = (visitorId: string): string =>
  `visitor:${createHash('sha256').update(visitorId).digest('hex').slice(0, 32)}`;

/** Who a cart is counted as where a coupon is measured: of nobody in particular, as itself. */
export const shopperOf = ({ id, shopper }: { readonly id: string; readonly shopper: string | null }): string =>
  shopper ?? id;

/**
 * What stands between a line and its checkout. `other-currency`: the price is not in the cart's currency, a quote exchanges it;
 * `too-large`: the sum is more than an amount can be.
 */
export type LineProblem = 'not-for-sale' | 'out-of-stock' | 'short-of-stock' | 'other-currency' | 'too-large';

export interface PricedLine extends Line {
  readonly productId: string | null;
  readonly name: string | null;
  readonly image: string | null;
  readonly unitPrice: Money | null;
  /** Null where it is not in the subtotal. */
  readonly total: Money | null;
  readonly available: number;
  readonly problem: LineProblem | null;
}

export interface PricedCart {
  readonly lines: PricedLine[];
  readonly units: number;
  /** The exact sum of the lines' totals. */
  readonly subtotal: Money;
  /** Whether there is something in it, and no line has a problem. */
  readonly ready: boolean;
}

/**
 * Puts prices and stock as they are now to what a cart holds. Never throws: a line that cannot be summed says why, and is left
 * out of the subtotal.
 */
export function priceCart(
  lines: readonly Line[],
  currency: string,
  offers: ReadonlyMap<string, Offer>,
  stock: ReadonlyMap<string, number>,
): PricedCart {
  let subtotal = 0n;
  const priced = lines.map(({ sku, quantity }): PricedLine => {
    const offer = offers.get(sku);
    const available = stock.get(sku) ?? 0;
    const total = offer?.price.currency === currency ? BigInt(offer.price.amount) * BigInt(quantity) : undefined;
    const fits = total !== undefined && subtotal + total <= BigInt(Number.MAX_SAFE_INTEGER);
    if (fits) subtotal += total;
    return {
      sku,
      quantity,
      productId: offer?.productId ?? null,
      name: offer?.name ?? null,
      image: offer?.image ?? null,
      unitPrice: offer?.price ?? null,
      total: fits ? { amount: toSafe(total), currency } : null,
      available,
      problem: problemOf(offer, currency, fits, available, quantity),
    };
  });
  return {
    lines: priced,
    units: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    subtotal: { amount: toSafe(subtotal), currency },
    ready: priced.length > 0 && priced.every(({ problem }) => problem === null),
  };
}

function problemOf(
  offer: Offer | undefined,
  currency: string,
  fits: boolean,
  available: number,
  quantity: number,
): LineProblem | null {
  if (!offer) return 'not-for-sale';
  if (available <= 0) return 'out-of-stock';
  if (available < quantity) return 'short-of-stock';
  if (offer.price.currency !== currency) return 'other-currency';
  return fits ? null : 'too-large';
}
