import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { formatMoney } from '../../kernel/money';
import { together } from '../../platform/database';
import { appendAtCommit } from '../../platform/outbox';
import { sameAction, type NextAction } from '../payments';
import { orderEvent } from './events';
import { transitionOf, type OrderAction } from './rules';
import type { HistoryAction, OrderDispute } from './schemas';
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
    const moved = await moveAndTell(client, id, { action, from: state, to, reason, actor });
    if (moved) return moved;
  }
}

/** Writes down what the payer of a pending order has to do, or that it is done; nothing where the order says so already. */
export async function awaitPayer(
  client: pg.PoolClient,
  id: string,
  nextAction: NextAction | null,
  actor: string,
): Promise<void> {
  const { state, payment } = await knownOrder(client, id);
  if (state !== 'pending' || sameAction(payment?.nextAction ?? null, nextAction)) return;
  await noteOrder(client, id, 'await-payment', { reason: nextAction?.type ?? null, actor, nextAction });
}

/** Writes down how a dispute of an order's payment stands; nothing where the order says so already. */
export async function noteDispute(client: pg.PoolClient, id: string, dispute: OrderDispute): Promise<void> {
  const { payment } = await knownOrder(client, id);
  const { status, amount, reason } = dispute;
  if (payment?.dispute?.status === status && payment.dispute.amount.amount === amount.amount) return;
  const note = `${status}: ${formatMoney(amount)}, ${reason}`;
  await noteOrder(client, id, 'dispute', { reason: note, actor: 'the bank', dispute });
}

/** Writes into the history what leaves the state as it is. */
export async function noteOrder(
  client: pg.PoolClient,
  id: string,
  action: HistoryAction,
  note: Pick<store.Move, 'reason' | 'actor' | 'nextAction' | 'dispute'>,
): Promise<store.OrderRow> {
  for (;;) {
    const { state } = await knownStanding(client, id);
    const noted = await moveAndTell(client, id, { action, from: state, to: state, ...note });
    if (noted) return noted;
  }
}

/** The order as it is then; undefined where it is not in the state any more from which it was to be moved. */
async function moveAndTell(client: pg.PoolClient, id: string, move: store.Move): Promise<store.OrderRow | undefined> {
  const [moved, after] = await together([store.moveOrder(client, id, move), knownOrder(client, id)]);
  if (!moved) return undefined;
  await appendAtCommit(client, [orderEvent(move.action, after)]);
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
