import { sameAction, type NextAction } from './next-action';
import type { ProviderPayment, ProviderRefund, ProviderStatus } from './gateway';

/** Pure decisions of payments: no I/O, no clock, no randomness. */

/** Created: we have not heard from the provider. Voided and declined are ends; captured money can only be refunded. */
export type PaymentStatus = 'created' | ProviderStatus;
export type RefundStatus = ProviderRefund['status'];

/** The provider speaks of another amount or another payment than we do: nothing is recorded, a person has to look. */
export class PaymentMismatch extends Error {
  override readonly name = 'PaymentMismatch';
}

/** Where a payment can still go. A status is only ever left for one of these: news that come late or twice change nothing. */
const FORWARD: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  created: ['pending', 'authorised', 'captured', 'declined', 'voided'],
  pending: ['authorised', 'captured', 'declined', 'voided'],
  authorised: ['captured', 'voided'],
  captured: [],
  declined: [],
  voided: [],
};

/** Amounts are minor units of one currency. */
export interface PaymentState {
  readonly status: PaymentStatus;
  readonly amount: number;
  readonly authorised: number;
  readonly captured: number;
  readonly nextAction: NextAction | null;
  readonly actionDone: boolean;
}

/** What a result changes: the events to tell, in order, and how much money was taken by it. */
export interface Advance {
  readonly state: PaymentState;
  readonly steps: readonly Exclude<PaymentStatus, 'created'>[];
  readonly capturedNow: number;
}

/**
 * What becomes of a payment when the provider says so, whichever way and in whatever order that reached us. Undefined when it
 * changes nothing. Throws PaymentMismatch when the provider took more than was agreed.
 */
export function advance(
  state: PaymentState,
  result: Pick<ProviderPayment, 'status' | 'captured' | 'nextAction'>,
): Advance | undefined {
  const { status } = result;
  if (state.status === 'pending' && status === 'pending') return actOn(state, result.nextAction);
  if (!FORWARD[state.status].includes(status)) return undefined;
  if (status === 'pending')
    return { state: { ...state, status, nextAction: result.nextAction }, steps: [status], capturedNow: 0 };
  // Whatever the payer had to do is done, or of no use any more.
  const over = { ...state, nextAction: null, actionDone: state.actionDone || state.nextAction !== null };
  if (status === 'declined' || status === 'voided')
    return { state: { ...over, status }, steps: [status], capturedNow: 0 };
  const authorised = state.amount;
  if (status === 'authorised') return { state: { ...over, status, authorised }, steps: [status], capturedNow: 0 };
  const { captured } = result;
  if (!Number.isSafeInteger(captured) || captured < 1 || captured > state.amount)
    throw new PaymentMismatch(`the provider captured ${captured} of ${state.amount}`);
  return {
    state: { ...over, status, authorised, captured },
    // Whoever waits for the authorisation learns of it, although we heard of both at once.
    steps: state.status === 'authorised' ? ['captured'] : ['authorised', 'captured'],
    capturedNow: captured,
  };
}

/** News of what the payer has to do. What was done once is not asked for again, however late the news of it come. */
function actOn(state: PaymentState, nextAction: NextAction | null): Advance | undefined {
  if (sameAction(state.nextAction, nextAction) || state.actionDone) return undefined;
  return { state: { ...state, nextAction, actionDone: nextAction === null }, steps: ['pending'], capturedNow: 0 };
}

/** What becomes of a refund: it waits, then succeeds or fails, once. Undefined when nothing changes. */
export function advanceRefund(status: RefundStatus, result: RefundStatus): 'succeeded' | 'failed' | undefined {
  return status === 'pending' && result !== 'pending' ? result : undefined;
}

export const LEDGER_ACCOUNTS = ['provider_clearing', 'customer_payments', 'disputed_funds', 'dispute_losses'] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];
export const LEDGER_KINDS = ['capture', 'refund', 'dispute-opened', 'dispute-won', 'dispute-lost'] as const;

/** One side of a transaction: debits above 0, credits below. */
export interface LedgerEntry {
  readonly account: LedgerAccount;
  readonly currency: string;
  readonly amount: number;
}

/** Money that moved. An authorisation moves none. */
export interface LedgerTransaction {
  readonly kind: (typeof LEDGER_KINDS)[number];
  /** What makes it one of its kind for a payment. */
  readonly reference: string;
  readonly entries: readonly LedgerEntry[];
}

const move = (amount: number, currency: string): LedgerEntry[] => [
  { account: 'provider_clearing', currency, amount },
  { account: 'customer_payments', currency, amount: -amount },
];

/** The provider has taken the money, and owes it to us; the customer has paid us. */
export const captureTransaction = (amount: number, currency: string): LedgerTransaction => ({
  kind: 'capture',
  reference: 'capture',
  entries: move(amount, currency),
});

/** The provider has given money back out of what it owes us. */
export const refundTransaction = (refundId: string, amount: number, currency: string): LedgerTransaction => ({
  kind: 'refund',
  reference: refundId,
  entries: move(-amount, currency),
});
