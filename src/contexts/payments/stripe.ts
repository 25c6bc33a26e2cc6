import type Stripe from 'stripe';
import { systemClock, type Clock } from '../../kernel/clock';
import { GatewayRefused, GatewayUnavailable, type BookedPayment, type Gateway, type RefundedPayment } from './gateway';
import { confirmsLater, PAYMENT_METHODS } from './methods';
import { isPayable, toStripe } from './stripe-amounts';
import { allOf, ask, DeclinedIntent, look, orMissing, sdk } from './stripe-calls';
import { lastChange, readEvent, toDispute, toPayment, toRefund } from './stripe-objects';

/**
 * The adapter of Stripe: one PaymentIntent for each attempt, captured by hand for cards; the methods that the payer confirms
 * elsewhere are captured when they are. A token is a ConfirmationToken (`ctoken_…`, from the Payment Element) or a
 * PaymentMethod (`pm_…`).
 *
 * Stripe keeps the first answer to an idempotency key, a 5xx too, and forgets it after a day. So a key alone neither ends what
 * ended in a 5xx nor guards what is repeated the next day: what may have happened is looked for first. Steps that Stripe itself
 * takes only once (capturing, cancelling) are asked for without a key.
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

/** How long a Pix code can be paid: no longer than an order waits for it. Stripe would keep it for four hours. */
const PIX_SECONDS = 3_600;

/** So long a key is surely kept: Stripe says "at least 24 hours", and clocks differ. */
const KEPT_MS = 23 * 3_600_000;

/** The gateway to the Stripe account of that secret key. */
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
    look(() => stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] }), signal);

  /** A step that the intent's state does not allow is answered with what it is: done already, or not possible any more. */
  const step = async (call: () => Promise<Stripe.PaymentIntent>, id: string, signal: AbortSignal) => {
    try {
      return toPayment(await ask(call, signal));
    } catch (error) {
      if (!(error instanceof GatewayRefused && error.code === 'payment_intent_unexpected_state')) throw error;
      return toPayment(await retrieve(id, signal));
    }
  };

  /** The intent of one of our keys. The search lags by up to a minute or so: what was made just now may not be found. */
  const search = async (key: string, signal: AbortSignal): Promise<Stripe.PaymentIntent | undefined> => {
    const query = `metadata['key']:'${key.replaceAll(/['\\]/g, '\\$&')}'`;
    const { data } = await look(
      () => stripe.paymentIntents.search({ query, limit: 1, expand: ['data.latest_charge'] }),
      signal,
    );
    return data[0];
  };

  const refundOf = async (
    intent: string,
    refundId: string,
    signal: AbortSignal,
  ): Promise<Stripe.Refund | undefined> => {
    for await (const refund of allOf((page) => stripe.refunds.list({ payment_intent: intent, ...page }), signal))
      if (refund.metadata?.refundId === refundId) return refund;
    return undefined;
  };

  return {
    provider: 'stripe',
    methods: PAYMENT_METHODS,
    takes: isPayable,
    authorise: async ({ key, amount, method, token, orderId, returnUrl, openedAt }, signal) => {
      const params: Stripe.PaymentIntentCreateParams = {
        amount: toStripe(amount),
        currency: amount.currency.toLowerCase(),
        confirm: true,
        capture_method: confirmsLater(method) ? 'automatic' : 'manual',
        allowed_payment_method_types: [method],
        // The bank wants to see the payer, and there is no page where they could come back to: declined, instead of waiting in vain.
        ...(returnUrl === null && !confirmsLater(method) ? { error_on_requires_action: true } : {}),
        ...(returnUrl === null ? {} : { return_url: returnUrl }),
        ...(method === 'pix' ? { payment_method_options: { pix: { expires_after_seconds: PIX_SECONDS } } } : {}),
        ...(token.startsWith('ctoken_') ? { confirmation_token: token } : { payment_method: token }),
        metadata: { key, orderId },
      };
      const forgotten = clock.now() - openedAt.getTime() > KEPT_MS;
      const before = forgotten ? await search(key, signal) : undefined;
      if (before) return toPayment(before);
      try {
        return toPayment(await ask(() => stripe.paymentIntents.create(params, { idempotencyKey: key }), signal));
      } catch (error) {
        // 402: the bank says no. The intent is there, and says why.
        if (error instanceof DeclinedIntent && error.intent)
          return { ...toPayment(error.intent), status: 'declined', declineCode: error.code };
        if (!(error instanceof GatewayUnavailable && error.reason === 'server-error')) throw error;
        const made = await search(key, signal);
        if (!made) throw error;
        return toPayment(made);
      }
    },
    capture: ({ providerId, amount }, signal) => {
      const params = { amount_to_capture: toStripe(amount) };
      return step(() => stripe.paymentIntents.capture(providerId, params), providerId, signal);
    },
    void: ({ providerId }, signal) => step(() => stripe.paymentIntents.cancel(providerId), providerId, signal),
    refund: async ({ key, providerId, refundId, amount }, signal): Promise<RefundedPayment> => {
      const params = { payment_intent: providerId, amount: toStripe(amount), metadata: { refundId } };
      const refund =
        (await orMissing(refundOf(providerId, refundId, signal))) ??
        (await ask(() => stripe.refunds.create(params, { idempotencyKey: key }), signal));
      return { ...toPayment(await retrieve(providerId, signal)), refund: toRefund(refund, refundId) };
    },
    find: async ({ key, providerId }, signal) => {
      const intent = providerId === null ? await search(key, signal) : await orMissing(retrieve(providerId, signal));
      return intent && toPayment(intent);
    },
    findRefund: async ({ providerId, refundId }, signal) => {
      const refund = await orMissing(refundOf(providerId, refundId, signal));
      return refund && { ...toPayment(await retrieve(providerId, signal)), refund: toRefund(refund, refundId) };
    },
    verifyWebhook: (body, headers) => readEvent(stripe, webhookSecret, body, headers, clock.now()),
    async *books(since, signal): AsyncIterable<BookedPayment> {
      const created = { gte: Math.floor(since.getTime() / 1000) };
      const expand = ['data.latest_charge'];
      // A dispute is younger than its payment: those of the same time hold all of them.
      const disputed = new Map<string, number>();
      for await (const dispute of allOf((page) => stripe.disputes.list({ created, ...page }), signal)) {
        const { status, amount } = toDispute(dispute);
        const { payment_intent: intent } = dispute;
        const id = typeof intent === 'string' ? intent : intent?.id;
        if (id !== undefined && (status === 'open' || status === 'lost'))
          disputed.set(id, (disputed.get(id) ?? 0) + amount.amount);
      }
      for await (const intent of allOf((page) => stripe.paymentIntents.list({ created, expand, ...page }), signal)) {
        const { key } = intent.metadata;
        // The account may serve others too.
        if (key !== undefined)
          yield {
            ...toPayment(intent),
            key,
            disputed: disputed.get(intent.id) ?? 0,
            updatedAt: lastChange(intent),
          };
      }
    },
  };
}
