import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { appendEvents } from '../../platform/outbox';
import { reserveStock } from '../inventory';
import type { Payments } from '../payments';
import { readQuote, type QuoteView } from '../pricing';
import { orderEvent } from './events';
import { holdSeconds } from './rules';
import { orderSchema, type Checkout, type OrderView, type PlacedOrder } from './schemas';
import * as store from './store/orders';
import { insertSaga } from './store/sagas';
import { knownOrder } from './transitions';

/**
 * Buys what a quote offers, in the caller's transaction: the stock is held, the payment opened, the order placed and its saga
 * begun, all of it or nothing. The provider is not asked for anything yet. Throws `not-found`, `quote-expired`, `quote-used`,
 * `out-of-stock`, `payment-method-not-offered`, and `validation-failed` for an address that is not the quote's.
 */
export async function placeOrder(
  client: pg.PoolClient,
  payments: Payments,
  input: Checkout,
  actor: string,
): Promise<PlacedOrder> {
  const quote = await readQuote(client, input.quoteId);
  assertDestination(input, quote);
  if (await store.quoteIsUsed(client, quote.id)) throw quoteUsed(quote);
  const id = newId('ord');
  const reservation = await reserveStock(client, {
    lines: quote.lines,
    holdSeconds: holdSeconds(input.method),
    reference: id,
  });
  const payment =
    quote.total.amount === 0
      ? undefined
      : await payments.open(client, {
          orderId: id,
          attempt: 1,
          amount: quote.total,
          method: input.method,
          token: input.token,
          country: quote.destination.country,
        });
  const orderToken = randomBytes(24).toString('base64url');
  const placed = await store.insertOrder(client, {
    id,
    input,
    quote,
    reservationId: reservation.id,
    paymentId: payment?.id ?? null,
    tokenDigest: digestOf(orderToken),
    actor,
  });
  // Somebody else was first with it, a moment ago: everything above is rolled back.
  if (!placed) throw quoteUsed(quote);
  await insertSaga(client, { id, kind: 'checkout', orderId: id, step: 'fraud' });
  const order = await knownOrder(client, id);
  await appendEvents(client, [orderEvent('place', order)]);
  return { order: toView(order), orderToken };
}

/** What is kept of an order's token: not enough to make one. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What the order's customer may see. */
export const toView = (order: OrderView): OrderView => orderSchema.parse(order);

const quoteUsed = ({ id }: QuoteView): Problem => new Problem('quote-used', `${id} has bought an order already`);

/** Taxes are those of the place that was quoted: goods that go elsewhere need another quote. */
function assertDestination({ shippingAddress: { country, state } }: Checkout, { destination }: QuoteView): void {
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
