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
    const { state } = await knownStanding(client, id);
    const to = transitionOf(state, action);
    if (to === 'already so') return knownOrder(client, id);
    if (!to) throw new Problem('order-closed', `The order is ${state}`);
    // The state is also in the UPDATE's condition: whoever has moved the order meanwhile is looked at again.
    if (await store.moveOrder(client, id, { action, from: state, to, reason, actor })) return tell(client, id, action);
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
    const { state } = await knownStanding(client, id);
    if (await store.moveOrder(client, id, { action, from: state, to: state, reason, actor }))
      return tell(client, id, action);
  }
}

async function tell(client: pg.PoolClient, id: string, action: HistoryAction): Promise<store.OrderRow> {
  const after = await knownOrder(client, id);
  await appendEvents(client, [orderEvent(action, after)]);
  return after;
}

/** The whole order, with its lines. Throws `not-found`. */
export const knownOrder = async (client: store.Queryable, id: string): Promise<store.OrderRow> =>
  known(await store.findOrder(client, id), id);

/** No more than how an order stands. Throws `not-found`. */
export const knownStanding = async (client: store.Queryable, id: string): Promise<store.Standing> =>
  known(await store.findStanding(client, id), id);

function known<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new Problem('not-found', `There is no order ${id}`);
  return found;
}
