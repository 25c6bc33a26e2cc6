import type { IncomingHttpHeaders } from 'node:http';
import type { Money } from '../../kernel/money';
import type { DisputeStatus } from './dispute-rules';
import type { PaymentMethod } from './methods';
import type { NextAction } from './next-action';

/** The port to a payment provider. Amounts are minor units with a currency. */

export type ProviderStatus = 'authorised' | 'pending' | 'declined' | 'captured' | 'voided';

/** A payment as the provider has it: what is true there, whatever call or webhook told us. */
export interface ProviderPayment {
  readonly providerId: string;
  readonly status: ProviderStatus;
  readonly amount: Money;
  /** Minor units of amount's currency, in all. */
  readonly captured: number;
  readonly refunded: number;
  readonly declineCode: string | null;
  /** What the payer has still to do: only while it is pending. */
  readonly nextAction: NextAction | null;
}

/** One refund of a payment; `id` is ours. */
export interface ProviderRefund {
  readonly id: string;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly failureCode: string | null;
}

/** What a payer's bank takes back, or asks about; `id` is the provider's. */
export interface ProviderDispute {
  readonly id: string;
  readonly status: DisputeStatus;
  readonly amount: Money;
  /** In the provider's words: fraudulent, product_not_received. */
  readonly reason: string;
  /** Until when the bank wants an answer, where it does. */
  readonly respondBy: Date | null;
}

/** What a refund ended in: the payment, and the refund itself. */
export interface RefundedPayment extends ProviderPayment {
  readonly refund: ProviderRefund;
}

export interface AuthoriseRequest {
  readonly key: string;
  readonly amount: Money;
  readonly method: PaymentMethod;
  readonly token: string;
  readonly orderId: string;
  /** Where a payer comes back to who acts at the provider's. Without it nobody is sent there who need not. */
  readonly returnUrl: string | null;
  /** When the attempt was written down: since then it may have been asked for. */
  readonly openedAt: Date;
}

/** A later call about a payment. `key` makes a repetition of it the same call. */
export interface PaymentCall {
  readonly key: string;
  readonly providerId: string;
}

export interface RefundCall extends PaymentCall {
  readonly refundId: string;
  readonly amount: Money;
}

/** An event of the provider whose signature was good. */
export interface GatewayEvent {
  /** The provider's own id of the event: the same however often it is delivered. */
  readonly id: string;
  readonly type: string;
  readonly occurredAt: Date;
  /** The provider's id of the payment. Undefined for an event that is not about one. */
  readonly providerId: string | undefined;
  /** What the payment was at that moment, where the event says so. */
  readonly payment: ProviderPayment | undefined;
  /** The key of the authorisation: finds a payment whose providerId we have not heard yet. */
  readonly key: string | undefined;
  readonly refund: ProviderRefund | undefined;
  readonly dispute?: ProviderDispute | undefined;
}

/** A line of the provider's books. */
export interface BookedPayment extends ProviderPayment {
  readonly key: string | undefined;
  /** What banks hold of it in open and lost disputes. */
  readonly disputed: number;
  readonly updatedAt: Date;
}

/**
 * A provider. Every call may be repeated with its key: it then happens once. Calls end in a result or throw: GatewayUnavailable
 * when it is not known whether it happened, GatewayRefused when it did not happen and a repetition would not either.
 */
export interface Gateway {
  readonly provider: string;
  /** The ways to pay that it can carry out from beginning to end. */
  readonly methods: readonly PaymentMethod[];
  /** Whether it can move exactly this amount. */
  takes(amount: Money): boolean;
  authorise(request: AuthoriseRequest, signal: AbortSignal): Promise<ProviderPayment>;
  capture(call: PaymentCall & { readonly amount: Money }, signal: AbortSignal): Promise<ProviderPayment>;
  void(call: PaymentCall, signal: AbortSignal): Promise<ProviderPayment>;
  refund(call: RefundCall, signal: AbortSignal): Promise<RefundedPayment>;
  /** The payment of an authorisation's key, or of the provider's id where that is known; undefined when there is none. */
  find(
    payment: { readonly key: string; readonly providerId: string | null },
    signal: AbortSignal,
  ): Promise<ProviderPayment | undefined>;
  /** The refund as it stands now; undefined when the provider never heard of it. */
  findRefund(
    call: PaymentCall & { readonly refundId: string },
    signal: AbortSignal,
  ): Promise<RefundedPayment | undefined>;
  /** Throws Problem `webhook-signature-invalid`, and `malformed-request` for a signed body that cannot be read. */
  verifyWebhook(body: Buffer, headers: IncomingHttpHeaders): GatewayEvent;
  /** Every payment that the provider made since then, with what it holds now. */
  books(since: Date, signal: AbortSignal): AsyncIterable<BookedPayment>;
}

/**
 * Why the end is not known. `unauthorised`: the provider does not let us in, or look, `other-provider`: the payment
 * lies where we do not call. Neither says anything of the money: an earlier call with the same key may have moved it.
 */
export type UnavailableReason =
  'timeout' | 'connection' | 'server-error' | 'busy' | 'breaker-open' | 'given-up' | 'unauthorised' | 'other-provider';

/** Ambiguous: the call may have happened or not. Repeat the same call with the same key. */
export class GatewayUnavailable extends Error {
  override readonly name = 'GatewayUnavailable';

  constructor(
    readonly reason: UnavailableReason,
    detail: string,
    options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }

  /** When it is worth trying again, where that is known. */
  readonly retryAfterMs: number | undefined;
}

/** The provider understood the call and will not do it (a token that is none, a state that does not allow it). Nothing happened. */
export class GatewayRefused extends Error {
  override readonly name = 'GatewayRefused';

  constructor(
    readonly code: string,
    detail: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(detail, options);
  }
}

/** The idempotency key of each call: the same for every attempt at it, by whichever process. */
export const keyOf = {
  authorise: (payment: { readonly orderId: string; readonly attempt: number }): string =>
    `${payment.orderId}:authorise:${payment.attempt}`,
  capture: (payment: { readonly orderId: string; readonly attempt: number }): string =>
    `${payment.orderId}:capture:${payment.attempt}`,
  void: (payment: { readonly orderId: string; readonly attempt: number }): string =>
    `${payment.orderId}:void:${payment.attempt}`,
  refund: (payment: { readonly orderId: string }, refundId: string): string => `${payment.orderId}:refund:${refundId}`,
};

/** Of which attempt an authorisation's key is; undefined for a key that is not of that form. */
export function parseAuthoriseKey(
  key: string | undefined,
): { readonly orderId: string; readonly attempt: number } | undefined {
  const [, orderId, attempt] = /^(.+):authorise:(\d{1,9})$/.exec(key ?? '') ?? [];
  return orderId === undefined ? undefined : { orderId, attempt: Number(attempt) };
}
