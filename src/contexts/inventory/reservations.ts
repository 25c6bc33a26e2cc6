import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { mergeLines, type Line } from '../../kernel/lines';
import { together } from '../../platform/database';
import { appendAtCommit } from '../../platform/outbox';
import { stockChanged } from './events';
import { transitionOf, type ReservationAction, type Transition } from './rules';
import type { ReservationView } from './schemas';
import { assertSkus } from './stock';
import { reserve } from './store/reserve';
import { reserveMany, type Basket } from './store/reserve-many';
import * as store from './store/reservations';
import { applyDeltas, type MovementNote, type Queryable } from './store/stock';

export interface ReservationRequest {
  readonly lines: readonly Line[];
  readonly holdSeconds: number;
  /** What it is for: the id of an order, say. */
  readonly reference: string | null;
}

/**
 * Holds stock for a basket, all of it or nothing, in the caller's transaction, until `holdSeconds` from now by the
 * database's clock. Throws `out-of-stock` naming each line that is short, `validation-failed` for an unknown sku.
 */
export async function reserveStock(client: pg.PoolClient, request: ReservationRequest): Promise<ReservationView> {
  const id = newId('rsv');
  await holdStock(client, id, request);
  return readReservation(client, id);
}

/**
 * The same under an id of the caller's, who does not need to see the reservation: one statement, and the events with the commit.
 */
export async function holdStock(client: pg.PoolClient, id: string, request: ReservationRequest): Promise<void> {
  const outcome = await reserve(client, id, mergeLines(request.lines), request);
  if (!outcome.ok) {
    await assertSkus(client, request.lines);
    throw outOfStock(request.lines, outcome.available);
  }
  await appendAtCommit(client, outcome.items.map(stockChanged));
}

/** How a basket came off that was held together with others. */
export type Held = 'held' | Problem | 'alone';

/**
 * holdStock for several baskets at once, each with its own outcome: held, or `out-of-stock`, or, where that is not to be said without
 * knowing what the others took, to be held alone. Of one that is not held, nothing is written. A sku that several want changes once.
 */
export async function holdBaskets(client: pg.PoolClient, baskets: readonly Basket[]): Promise<Held[]> {
  const merged = baskets.map((basket) => ({ ...basket, lines: mergeLines(basket.lines) }));
  const { held, items, available } = await reserveMany(client, merged);
  await appendAtCommit(client, items.map(stockChanged));
  return baskets.map(({ lines }, index): Held => {
    if (held[index]) return 'held';
    const wanted = merged[index]?.lines ?? [];
    // There was too little before anybody took of it; and no sku of it is one that nobody knows.
    const short = wanted.some(({ sku, quantity }) => quantity > (available.get(sku) ?? 0));
    return short && wanted.every(({ sku }) => available.has(sku)) ? outOfStock(lines, available) : 'alone';
  });
}

function outOfStock(lines: readonly Line[], available: ReadonlyMap<string, number>): Problem {
  const wanted = new Map(mergeLines(lines).map(({ sku, quantity }) => [sku, quantity]));
  const violations = lines.flatMap(({ sku }, index): Violation[] => {
    const [want, there] = [wanted.get(sku) ?? 0, available.get(sku) ?? 0];
    if (want <= there) return [];
    const detail = `"${sku}": ${want} wanted, ${there} available`;
    return [{ pointer: `/lines/${index}/quantity`, code: 'out-of-stock', detail }];
  });
  return new Problem('out-of-stock', violations[0]?.detail ?? 'Not all of it is in stock', { violations });
}

/** Throws `not-found`. */
export async function readReservation(client: Queryable, id: string): Promise<ReservationView> {
  return toView(known(await store.findReservation(client, id), id));
}

/**
 * Takes what is held off the shelf: it is sold. Committing twice is committing once. Throws `not-found`, and
 * `reservation-closed` when it was released or its time is over.
 */
export async function commitReservation(client: pg.PoolClient, id: string, actor: string): Promise<ReservationView> {
  return move(client, id, 'commit', actor);
}

/**
 * Gives back what is held, or, after a commit, puts it on the shelf again. Releasing twice is releasing once. Throws
 * `not-found`.
 */
export async function releaseReservation(client: pg.PoolClient, id: string, actor: string): Promise<ReservationView> {
  return move(client, id, 'release', actor);
}

async function move(
  client: pg.PoolClient,
  id: string,
  action: ReservationAction,
  actor: string,
): Promise<ReservationView> {
  const reservation = known(await store.findReservation(client, id, true), id);
  const transition = transitionOf(reservation.state, action);
  if (transition === 'already so') return toView(reservation);
  if (!transition) throw new Problem('reservation-closed', `The reservation is ${reservation.state}`);
  if (transition.to === 'committed' && reservation.expired)
    throw new Problem('reservation-closed', `The reservation was held until ${reservation.expiresAt}`);
  await apply(client, [reservation], transition, actor);
  // It is locked: what it is now needs no look.
  return toView({ ...reservation, state: transition.to, version: reservation.version + 1 });
}

async function apply(
  client: pg.PoolClient,
  reservations: readonly ReservationView[],
  { to, onHand, reserved, movement }: Transition,
  actor: string,
): Promise<void> {
  const [first] = reservations;
  if (!first) return;
  const deltas = reservations.flatMap(({ lines }) =>
    lines.map(({ sku, warehouseId, quantity }) => ({
      sku,
      warehouseId,
      onHand: onHand * quantity,
      reserved: reserved * quantity,
    })),
  );
  const note: MovementNote | undefined = movement && { kind: movement, reference: first.id, note: '', actor };
  const ids = reservations.map(({ id }) => id);
  const [items] = await together([applyDeltas(client, deltas, note), store.setState(client, ids, to)]);
  await appendAtCommit(client, items.map(stockChanged));
}

/** Gives back what is held and whose time is over, at most `limit` reservations. Resolves to how many it released. */
export async function releaseExpired(client: pg.PoolClient, limit: number): Promise<number> {
  const expired = await store.lockExpired(client, limit);
  const transition = transitionOf('held', 'release');
  if (transition && transition !== 'already so') await apply(client, expired, transition, 'expiry');
  return expired.length;
}

function known(row: store.ReservationRow | undefined, id: string): store.ReservationRow {
  if (!row) throw new Problem('not-found', `There is no reservation ${id}`);
  return row;
}

const toView = ({ expired: _expired, ...view }: store.ReservationRow): ReservationView => view;
