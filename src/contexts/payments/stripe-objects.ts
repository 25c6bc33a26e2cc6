import type { IncomingHttpHeaders } from 'node:http';
import type Stripe from 'stripe';
import { Problem } from '../../kernel/errors';
import { TOLERANCE_SECONDS } from '../../platform/webhooks/standard';
import type { DisputeStatus } from './dispute-rules';
import type { GatewayEvent, ProviderDispute, ProviderPayment, ProviderRefund } from './gateway';
import type { NextAction } from './next-action';
import { fromStripe } from './stripe-amounts';

/** What Stripe's objects and events say, in our words. */

const STATUS = {
  requires_capture: 'authorised',
  succeeded: 'captured',
  canceled: 'voided',
  processing: 'pending',
  requires_action: 'pending',
  requires_confirmation: 'pending',
  // Confirmed once, with what the customer chose: back at the beginning means that it was refused.
  requires_payment_method: 'declined',
} as const;

const REFUND_STATUS: Readonly<Record<string, ProviderRefund['status']>> = {
  succeeded: 'succeeded',
  failed: 'failed',
  canceled: 'failed',
};

/** A PaymentIntent; `latest_charge` must be expanded for what is refunded. */
export function toPayment(intent: Stripe.PaymentIntent): ProviderPayment {
  const { id, amount, amount_received, currency, latest_charge: charge, last_payment_error: error } = intent;
  const status = STATUS[intent.status as keyof typeof STATUS] ?? 'pending';
  return {
    providerId: id,
    status,
    amount: { amount: fromStripe(amount, currency), currency: currency.toUpperCase() },
    captured: status === 'captured' ? fromStripe(amount_received, currency) : 0,
    refunded: charge && typeof charge === 'object' ? fromStripe(charge.amount_refunded, currency) : 0,
    declineCode: status === 'declined' ? error?.decline_code || error?.code || 'declined' : null,
    nextAction: intent.status === 'requires_action' ? toNextAction(intent.next_action) : null,
  };
}

/** What the payer has still to do; null for what only Stripe's own script could do with them. */
function toNextAction(action: Stripe.PaymentIntent.NextAction | null): NextAction | null {
  const until = (seconds: number | null | undefined): string | null =>
    typeof seconds === 'number' ? new Date(seconds * 1000).toISOString() : null;
  const pix = action?.pix_display_qr_code;
  if (pix?.data !== undefined) {
    const url = pix.hosted_instructions_url ?? null;
    return { type: 'pix', code: pix.data, url, expiresAt: until(pix.expires_at) };
  }
  const upi = action?.upi_handle_redirect_or_display_qr_code;
  if (upi)
    return { type: 'upi', uri: null, url: upi.hosted_instructions_url, expiresAt: until(upi.qr_code.expires_at) };
  const url = action?.redirect_to_url?.url ?? null;
  return url === null ? null : { type: 'redirect', url, expiresAt: null };
}

/** A refund; `id` is ours. */
export const toRefund = (refund: Stripe.Refund, id: string): ProviderRefund => ({
  id,
  status: REFUND_STATUS[refund.status ?? ''] ?? 'pending',
  failureCode: refund.failure_reason ?? null,
});

/** Of what is not in this list no money has moved: the bank asks. */
const DISPUTE_STATUS: Readonly<Record<string, DisputeStatus>> = {
  needs_response: 'open',
  under_review: 'open',
  won: 'won',
  lost: 'lost',
  warning_closed: 'closed',
  prevented: 'closed',
};

export const toDispute = ({ id, status, amount, currency, reason, ...rest }: Stripe.Dispute): ProviderDispute => ({
  id,
  status: DISPUTE_STATUS[status] ?? 'inquiry',
  amount: { amount: fromStripe(amount, currency), currency: currency.toUpperCase() },
  reason,
  respondBy: rest.evidence_details?.due_by ? new Date(rest.evidence_details.due_by * 1000) : null,
});

/** When something last happened to it, as far as it says. */
export function lastChange({ created, canceled_at: canceled, latest_charge: charge }: Stripe.PaymentIntent): Date {
  const charged = charge && typeof charge === 'object' ? charge.created : 0;
  return new Date(Math.max(created, canceled ?? 0, charged) * 1000);
}

/** Reads a webhook. Throws Problem `webhook-signature-invalid`, and `malformed-request` for what is no JSON. */
export function readEvent(
  stripe: Stripe,
  secret: string,
  body: Buffer,
  headers: IncomingHttpHeaders,
  now: number,
): GatewayEvent {
  const signature = String(headers['stripe-signature'] ?? '');
  let event: Stripe.Event;
  try {
    event = stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS, undefined, now);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Problem('malformed-request', 'The event is not JSON', { cause: error });
    const detail = 'The Stripe-Signature does not fit the body, or is old';
    throw new Problem('webhook-signature-invalid', detail, { cause: error });
  }
  // The SDK only looks back.
  const sent = Number(/(?:^|,)t=(\d+)/.exec(signature)?.[1]);
  if (sent - now / 1000 > TOLERANCE_SECONDS)
    throw new Problem('webhook-signature-invalid', 'The Stripe-Signature is of the future');
  const { id, type, created, data } = event;
  const about = { id, type, occurredAt: new Date(created * 1000) };
  if (data.object.object === 'payment_intent') {
    const payment = toPayment(data.object);
    return { ...about, providerId: payment.providerId, payment, key: data.object.metadata.key, refund: undefined };
  }
  const nothing = { providerId: undefined, payment: undefined, key: undefined, refund: undefined };
  if (data.object.object === 'dispute') {
    const { payment_intent: intent } = data.object;
    const providerId = typeof intent === 'string' ? intent : intent?.id;
    return { ...about, ...nothing, providerId, dispute: toDispute(data.object) };
  }
  if (data.object.object !== 'refund') return { ...about, ...nothing };
  const { payment_intent: intent, metadata } = data.object;
  const refundId = metadata?.refundId;
  return {
    ...about,
    ...nothing,
    providerId: typeof intent === 'string' ? intent : intent?.id,
    refund: refundId === undefined ? undefined : toRefund(data.object, refundId),
  };
}
