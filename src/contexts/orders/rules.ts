import type { PaymentStatus } from '../payments';

/** Pure decisions of orders: no I/O, no clock, no randomness. */

export const ORDER_STATES = [
  'pending',
  'in-review',
  'confirmed',
  'dispatching',
  'dispatched',
  'cancelling',
  'cancelled',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

export const ORDER_ACTIONS = ['hold', 'pass', 'confirm', 'dispatch', 'complete', 'cancel', 'undo'] as const;
/** `undo` is the end of a cancellation, `complete` that of a dispatch. */
export type OrderAction = (typeof ORDER_ACTIONS)[number];

type Row = Partial<Record<OrderAction, OrderState | 'already so'>>;

/** The whole machine: what is not in it cannot happen. */
const TRANSITIONS: Readonly<Record<OrderState, Row>> = {
  pending: { hold: 'in-review', confirm: 'confirmed', cancel: 'cancelling' },
  'in-review': { hold: 'already so', pass: 'pending', cancel: 'cancelling' },
  confirmed: { confirm: 'already so', dispatch: 'dispatching', cancel: 'cancelling' },
  // Only the saga cancels here: when the money that was promised is not there any more.
  dispatching: { dispatch: 'already so', complete: 'dispatched', cancel: 'cancelling' },
  dispatched: { dispatch: 'already so', complete: 'already so' },
  cancelling: { cancel: 'already so', undo: 'cancelled' },
  cancelled: { cancel: 'already so', undo: 'already so' },
};

/** What becomes of an order; undefined where the action is not possible. */
export const transitionOf = (state: OrderState, action: OrderAction): OrderState | 'already so' | undefined =>
  TRANSITIONS[state][action];

/** Whether a person may still cancel: not once the goods are on their way to the door. */
export const mayCancel = (state: OrderState): boolean => state !== 'dispatching' && state !== 'dispatched';

/** Whether the saga has nothing more to tell for now: what `?wait=` waits for. */
export const isSettled = (state: OrderState): boolean => !['pending', 'cancelling', 'dispatching'].includes(state);

/** The steps of a saga. Forward: fraud → authorise → commit → confirm; later capture → complete. Back: undo-payment → release → cancel. */
export const STEPS = [
  'fraud',
  'authorise',
  'commit',
  'confirm',
  'capture',
  'complete',
  'undo-payment',
  'release',
  'cancel',
  'refund',
] as const;
export type Step = (typeof STEPS)[number];
export type Direction = 'forward' | 'back';

/** What is known of an order's payment. Amounts in minor units. */
export interface Paid {
  readonly status: PaymentStatus;
  readonly captured: number;
  readonly refunded: number;
}

/** What comes after the authorisation has been asked for. A provider that has not decided is waited for. */
export function afterAuthorisation(status: PaymentStatus): 'go on' | 'wait' | 'turn back' {
  if (status === 'authorised' || status === 'captured') return 'go on';
  return status === 'declined' || status === 'voided' ? 'turn back' : 'wait';
}

export type Undoing = 'nothing' | 'find out' | 'void' | 'refund';

/**
 * What is left to undo of a payment. While it is not known how an authorisation ended that may have been asked for (`asked`),
 * that must be found out first, from the provider: money that nobody knows of cannot be given back.
 */
export function undoOf({ status, captured, refunded }: Paid, asked: boolean): Undoing {
  if (status === 'created') return asked ? 'find out' : 'nothing';
  if (status === 'authorised' || status === 'pending') return 'void';
  return captured > refunded ? 'refund' : 'nothing';
}

/** A saga that has been in one step for longer needs a person; it is tried again all the same. Seconds. */
export const PATIENCE_SECONDS = 15 * 60;
/** How long a person has to decide about an order that fraud has doubts about. Seconds. */
export const REVIEW_SECONDS = 24 * 3600;
/** How long a customer, or their bank, has to pay where the provider waits for them: a debit takes days. Seconds. */
const PAYMENT_SECONDS: Readonly<Record<string, number>> = { upi: 1800, pix: 3600, sepa_debit: 14 * 86_400 };
export const paymentSeconds = (method: string): number => PAYMENT_SECONDS[method] ?? 1800;
/** How long a provider may take to give money back. Seconds. */
export const REFUND_SECONDS = 14 * 86_400;

/** How long stock is held for an order that is neither confirmed nor cancelled: longer than all that it may wait for. Seconds. */
export const holdSeconds = (method: string): number => REVIEW_SECONDS + paymentSeconds(method) + 4 * PATIENCE_SECONDS;

/** Pauses between attempts at one step: 200 ms, doubled each time, at most five minutes. */
export const BACKOFF = { firstMs: 200, factor: 2, mostMs: 300_000 } as const;

/** Refusals of a step in a row, with which the order is taken back. What is not known is no refusal: the count begins anew. */
export const REFUSALS = 3;
