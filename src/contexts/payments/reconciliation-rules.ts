import { formatMoney } from '../../kernel/money';
import { keyOf, type BookedPayment } from './gateway';
import type { PaymentStatus } from './rules';
import type { Difference } from './schemas';

/** Holding the provider's books against ours: pure. Amounts are minor units of the payment's currency. */

/** A payment as our books have it: its row, and what the ledger sums up to. */
export interface OwnPayment {
  readonly id: string;
  readonly orderId: string;
  readonly attempt: number;
  readonly providerId: string | null;
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly currency: string;
  readonly captured: number;
  readonly refunded: number;
  readonly disputed: number;
  /** Of refunds that are under way. */
  readonly refundPending: number;
}

const shown = (amount: number, currency: string): string => formatMoney({ amount, currency });

/** Each way in which the two differ; none when they agree. */
export function compareBooks(own: OwnPayment | undefined, booked: BookedPayment): Difference[] {
  const { amount, currency } = booked.amount;
  const theirs = { status: booked.status, captured: booked.captured, refunded: booked.refunded };
  const what = `${booked.status}, ${shown(amount, currency)}`;
  // Nobody has money of what was declined or released.
  const harmless = booked.status === 'declined' || booked.status === 'voided';
  if (!own) {
    if (harmless) return [];
    const none = { paymentId: null, orderId: null, ours: null };
    return [{ kind: 'missing-here', ...none, providerId: booked.providerId, theirs: what }];
  }
  const about = { paymentId: own.id, orderId: own.orderId, providerId: booked.providerId };
  if (own.providerId !== null && own.providerId !== booked.providerId) {
    const ours = `${own.status}, ${shown(own.amount, own.currency)} as ${own.providerId}`;
    return harmless ? [] : [{ kind: 'second-charge', ...about, ours, theirs: what }];
  }
  const differences: Difference[] = [];
  const differ = (kind: Difference['kind'], ours: string, other: string): void => {
    if (ours !== other) differences.push({ kind, ...about, ours, theirs: other });
  };
  if (booked.key !== undefined) differ('key-differs', keyOf.authorise(own), booked.key);
  differ('amount-differs', shown(own.amount, own.currency), shown(amount, currency));
  differ('captured-differs', shown(own.captured, own.currency), shown(theirs.captured, currency));
  // Some providers count what is under way as refunded: only what has ended can be compared.
  if (own.refundPending === 0)
    differ('refunded-differs', shown(own.refunded, own.currency), shown(theirs.refunded, currency));
  differ('disputed-differs', shown(own.disputed, own.currency), shown(booked.disputed, currency));
  differ('status-differs', own.status, theirs.status);
  return differences;
}

/** A payment that we believe to be at the provider, and that is not in its books. */
export const missingThere = (own: OwnPayment): Difference => ({
  kind: 'missing-there',
  paymentId: own.id,
  orderId: own.orderId,
  providerId: own.providerId,
  ours: `${own.status}, ${shown(own.amount, own.currency)}`,
  theirs: null,
});
