import type { Queryable } from './payments';

/** Notes that an event came in. False when it came before: then nothing is to be done. */
export async function claimWebhook(
  client: Queryable,
  event: { readonly provider: string; readonly id: string; readonly type: string; readonly occurredAt: Date },
): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'payments-webhook-claim',
    text: `insert into payment_webhooks (provider, event_id, type, outcome, occurred_at) values ($1, $2, $3, 'unchanged', $4)
           on conflict do nothing`,
    values: [event.provider, event.id, event.type, event.occurredAt],
  });
  return rowCount === 1;
}

export type WebhookOutcome = 'recorded' | 'unchanged' | 'unknown-payment' | 'mismatch';

export async function noteOutcome(
  client: Queryable,
  event: { readonly provider: string; readonly id: string },
  outcome: WebhookOutcome,
  paymentId: string | undefined,
): Promise<void> {
  await client.query({
    name: 'payments-webhook-outcome',
    text: 'update payment_webhooks set outcome = $3, payment_id = $4 where provider = $1 and event_id = $2',
    values: [event.provider, event.id, outcome, paymentId ?? null],
  });
}

/** An event that contradicts a payment. */
export interface Mismatch {
  readonly paymentId: string;
  readonly eventId: string;
  readonly type: string;
  readonly receivedAt: string;
}

/** What contradicted these payments, the first first. */
export async function findMismatches(client: Queryable, paymentIds: readonly string[]): Promise<Mismatch[]> {
  const { rows } = await client.query<Omit<Mismatch, 'receivedAt'> & { receivedAt: Date }>(
    `select payment_id as "paymentId", event_id as "eventId", type, received_at as "receivedAt" from payment_webhooks
     where outcome = 'mismatch' and payment_id = any($1) order by received_at, event_id`,
    [paymentIds],
  );
  return rows.map(({ receivedAt, ...row }) => ({ ...row, receivedAt: receivedAt.toISOString() }));
}
