import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { appendEvents } from '../../platform/outbox';
import { orderEvent } from './events';
import { transitionOf, type OrderAction } from './rules';
import type { HistoryAction } from './schemas';
import * as store from './store/orders';

/**
 * Takes an order from one state to the next in the caller's transaction: row, history and event have one version. Doing what
 * is done already changes nothing. Throws `not-found`, and `order-closed` for what the state machine does not know.
 */
export async function moveOrder(
  client: pg.PoolClient,
  id: string,
  action: OrderAction,
  { reason = null, actor }: { readonly reason?: string | null; readonly actor: string },
): Promise<store.OrderRow> {
  for (;;) {
    const order = await knownOrder(client, id);
    const to = transitionOf(order.state, action);
    if (to === 'already so') return order;
    if (!to) throw new Problem('order-closed', `The order is ${order.state}`);
    // The state is also in the UPDATE's condition: whoever has moved the order meanwhile is looked at again.
    if (await store.moveOrder(client, id, { action, from: order.state, to, reason, actor }))
      return tell(client, id, action);
  }
}

/** Writes into the history what leaves the state as it is. */
export async function noteOrder(
  client: pg.PoolClient,
  id: string,
  action: HistoryAction,
  { reason, actor }: { readonly reason: string | null; readonly actor: string },
): Promise<store.OrderRow> {
  for (;;) {
    const { state } = await knownOrder(client, id);
    if (await store.moveOrder(client, id, { action, from: state, to: state, reason, actor }))
      return tell(client, id, action);
  }
}

async function tell(client: pg.PoolClient, id: string, action: HistoryAction): Promise<store.OrderRow> {
  const after = await knownOrder(client, id);
  await appendEvents(client, [orderEvent(action, after)]);
  return after;
}

/** Throws `not-found`. */
export async function knownOrder(client: store.Queryable, id: string): Promise<store.OrderRow> {
  const order = await store.findOrder(client, id);
  if (!order) throw new Problem('not-found', `There is no order ${id}`);
  return order;
}
