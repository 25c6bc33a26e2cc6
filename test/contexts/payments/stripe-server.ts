import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers the calls of the adapter as Stripe's documentation says that Stripe does. */

export interface Intent {
  id: string;
  object: 'payment_intent';
  amount: number;
  amount_received: number;
  currency: string;
  status: string;
  capture_method: string;
  created: number;
  canceled_at: number | null;
  metadata: Record<string, string>;
  last_payment_error: { code: string; decline_code?: string } | null;
  next_action: Record<string, unknown> | null;
  latest_charge: { id: string; object: 'charge'; amount_refunded: number; created: number } | null;
}

export interface StripeServer {
  readonly url: string;
  readonly intents: Map<string, Intent>;
  /** What banks have taken back. */
  readonly disputes: {
    readonly id: string;
    readonly object: 'dispute';
    readonly payment_intent: string;
    readonly amount: number;
    readonly currency: string;
    readonly reason: string;
    readonly status: string;
  }[];
  /** What was asked, in order: "POST /v1/payment_intents", with its key and form. */
  readonly calls: { call: string; key: string | undefined; form: URLSearchParams }[];
  /** What the next calls end in, `answer` or something else. `hang-after` and `500-after` have their effect. */
  next(...faults: ('answer' | 'hang-after' | '500-after' | '500' | '429' | '409' | '402' | '400' | 'cut')[]): void;
  /** As after a day: no key was ever seen. */
  forgetKeys(): void;
  /** Whether the search has not caught up: it finds nothing then. */
  searchLags: boolean;
  close(): Promise<void>;
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly error: Record<string, unknown>,
  ) {
    super(String(error.code));
  }
}

const seconds = (): number => Math.floor(Date.now() / 1000);
const newId = (prefix: string): string => `${prefix}_${randomBytes(8).toString('hex')}`;

export async function startStripeServer(secretKey: string): Promise<StripeServer> {
  const intents = new Map<string, Intent>();
  const refunds: { readonly id: string; readonly payment_intent: string }[] = [];
  const disputes: StripeServer['disputes'] = [];
  const state = { searchLags: false };
  const kept = new Map<string, { form: string; status: number; body: unknown }>();
  const calls: StripeServer['calls'] = [];
  const faults: string[] = [];

  const known = (id: string): Intent => {
    const intent = intents.get(id);
    if (intent) return intent;
    throw new Refusal(404, {
      type: 'invalid_request_error',
      code: 'resource_missing',
      message: `No such intent: ${id}`,
    });
  };
  const unexpected = (intent: Intent): Refusal =>
    new Refusal(400, {
      type: 'invalid_request_error',
      code: 'payment_intent_unexpected_state',
      message: `This PaymentIntent's status is ${intent.status}`,
      payment_intent: intent,
    });

  function create(form: URLSearchParams): Intent {
    const token = form.get('payment_method') ?? form.get('confirmation_token') ?? '';
    if (!/^(pm|ctoken)_/.test(token))
      throw new Refusal(400, { type: 'invalid_request_error', code: 'resource_missing', message: 'No such token' });
    const method = form.get('allowed_payment_method_types[0]') ?? '';
    const later = method !== 'card';
    const intent: Intent = {
      id: newId('pi'),
      object: 'payment_intent',
      amount: Number(form.get('amount')),
      amount_received: 0,
      currency: form.get('currency') ?? '',
      status: method in ACTIONS ? 'requires_action' : later ? 'processing' : 'requires_capture',
      capture_method: form.get('capture_method') ?? '',
      created: seconds(),
      canceled_at: null,
      metadata: { key: form.get('metadata[key]') ?? '', orderId: form.get('metadata[orderId]') ?? '' },
      last_payment_error: null,
      next_action: ACTIONS[method] ?? null,
      latest_charge: { id: newId('ch'), object: 'charge', amount_refunded: 0, created: seconds() },
    };
    intents.set(intent.id, intent);
    if (token === 'pm_card_authenticationRequired' && form.get('error_on_requires_action') !== 'true') {
      const url = 'https://hooks.stripe.com/redirect/authenticate/src_1';
      const redirect = { url, return_url: form.get('return_url') };
      Object.assign(intent, {
        status: 'requires_action',
        next_action: { type: 'redirect_to_url', redirect_to_url: redirect },
      });
      return intent;
    }
    if (token === 'pm_card_authenticationRequired') {
      intent.status = 'requires_payment_method';
      intent.last_payment_error = { code: 'authentication_required' };
      throw new Refusal(402, {
        type: 'card_error',
        code: 'authentication_required',
        message: 'The payer would have to act.',
        payment_intent: intent,
      });
    }
    if (token !== 'pm_card_chargeDeclined') return intent;
    intent.status = 'requires_payment_method';
    intent.last_payment_error = { code: 'card_declined', decline_code: 'generic_decline' };
    throw new Refusal(402, {
      type: 'card_error',
      code: 'card_declined',
      decline_code: 'generic_decline',
      message: 'Your card was declined.',
      payment_intent: intent,
    });
  }

  function perform(call: string, form: URLSearchParams): unknown {
    const [, id = '', action = ''] = /^\w+ \/v1\/payment_intents\/([^/]+)(?:\/(\w+))?$/.exec(call) ?? [];
    if (call === 'POST /v1/payment_intents') return create(form);
    if (call === 'GET /v1/payment_intents') {
      const all = [...intents.values()].filter(({ created }) => created >= Number(form.get('created[gte]')));
      return pageOf(all, form);
    }
    if (call === 'GET /v1/payment_intents/search') {
      if (state.searchLags) return { object: 'search_result', data: [] };
      const [, key] = /metadata\['key'\]:'(.+)'/.exec(form.get('query') ?? '') ?? [];
      return { object: 'search_result', data: [...intents.values()].filter(({ metadata }) => metadata.key === key) };
    }
    if (call === 'POST /v1/refunds') {
      const intent = known(form.get('payment_intent') ?? '');
      const amount = Number(form.get('amount'));
      const charge = intent.latest_charge!;
      if (charge.amount_refunded + amount > intent.amount_received)
        throw new Refusal(400, {
          type: 'invalid_request_error',
          code: 'amount_too_large',
          message: 'more than is left',
        });
      charge.amount_refunded += amount;
      const metadata = { refundId: form.get('metadata[refundId]') ?? '' };
      const refund = {
        id: newId('re'),
        object: 'refund',
        amount,
        status: 'succeeded',
        payment_intent: intent.id,
        metadata,
      };
      refunds.push(refund);
      return refund;
    }
    if (call === 'GET /v1/disputes') return pageOf(disputes, form);
    if (call === 'GET /v1/refunds') {
      const { id: intent } = known(form.get('payment_intent') ?? '');
      return pageOf(
        refunds.filter((one) => one.payment_intent === intent),
        form,
      );
    }
    const intent = known(id);
    if (action === 'capture') {
      if (intent.status !== 'requires_capture') throw unexpected(intent);
      Object.assign(intent, { status: 'succeeded', amount_received: Number(form.get('amount_to_capture')) });
    } else if (action === 'cancel') {
      if (!['requires_capture', 'requires_action', 'requires_payment_method'].includes(intent.status))
        throw unexpected(intent);
      Object.assign(intent, { status: 'canceled', canceled_at: seconds() });
    }
    return intent;
  }

  const server = createServer((req, res) => {
    const answer = (status: number, body: unknown): void => {
      res
        .writeHead(status, { 'Content-Type': 'application/json', 'Request-Id': newId('req') })
        .end(JSON.stringify(body));
    };
    void readForm(req).then(({ call, form }) => {
      const key = req.headers['idempotency-key'] as string | undefined;
      calls.push({ call, key, form });
      const fault = faults.shift();
      if (fault === 'cut') return req.socket.destroy();
      if (fault === '402')
        return answer(402, { error: { type: 'card_error', code: 'card_declined', message: 'The bank says no.' } });
      if (fault === '400')
        return answer(400, { error: { type: 'invalid_request_error', message: 'Not for this account.' } });
      if (fault === '429' || fault === '409')
        return answer(Number(fault), { error: { type: 'api_error', message: fault } });
      if (req.headers.authorization?.startsWith('Bearer rk_'))
        return answer(403, { error: { type: 'invalid_request_error', message: 'The key lacks a permission' } });
      if (req.headers.authorization !== `Bearer ${secretKey}`)
        return answer(401, { error: { type: 'invalid_request_error', message: 'Invalid API Key provided' } });
      const before = key === undefined ? undefined : kept.get(key);
      if (before && before.form !== form.toString())
        return answer(400, {
          error: { type: 'idempotency_error', message: 'Keys can only be used with the same parameters' },
        });
      let [status, body] = [before?.status ?? 200, before?.body];
      const broken = { error: { type: 'api_error', message: 'oops' } };
      if (!before) {
        if (fault === '500') [status, body] = [500, broken];
        else
          try {
            body = JSON.parse(JSON.stringify(perform(call, form)));
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            [status, body] = [error.status, { error: JSON.parse(JSON.stringify(error.error)) }];
          }
        if (fault === '500-after') [status, body] = [500, broken];
        // As at Stripe: whatever the answer is once the work has begun, a 500 too, is the answer to this key for a day.
        if (key !== undefined && req.method === 'POST') kept.set(key, { form: form.toString(), status, body });
      }
      if (fault === 'hang-after') return undefined;
      return answer(status, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    intents,
    disputes,
    calls,
    next: (...ends) => void faults.push(...ends),
    forgetKeys: () => kept.clear(),
    get searchLags() {
      return state.searchLags;
    },
    set searchLags(lags) {
      state.searchLags = lags;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What payers are asked to do, by method. */
const ACTIONS: Readonly<Record<string, Record<string, unknown>>> = {
  pix: {
    type: 'pix_display_qr_code',
    pix_display_qr_code: {
      data: '000201pix-of-stripe',
      expires_at: 1_900_000_000,
      hosted_instructions_url: 'https://payments.stripe.com/pix/instructions/1',
      image_url_svg: 'https://qr.stripe.com/1.svg',
    },
  },
  upi: {
    type: 'upi_handle_redirect_or_display_qr_code',
    upi_handle_redirect_or_display_qr_code: {
      hosted_instructions_url: 'https://payments.stripe.com/upi/instructions/1',
      qr_code: { expires_at: 1_900_000_000, image_url_svg: 'https://qr.stripe.com/2.svg' },
    },
  },
};

/** A page of a list, a small one: there are several. */
function pageOf(all: readonly { readonly id: string }[], form: URLSearchParams): object {
  const start = all.findIndex(({ id }) => id === form.get('starting_after')) + 1;
  const size = Math.min(2, Number(form.get('limit')));
  return { object: 'list', data: all.slice(start, start + size), has_more: start + size < all.length };
}

async function readForm(req: IncomingMessage): Promise<{ call: string; form: URLSearchParams }> {
  const chunks: Buffer[] = [];
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
  const url = new URL(req.url ?? '/', 'http://stripe');
  const form = req.method === 'GET' ? url.searchParams : new URLSearchParams(Buffer.concat(chunks).toString());
  return { call: `${req.method} ${url.pathname}`, form };
}
