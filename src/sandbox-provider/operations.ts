import { z } from 'zod';
import { newId } from '../kernel/ids';
import { ACT_MS, nextActionOf } from './actions';
import type { BookDispute, BookPayment, BookRefund } from './books';
import { draw, fateOf, kindOf, LATER, TOKENS, type Faults } from './faults';

/** What calls do to a payment: pure but for the ids. Each gives the payment after it, or says why not. */

const amount = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
export const authoriseSchema = z.strictObject({
  amount,
  currency: z.string().regex(/^[A-Z]{3}$/),
  method: z.enum(['card', 'upi', 'pix', 'sepa_debit']),
  token: z.string().max(200),
  reference: z.string().max(200),
  returnUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional(),
});
export const captureSchema = z.strictObject({ amount });
export const voidSchema = z.strictObject({});
export const refundSchema = z.strictObject({ id: z.string().min(1).max(100), amount });

/** A call that makes no sense in the present state. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

export interface Moment {
  readonly faults: Faults;
  readonly now: number;
  /** Where the sandbox's pages are, as the caller reaches it. */
  readonly base: string;
}

export function authorise(
  { returnUrl, ...input }: z.output<typeof authoriseSchema>,
  key: string,
  { faults, now, base }: Moment,
): BookPayment {
  const known = TOKENS[kindOf(input.token)] ?? ({ outcome: 'declined', code: 'invalid_token' } as const);
  const unlucky =
    known.outcome === 'success' && draw(faults.seed, 'decline', fateOf({ token: input.token, key })) < faults.decline;
  const declined = unlucky || known.outcome === 'declined';
  const waits = known.pending || (LATER.has(input.method) && !declined);
  const status = waits ? 'pending' : declined ? 'declined' : 'authorised';
  const id = newId('pay').replace('pay_', 'sbx_');
  const asks = waits && (known.acts || LATER.has(input.method));
  return {
    id,
    key,
    ...input,
    ...(returnUrl === undefined ? {} : { returnUrl }),
    status,
    nextAction: asks ? nextActionOf({ id, ...input }, base, now) : null,
    captured: 0,
    refunded: 0,
    declineCode: status === 'declined' ? (known.code ?? 'do_not_honor') : null,
    refunds: [],
    createdAt: now,
    updatedAt: now,
    dueAt: waits ? now + (known.acts ? ACT_MS : faults.pendingMs) : null,
  };
}

/** The end of what was pending. */
export function settle(payment: BookPayment, { faults, now }: Omit<Moment, 'base'>): BookPayment {
  const token = TOKENS[kindOf(payment.token)];
  return token?.outcome === 'success'
    ? accept(payment, now, faults.pendingMs)
    : refuse(payment, token?.code ?? 'payment_failed', now);
}

/** The payer does not want to pay, or the bank will not. */
export function refuse(payment: BookPayment, declineCode: string, now: number): BookPayment {
  return { ...payment, status: 'declined', declineCode, nextAction: null, updatedAt: now, dueAt: null };
}

/** The payer has confirmed it. */
export function accept(payment: BookPayment, now: number, pendingMs = 0): BookPayment {
  const end = { ...payment, nextAction: null, updatedAt: now, dueAt: null };
  // The payer has paid: there is nothing to capture later.
  if (LATER.has(payment.method))
    return {
      ...end,
      status: 'captured',
      captured: payment.amount,
      ...disputed(payment, payment.amount, now + pendingMs),
    };
  return { ...end, status: 'authorised' };
}

/** What a token's payer will do to money that is taken. */
function disputed({ token, id }: BookPayment, amount: number, dueAt: number): Pick<BookPayment, 'disputes'> {
  if (TOKENS[kindOf(token)]?.dispute === undefined) return {};
  return { disputes: [{ id: `dp_${id}`, amount, status: 'coming', reason: 'fraudulent', dueAt }] };
}

/** The next step of a dispute: it is opened, then won or lost, where its token says so. */
export function settleDispute(payment: BookPayment, id: string, { faults, now }: Omit<Moment, 'base'>): BookPayment {
  const end = TOKENS[kindOf(payment.token)]?.dispute;
  const disputes = (payment.disputes ?? []).map((one): BookDispute => {
    if (one.id !== id || end === undefined) return one;
    if (one.status === 'coming')
      return { ...one, status: 'open', dueAt: end === 'open' ? null : now + faults.pendingMs };
    return one.status === 'open' && end !== 'open' ? { ...one, status: end, dueAt: null } : one;
  });
  return { ...payment, disputes, updatedAt: now };
}

/** Capturing what is captured already changes nothing. */
export function capture(payment: BookPayment, taken: number, { faults, now }: Omit<Moment, 'base'>): BookPayment {
  if (payment.status === 'captured' || payment.status === 'voided' || payment.status === 'declined') return payment;
  if (payment.status === 'pending') throw new Refusal(409, 'still_pending', `${payment.id} is not authorised yet`);
  if (taken > payment.amount) throw new Refusal(409, 'amount_too_large', `${payment.amount} is authorised`);
  const dispute = disputed(payment, taken, now + faults.pendingMs);
  return { ...payment, status: 'captured', captured: taken, updatedAt: now, ...dispute };
}

/** Only what is not taken yet can be released; anything else stays as it is. */
export function release(payment: BookPayment, now: number): BookPayment {
  if (payment.status !== 'authorised' && payment.status !== 'pending') return payment;
  return { ...payment, status: 'voided', nextAction: null, updatedAt: now, dueAt: null };
}

export function refund(
  payment: BookPayment,
  { id, amount: given }: z.output<typeof refundSchema>,
  { faults, now }: Moment,
): BookPayment {
  if (payment.refunds.some((one) => one.id === id)) throw new Refusal(409, 'refund_exists', `${id} is there already`);
  const asked = payment.refunds.filter(({ status }) => status !== 'failed').reduce((sum, one) => sum + one.amount, 0);
  if (asked + given > payment.captured)
    throw new Refusal(409, 'refund_exceeds_capture', `${payment.captured - asked} is left`);
  const ends = TOKENS[kindOf(payment.token)]?.refund;
  const status = ends ?? 'succeeded';
  const one: BookRefund = {
    id,
    amount: given,
    status,
    failureCode: status === 'failed' ? 'account_closed' : null,
    dueAt: status === 'pending' ? now + faults.pendingMs : null,
  };
  const refunded = payment.refunded + (status === 'succeeded' ? given : 0);
  return { ...payment, refunded, refunds: [...payment.refunds, one], updatedAt: now };
}

/** The end of a refund that was pending: it succeeds. */
export function settleRefund(payment: BookPayment, id: string, now: number): BookPayment {
  const ended = payment.refunds.find((one) => one.id === id && one.status === 'pending');
  if (!ended) return payment;
  const refunds = payment.refunds.map((one): BookRefund =>
    one === ended ? { ...one, status: 'succeeded', dueAt: null } : one,
  );
  return { ...payment, refunds, refunded: payment.refunded + ended.amount, updatedAt: now };
}
