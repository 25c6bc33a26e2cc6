import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { together } from '../../platform/database';
import { appendAtCommit } from '../../platform/outbox';
import { holdStock, type ReservationRequest } from '../inventory';
import type { NewAttempt, Payments } from '../payments';
import { readStoredQuote, type QuoteView, type StoredQuote } from '../pricing';
import { redeemCoupon } from '../promotions';
import { orderEvent } from './events';
import { holdSeconds } from './rules';
import { orderSchema, type Checkout, type OrderView, type PlacedOrder } from './schemas';
import * as store from './store/orders';

/**
 * The quote that a checkout wants to buy, read in the caller's transaction. Throws `not-found`, `quote-expired`, `quote-used`, and
 * `validation-failed` for an address that is not the quote's.
 */
export async function readOffer(client: pg.PoolClient, input: Checkout): Promise<StoredQuote> {
  const [quote, used] = await together([
    readStoredQuote(client, input.quoteId),
    store.usedQuotes(client, [input.quoteId]),
  ]);
  assertDestination(input, quote);
  if (used.has(quote.id)) throw quoteUsed(quote);
  return quote;
}

/**
 * Buys what a quote offers, in the caller's transaction: the stock is held, the payment opened, the order placed and its saga
 * begun, all of it or nothing. The provider is not asked for anything yet. Two round trips: the quote, where it is not given, and
 * everything that is written; the events go with the commit. Throws what readOffer throws, `out-of-stock`,
 * `coupon-not-applicable` where the coupon of the quote has no use left, and `payment-method-not-offered`.
 */
export async function placeOrder(
  client: pg.PoolClient,
  payments: Payments,
  input: Checkout,
  actor: string,
  offer?: StoredQuote,
): Promise<PlacedOrder> {
  const { quote, order, payment, hold, orderToken } = draft({
    input,
    actor,
    quote: offer ?? (await readOffer(client, input)),
  });
  // The stock first: whoever waits for a row waits there, and holds none of the others yet.
  const [, , [placed]] = await together([
    holdStock(client, hold.id, hold),
    payment ? payments.open(client, payment) : Promise.resolve(),
    store.insertOrders(client, [order]),
    // Last of all: many orders may want the same coupon, and its row is locked until the commit.
    useCoupon(client, order.id, quote, input.email),
  ]);
  // Somebody else was first with it, a moment ago: everything above is rolled back.
  if (!placed) throw quoteUsed(quote);
  await appendAtCommit(client, [orderEvent('place', placed)]);
  return { order: toView(placed), orderToken };
}

/** What somebody wants to buy, and the quote that says for how much. */
export interface Offer {
  readonly input: Checkout;
  readonly actor: string;
  readonly quote: StoredQuote;
}

/** All that is to be written of an order, with the ids that tie it together. */
interface Draft {
  readonly quote: QuoteView;
  readonly order: store.NewOrder;
  /** Undefined where there is nothing to pay. */
  readonly payment: (NewAttempt & { readonly id: string }) | undefined;
  readonly hold: ReservationRequest & { readonly id: string };
  readonly orderToken: string;
}

export function draft({ input, actor, quote }: Offer): Draft {
  const { total, lines, destination } = quote;
  const { method, token } = input;
  const [id, reservationId] = [newId('ord'), newId('rsv')];
  const paymentId = total.amount === 0 ? null : newId('pay');
  const orderToken = randomBytes(24).toString('base64url');
  // What stands in for the id is known only now.
  const returnUrl = input.returnUrl?.replaceAll(/\{order\}|%7Border%7D/gi, id);
  const payment = { orderId: id, attempt: 1, amount: total, method, token, returnUrl, country: destination.country };
  const tokenDigest = digestOf(orderToken);
  return {
    quote,
    order: { ...{ id, input, quote, reservationId, paymentId, tokenDigest, actor }, firstStep: 'fraud' },
    payment: paymentId === null ? undefined : { ...payment, id: paymentId },
    hold: { id: reservationId, lines, holdSeconds: holdSeconds(method), reference: id },
    orderToken,
  };
}

/** Uses up the coupon that the price was made with, where there is one. */
async function useCoupon(
  client: pg.PoolClient,
  orderId: string,
  { coupon }: QuoteView,
  email: string | undefined,
): Promise<void> {
  if (!coupon || coupon.id === null || coupon.problem !== null) return;
  const customer = email === undefined ? { other: coupon.cartId } : { email };
  await redeemCoupon(client, { couponId: coupon.id, code: coupon.code, orderId, amount: coupon.amount, customer });
}

/** What is kept of an order's token: not enough to make one. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What the order's customer may see. */
export const toView = (order: OrderView): OrderView => orderSchema.parse(order);

const quoteUsed = ({ id }: QuoteView): Problem => new Problem('quote-used', `${id} has bought an order already`);

/** Taxes are those of the place that was quoted: goods that go elsewhere need another quote. */
export function assertDestination({ shippingAddress: { country, state } }: Checkout, { destination }: QuoteView): void {
  const violations: Violation[] = [];
  const differs = (field: string, given: string | undefined, quoted: string | null): void => {
    if ((given ?? null) === quoted) return;
    const detail = quoted === null ? 'must be left out, as in the quote' : `must be ${quoted}, as in the quote`;
    violations.push({ pointer: `/shippingAddress/${field}`, code: 'not-as-quoted', detail });
  };
  differs('country', country, destination.country);
  differs('state', state, destination.state);
  const [first] = violations;
  if (first) throw new Problem('validation-failed', `${first.pointer} ${first.detail}`, { violations });
}
