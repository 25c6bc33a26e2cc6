import type { IncomingHttpHeaders } from 'node:http';
import type Stripe from 'stripe';
import { systemClock, type Clock } from '../../kernel/clock';
import { Problem } from '../../kernel/errors';
import type { Money } from '../../kernel/money';
import {
  GatewayRefused,
  GatewayUnavailable,
  type BookedPayment,
  type Gateway,
  type GatewayEvent,
  type ProviderPayment,
  type ProviderRefund,
  type RefundedPayment,
} from './gateway';
import type { PaymentMethod } from './methods';

/**
 * The adapter of Stripe: one PaymentIntent for each attempt, captured by hand for cards; the methods that the payer confirms
 * elsewhere are captured when they are. A token is a ConfirmationToken (`ctoken_…`, from the Payment Element) or a
 * PaymentMethod (`pm_…`).
 */
export interface StripeOptions {
  readonly secretKey: string;
  readonly webhookSecret: string;
  /** Instead of https://api.stripe.com. */
  readonly url?: string;
  readonly clock?: Pick<Clock, 'now'>;
  /** How long a connection that nobody waits for any more is kept. Default 20 s. */
  readonly socketTimeoutMs?: number;
}

/** Loaded by who uses it alone: it takes a tenth of a second or more, and 17 MB. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- synchronous, and not before it is needed
const sdk = (): typeof Stripe => require('stripe') as typeof Stripe;

/** Older than so many seconds a webhook is refused, and so far in the future too. */
const TOLERANCE_SECONDS = 300;

/** Counted in hundredths at Stripe although the currency has none. https://docs.stripe.com/currencies#special-cases */
const IN_HUNDREDTHS: ReadonlySet<string> = new Set(['ISK', 'UGX']);
const factor = (currency: string): number => (IN_HUNDREDTHS.has(currency.toUpperCase()) ? 100 : 1);
const toStripe = ({ amount, currency }: Money): number => amount * factor(currency);
const fromStripe = (amount: number, currency: string): number => amount / factor(currency);

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

function toPayment(intent: Stripe.PaymentIntent): ProviderPayment {
  const { id, amount, amount_received, currency, latest_charge: charge, last_payment_error: error } = intent;
  const status = STATUS[intent.status as keyof typeof STATUS] ?? 'pending';
  return {
    providerId: id,
    status,
    amount: { amount: fromStripe(amount, currency), currency: currency.toUpperCase() },
    captured: status === 'captured' ? fromStripe(amount_received, currency) : 0,
    refunded: charge && typeof charge === 'object' ? fromStripe(charge.amount_refunded, currency) : 0,
    declineCode: status === 'declined' ? (error?.decline_code ?? error?.code ?? 'declined') : null,
  };
}

const toRefund = (refund: Stripe.Refund, id: string): ProviderRefund => ({
  id,
  status: REFUND_STATUS[refund.status ?? ''] ?? 'pending',
  failureCode: refund.failure_reason ?? null,
});

export function createStripeGateway(options: StripeOptions): Gateway {
  const { secretKey, webhookSecret, url, clock = systemClock, socketTimeoutMs = 20_000 } = options;
  const place = url === undefined ? undefined : new URL(url);
  const stripe = new (sdk())(secretKey, {
    // The saga repeats, with the same key; the breaker must see each failure.
    maxNetworkRetries: 0,
    timeout: socketTimeoutMs,
    telemetry: false,
    appInfo: { name: 'easy11' },
    ...(place && {
      host: place.hostname,
      port: place.port || (place.protocol === 'https:' ? 443 : 80),
      protocol: place.protocol === 'https:' ? 'https' : 'http',
    }),
  });

  const retrieve = (id: string, signal: AbortSignal): Promise<Stripe.PaymentIntent> =>
    ask(() => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }), signal);

  /** A step that the intent's state does not allow is answered with what it is: done already, or not possible any more. */
  const step = async (call: () => Promise<Stripe.PaymentIntent>, id: string, signal: AbortSignal) => {
    try {
      return toPayment(await ask(call, signal));
    } catch (error) {
      if (!(error instanceof GatewayRefused && error.code === 'payment_intent_unexpected_state')) throw error;
      return toPayment(await retrieve(id, signal));
    }
  };

  const refundsOf = async (intent: string, refundId: string, signal: AbortSignal) => {
    const { data } = await ask(() => stripe.refunds.list({ payment_intent: intent, limit: 100 }), signal);
    return data.find(({ metadata }) => metadata?.refundId === refundId);
  };

  return {
    provider: 'stripe',
    authorise: async ({ key, amount, method, token, orderId }, signal) => {
      const create = (): Promise<Stripe.PaymentIntent> =>
        stripe.paymentIntents.create(
          {
            amount: toStripe(amount),
            currency: amount.currency.toLowerCase(),
            confirm: true,
            capture_method: captureMethod(method),
            allowed_payment_method_types: [method],
            ...(token.startsWith('ctoken_') ? { confirmation_token: token } : { payment_method: token }),
            metadata: { key, orderId },
          },
          { idempotencyKey: key },
        );
      try {
        return toPayment(await ask(create, signal));
      } catch (error) {
        // 402: the bank says no. The intent is there, and says why.
        const intent = error instanceof DeclinedIntent ? error.intent : undefined;
        if (!intent) throw error;
        return { ...toPayment(intent), status: 'declined', declineCode: (error as DeclinedIntent).code };
      }
    },
    capture: ({ key, providerId, amount }, signal) => {
      const params = { amount_to_capture: toStripe(amount) };
      return step(() => stripe.paymentIntents.capture(providerId, params, { idempotencyKey: key }), providerId, signal);
    },
    // Without a key, under which Stripe would keep a "not now" for a day: cancelling twice is cancelling once anyway.
    void: ({ providerId }, signal) => step(() => stripe.paymentIntents.cancel(providerId), providerId, signal),
    refund: async ({ key, providerId, refundId, amount }, signal): Promise<RefundedPayment> => {
      const params = { payment_intent: providerId, amount: toStripe(amount), metadata: { refundId } };
      const refund = await ask(() => stripe.refunds.create(params, { idempotencyKey: key }), signal);
      return { ...toPayment(await retrieve(providerId, signal)), refund: toRefund(refund, refundId) };
    },
    find: async ({ key, providerId }, signal) => {
      if (providerId !== null) return toPayment(await retrieve(providerId, signal));
      // Stripe's search lags by up to a minute or so: what was made just now may not be found.
      const query = `metadata['key']:'${key.replaceAll(/['\\]/g, '\\$&')}'`;
      const { data } = await ask(
        () => stripe.paymentIntents.search({ query, limit: 1, expand: ['data.latest_charge'] }),
        signal,
      );
      return data[0] && toPayment(data[0]);
    },
    findRefund: async ({ providerId, refundId }, signal) => {
      const refund = await refundsOf(providerId, refundId, signal);
      return refund && { ...toPayment(await retrieve(providerId, signal)), refund: toRefund(refund, refundId) };
    },
    verifyWebhook: (body, headers) => readEvent(stripe, webhookSecret, body, headers, clock.now()),
    async *books(since, signal): AsyncIterable<BookedPayment> {
      for (let after: string | undefined, more = true; more;) {
        const page: Stripe.ApiList<Stripe.PaymentIntent> = await ask(
          () =>
            stripe.paymentIntents.list({
              created: { gte: Math.floor(since.getTime() / 1000) },
              limit: 100,
              expand: ['data.latest_charge'],
              ...(after !== undefined && { starting_after: after }),
            }),
          signal,
        );
        for (const intent of page.data) {
          const { key } = intent.metadata;
          // The account may serve others too.
          if (key !== undefined) yield { ...toPayment(intent), key, updatedAt: lastChange(intent) };
        }
        more = page.has_more;
        after = page.data.at(-1)?.id;
      }
    },
  };
}

const captureMethod = (method: PaymentMethod): 'manual' | 'automatic' => (method === 'card' ? 'manual' : 'automatic');

function lastChange({ created, canceled_at: canceled, latest_charge: charge }: Stripe.PaymentIntent): Date {
  const charged = charge && typeof charge === 'object' ? charge.created : 0;
  return new Date(Math.max(created, canceled ?? 0, charged) * 1000);
}

/** A card that was declined: the error carries the intent. */
class DeclinedIntent extends Error {
  constructor(
    readonly code: string,
    readonly intent: Stripe.PaymentIntent | undefined,
  ) {
    super(code);
  }
}

/** Makes a call that ends with the signal. Throws DeclinedIntent, GatewayRefused or GatewayUnavailable. */
async function ask<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  let giveUp: (() => void) | undefined;
  const given = new Promise<never>((_, reject) => {
    giveUp = (): void => reject(new GatewayUnavailable('given-up', 'nobody waits for Stripe any more'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    // The SDK takes no signal: the call goes on by itself until its own timeout, as one does that was sent.
    return await Promise.race([call(), given]);
  } catch (error) {
    throw toGatewayError(error);
  } finally {
    if (giveUp) signal.removeEventListener('abort', giveUp);
  }
}

function toGatewayError(error: unknown): unknown {
  const { StripeError, StripeCardError, StripeConnectionError } = sdk().errors;
  if (!(error instanceof StripeError)) return error;
  const { statusCode, code, message } = error;
  if (error instanceof StripeCardError)
    return new DeclinedIntent(error.decline_code ?? code ?? 'declined', error.payment_intent);
  if (error instanceof StripeConnectionError || statusCode === undefined)
    return new GatewayUnavailable('connection', 'Stripe did not answer', { cause: error });
  if (statusCode >= 500)
    return new GatewayUnavailable('server-error', `Stripe answered ${statusCode}`, { cause: error });
  if (statusCode === 401 || statusCode === 403)
    return new GatewayUnavailable('unauthorised', `Stripe does not take our key (${statusCode})`, { cause: error });
  // 409: the same key is being worked on.
  if (statusCode === 429 || statusCode === 409)
    return new GatewayUnavailable('busy', `Stripe answered ${statusCode}`, { cause: error });
  return new GatewayRefused(code ?? error.type, message);
}

function readEvent(
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
    throw new Problem('webhook-signature-invalid', 'The Stripe-Signature does not fit the body, or is old');
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
