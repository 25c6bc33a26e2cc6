import type pg from 'pg';
import { MOST_EXAMPLES, type Verdict } from '../../platform/invariants';
import { lastVersions } from '../../platform/outbox';
import { findReservationStates } from '../inventory';
import { findTaken } from '../payments';
import { AGREEMENTS, brokenAgreements, type Agreement } from './book-rules';
import { findResting, judgeTrade } from './store/invariants';

const BATCH = 1_000;

/**
 * Whether orders agree with themselves, and with what payments, inventory and the log of events say of them. Give it a
 * transaction that sees one moment: a step of a saga that ends in between would look like a disagreement.
 */
export async function judgeOrders(client: Pick<pg.ClientBase, 'query'>): Promise<Verdict[]> {
  return [...(await judgeTrade(client)), ...(await judgeAgreements(client))];
}

async function judgeAgreements(client: Pick<pg.ClientBase, 'query'>): Promise<Verdict[]> {
  const broken = new Map<Agreement, string[]>((Object.keys(AGREEMENTS) as Agreement[]).map((one) => [one, []]));
  for (let after = ''; ;) {
    const orders = await findResting(client, after, BATCH);
    const ids = orders.map(({ id }) => id);
    const taken = await findTaken(client, ids);
    const held = orders.map(({ reservationId }) => reservationId);
    const reservations = await findReservationStates(client, held);
    const events = await lastVersions(
      client,
      ids.map((id) => `order:${id}`),
    );
    for (const order of orders) {
      const { id, reservationId } = order;
      const payments = taken.filter(({ orderId }) => orderId === id);
      const reservation = reservations.get(reservationId);
      const lastEvent = events.get(`order:${id}`);
      for (const one of brokenAgreements(order, { payments, reservation, lastEvent })) broken.get(one)?.push(id);
    }
    after = ids.at(-1) ?? '';
    if (orders.length < BATCH) break;
  }
  return [...broken].map(([one, ids]) => ({
    ...AGREEMENTS[one],
    count: ids.length,
    examples: ids.slice(0, MOST_EXAMPLES),
  }));
}
