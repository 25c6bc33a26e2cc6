import type { IncomingHttpHeaders } from 'node:http';
import { systemClock, type Clock } from '../../kernel/clock';
import { Problem } from '../../kernel/errors';
import { z } from '../../platform/http/zod';
import { checkWebhook } from '../../platform/webhooks/standard';
import {
  GatewayRefused,
  GatewayUnavailable,
  type BookedPayment,
  type Gateway,
  type GatewayEvent,
  type ProviderDispute,
  type ProviderPayment,
  type RefundedPayment,
} from './gateway';
import { PAYMENT_METHODS } from './methods';
import { nextActionSchema } from './next-action';

/** The adapter of the sandbox provider, a program of its own (`npm run sandbox-provider`), over HTTP. */

const refundSchema = z.object({
  id: z.string(),
  status: z.enum(['pending', 'succeeded', 'failed']),
  amount: z.int(),
  failureCode: z.string().nullable(),
});
const disputeSchema = z.object({
  id: z.string(),
  // `coming` is known to the sandbox alone.
  status: z.enum(['coming', 'open', 'won', 'lost']),
  amount: z.int(),
  reason: z.string(),
});
const paymentSchema = z.object({
  id: z.string(),
  key: z.string(),
  status: z.enum(['authorised', 'pending', 'declined', 'captured', 'voided']),
  amount: z.int(),
  currency: z.string(),
  captured: z.int(),
  refunded: z.int(),
  declineCode: z.string().nullable(),
  // Of older payments the books say nothing.
  nextAction: nextActionSchema.nullable().default(null),
  updatedAt: z.number(),
  refunds: z.array(refundSchema),
  disputes: z.array(disputeSchema).default([]),
});
type Paid = z.output<typeof paymentSchema>;
const eventSchema = z.object({
  id: z.string(),
  type: z.string(),
  createdAt: z.number(),
  payment: paymentSchema,
  refundId: z.string().nullable(),
  disputeId: z.string().nullable().default(null),
});
const bookSchema = z.object({ data: z.array(paymentSchema), next: z.string().nullable() });
const refusalSchema = z.object({ code: z.string(), detail: z.string() });

export interface SandboxOptions {
  /** Where it listens, like http://127.0.0.1:8787; a function where that is only known later. */
  readonly url: string | (() => Promise<string>);
  /** `whsec_` and base64: the bearer token of calls, and what webhooks are signed with. */
  readonly secret: string;
  readonly clock?: Pick<Clock, 'now'>;
}

const toPayment = (paid: Paid): ProviderPayment => ({
  providerId: paid.id,
  status: paid.status,
  amount: { amount: paid.amount, currency: paid.currency },
  captured: paid.captured,
  refunded: paid.refunded,
  declineCode: paid.declineCode,
  nextAction: paid.nextAction,
});

function toRefunded(paid: Paid, refundId: string): RefundedPayment | undefined {
  const refund = paid.refunds.find(({ id }) => id === refundId);
  if (!refund) return undefined;
  const { id, status, failureCode } = refund;
  return { ...toPayment(paid), refund: { id, status, failureCode } };
}

function toDispute(paid: Paid, disputeId: string): ProviderDispute | undefined {
  const dispute = paid.disputes.find(({ id }) => id === disputeId);
  if (!dispute || dispute.status === 'coming') return undefined;
  const amount = { amount: dispute.amount, currency: paid.currency };
  return { id: dispute.id, status: dispute.status, amount, reason: dispute.reason, respondBy: null };
}

/** An answer that cannot be read is none: the call may have happened. */
function read<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new GatewayUnavailable('server-error', 'the sandbox provider answered something else', { cause: error });
  }
}

export function createSandboxGateway({ url, secret, clock = systemClock }: SandboxOptions): Gateway {
  const ask = async (method: 'GET' | 'POST', path: string, signal: AbortSignal, key?: string, body?: unknown) => {
    const base = typeof url === 'string' ? url : await url();
    let status: number;
    let text: string;
    try {
      const answer = await fetch(base + path, {
        method,
        signal,
        headers: {
          Authorization: `Bearer ${secret}`,
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...(key === undefined ? {} : { 'Idempotency-Key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      status = answer.status;
      text = await answer.text();
    } catch (error) {
      throw new GatewayUnavailable('connection', `the sandbox provider did not answer ${method} ${path}`, {
        cause: error,
      });
    }
    if (status >= 500) throw new GatewayUnavailable('server-error', `the sandbox provider answered ${status}`);
    if (status === 401 || status === 403)
      throw new GatewayUnavailable('unauthorised', `the sandbox provider does not take our secret (${status})`);
    if (status === 429) throw new GatewayUnavailable('busy', 'the sandbox provider has too much to do');
    // Of what is looked for and not there, the caller knows what to make.
    if (status >= 400 && !(method === 'GET' && status === 404)) {
      const { code, detail } = read(refusalSchema, text);
      throw new GatewayRefused(code, detail);
    }
    return { status, text };
  };

  const done = async (path: string, signal: AbortSignal, key: string, body: unknown): Promise<Paid> =>
    read(paymentSchema, (await ask('POST', path, signal, key, body)).text);

  const look = async (query: string, signal: AbortSignal): Promise<Paid | undefined> => {
    const answer = await ask('GET', `/v1/payments${query}`, signal);
    return answer.status === 404 ? undefined : read(paymentSchema, answer.text);
  };

  return {
    provider: 'sandbox',
    methods: PAYMENT_METHODS,
    takes: () => true,
    authorise: async ({ key, amount, method, token, orderId, returnUrl }, signal) => {
      const back = returnUrl === null ? {} : { returnUrl };
      const body = { ...amount, method, token, reference: orderId, ...back };
      return toPayment(await done('/v1/payments', signal, key, body));
    },
    capture: async ({ key, providerId, amount }, signal) =>
      toPayment(await done(`/v1/payments/${providerId}/capture`, signal, key, { amount: amount.amount })),
    void: async ({ key, providerId }, signal) =>
      toPayment(await done(`/v1/payments/${providerId}/void`, signal, key, {})),
    refund: async ({ key, providerId, refundId, amount }, signal) => {
      const body = { id: refundId, amount: amount.amount };
      const refunded = toRefunded(await done(`/v1/payments/${providerId}/refunds`, signal, key, body), refundId);
      if (!refunded) throw new GatewayUnavailable('server-error', 'the sandbox provider answered without the refund');
      return refunded;
    },
    find: async ({ key, providerId }, signal) => {
      const query = providerId === null ? `?key=${encodeURIComponent(key)}` : `/${providerId}`;
      const paid = await look(query, signal);
      return paid && toPayment(paid);
    },
    findRefund: async ({ providerId, refundId }, signal) => {
      const paid = await look(`/${providerId}`, signal);
      return paid && toRefunded(paid, refundId);
    },
    verifyWebhook: (body, headers) => readEvent(secret, body, headers, clock.now()),
    async *books(since, signal): AsyncIterable<BookedPayment> {
      for (let after: string | null = ''; after !== null;) {
        const query = `?since=${since.getTime()}&after=${encodeURIComponent(after)}`;
        const page: z.output<typeof bookSchema> = read(bookSchema, (await ask('GET', `/books${query}`, signal)).text);
        for (const paid of page.data) {
          const held = paid.disputes.filter(({ status }) => status === 'open' || status === 'lost');
          const disputed = held.reduce((sum, { amount }) => sum + amount, 0);
          yield { ...toPayment(paid), key: paid.key, disputed, updatedAt: new Date(paid.updatedAt) };
        }
        after = page.next;
      }
    },
  };
}

function readEvent(secret: string, body: Buffer, headers: IncomingHttpHeaders, now: number): GatewayEvent {
  const refusal = checkWebhook(secret, headers, body, now);
  if (refusal) throw new Problem('webhook-signature-invalid', `The webhook is refused: ${refusal}`);
  let given: unknown;
  try {
    given = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new Problem('malformed-request', 'The event is not JSON', { cause: error });
  }
  const read = eventSchema.safeParse(given);
  if (!read.success) throw new Problem('malformed-request', 'The event has another form', { cause: read.error });
  const { id, type, createdAt, payment, refundId, disputeId } = read.data;
  return {
    id,
    type,
    occurredAt: new Date(createdAt),
    providerId: payment.id,
    payment: toPayment(payment),
    key: payment.key,
    refund: refundId === null ? undefined : toRefunded(payment, refundId)?.refund,
    dispute: disputeId === null ? undefined : toDispute(payment, disputeId),
  };
}
