import type { Taken } from '../payments';
import type { RestingOrder } from './store/invariants';

/** What an order, at which nobody works, must agree on with others. Pure. */

/** What others say of an order. */
export interface Surroundings {
  readonly payments: readonly Taken[];
  /** Undefined where it is not there. */
  readonly reservation: string | undefined;
  /** Of its last event; undefined where its events are not kept any more. */
  readonly lastEvent: number | undefined;
}

export const AGREEMENTS = {
  unpaid: { id: 'I9', says: 'a confirmed or dispatched order is paid for' },
  kept: { id: 'I9', says: 'money is kept only for an order that is confirmed or dispatched' },
  stock: { id: 'I2', says: 'the stock of an order is sold when it is confirmed, and free again when it is cancelled' },
  events: { id: 'I7', says: 'the last event of an order is of its version' },
} as const;
export type Agreement = keyof typeof AGREEMENTS;

const BOUGHT = new Set<string>(['confirmed', 'dispatching', 'dispatched']);

/** What does not hold for it. */
export function brokenAgreements(order: RestingOrder, { payments, reservation, lastEvent }: Surroundings): Agreement[] {
  const { state, total } = order;
  const broken: Agreement[] = [];
  const own = payments.find(({ id }) => id === order.paymentId);
  const paid =
    own?.amount === total && (own.status === 'captured' || (own.status === 'authorised' && state === 'confirmed'));
  if ((state === 'confirmed' || state === 'dispatched') && total > 0 && !paid) broken.push('unpaid');
  if (!BOUGHT.has(state) && payments.some(({ kept }) => kept > 0)) broken.push('kept');
  const sold = state === 'confirmed' || state === 'dispatched' ? reservation === 'committed' : true;
  const free = state === 'cancelled' ? reservation === undefined || reservation === 'released' : true;
  if (!sold || !free) broken.push('stock');
  if (lastEvent !== undefined && lastEvent !== order.version) broken.push('events');
  return broken;
}
