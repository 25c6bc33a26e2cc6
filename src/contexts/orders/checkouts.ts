import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { together } from '../../platform/database';
import { appendAtCommit } from '../../platform/outbox';
import { holdBaskets } from '../inventory';
import type { Payments } from '../payments';
import { readQuotes } from '../pricing';
import { assertDestination, draft, toView, type Offer } from './checkout';
import { orderEvent } from './events';
import type { Checkout, PlacedOrder } from './schemas';
import * as store from './store/orders';

/** A checkout that came together with others. */
export interface Asked {
  readonly input: Checkout;
  readonly actor: string;
}

/**
 * The offers of checkouts that came together, read in the caller's transaction. Undefined for each that is not as it should be (the
 * quote is unknown, over, used, wanted by two, or for another place; the method is not offered), and for what is rare (a coupon).
 */
export async function readOffers(
  client: pg.PoolClient,
  payments: Payments,
  asked: readonly Asked[],
): Promise<(Offer | undefined)[]> {
  const ids = asked.map(({ input }) => input.quoteId);
  const [quotes, used] = await together([readQuotes(client, ids), store.usedQuotes(client, ids)]);
  const met = new Set<string>();
  return asked.map(({ input, actor }) => {
    const quote = quotes.get(input.quoteId);
    if (!quote || used.has(quote.id) || met.has(quote.id) || quote.coupon) return undefined;
    met.add(quote.id);
    const offer = { input, actor, quote };
    return isPlain(payments, offer) ? offer : undefined;
  });
}

/** Whether there is nothing to object to: the words for what there is are found by whoever does it alone. */
function isPlain(payments: Payments, { input, quote: { total, destination, ...quote } }: Offer): boolean {
  try {
    assertDestination(input, { ...quote, total, destination });
    if (total.amount > 0) payments.assertPayable({ method: input.method, country: destination.country, amount: total });
    return true;
  } catch (error) {
    if (error instanceof Problem) return false;
    throw error;
  }
}

/**
 * placeOrder for checkouts that came together, in the caller's transaction, two round trips for all of them. Each has its own outcome:
 * placed, `out-of-stock`, or undefined where it has to be done alone; of the last two, nothing is written. Throws where somebody else
 * has used one of the quotes in this moment: the transaction is then of no use to anybody.
 */
export async function placeOrders(
  client: pg.PoolClient,
  payments: Payments,
  offers: readonly Offer[],
): Promise<(PlacedOrder | Problem | undefined)[]> {
  const drafts = offers.map(draft);
  // The stock first: whoever waits for a row waits there, and holds none of the others yet.
  const outcomes = await holdBaskets(
    client,
    drafts.map(({ hold }) => hold),
  );
  const held = drafts.filter((_, index) => outcomes[index] === 'held');
  const [, placed] = await together([
    payments.openAll(
      client,
      held.flatMap(({ payment }) => (payment ? [payment] : [])),
    ),
    held.length > 0
      ? store.insertOrders(
          client,
          held.map(({ order }) => order),
        )
      : Promise.resolve([]),
  ]);
  const answers = new Map<string, PlacedOrder>();
  for (const [index, { order, orderToken }] of held.entries()) {
    const row = placed[index];
    if (!row) throw new Error(`${order.quote.id} has bought an order in this moment`);
    await appendAtCommit(client, [orderEvent('place', row)]);
    answers.set(order.id, { order: toView(row), orderToken });
  }
  return drafts.map(({ order }, index) => {
    const outcome = outcomes[index];
    return outcome instanceof Problem ? outcome : answers.get(order.id);
  });
}
