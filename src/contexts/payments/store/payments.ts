import type pg from 'pg';
import type { Money } from '../../../kernel/money';
import type { PaymentState } from '../rules';
import type { PaymentView } from '../types';

export type Queryable = Pick<pg.ClientBase, 'query'>;

type Amounts = Record<'amount' | 'authorised' | 'captured' | 'refunded' | 'refundPending' | 'disputed', string>;
type Raw = Omit<PaymentView, keyof Amounts | 'createdAt' | 'updatedAt'> &
  Amounts & { currency: string; createdAt: Date; updatedAt: Date };

const COLUMNS = `id, order_id as "orderId", attempt, method, status, provider, provider_id as "providerId", token, country,
  return_url as "returnUrl", next_action as "nextAction", action_done as "actionDone",
  currency, amount, authorised, captured, refunded, refund_pending as "refundPending", disputed, decline_code as "declineCode", version,
  created_at as "createdAt", updated_at as "updatedAt"`;

function toView({ currency, createdAt, updatedAt, ...raw }: Raw): PaymentView {
  const money = (name: keyof Amounts): Money => ({ amount: Number(raw[name]), currency });
  return {
    ...raw,
    amount: money('amount'),
    authorised: money('authorised'),
    captured: money('captured'),
    refunded: money('refunded'),
    refundPending: money('refundPending'),
    disputed: money('disputed'),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

export type NewPayment = Pick<
  PaymentView,
  'id' | 'orderId' | 'attempt' | 'method' | 'provider' | 'token' | 'country' | 'amount'
> & { readonly returnUrl?: string | undefined };

/** Adds the row of an attempt; one that is there stays as it is. Resolves to the row. */
export async function insertPayment(client: Queryable, payment: NewPayment): Promise<PaymentView> {
  const { id, orderId, attempt, method, provider, token, country, amount, returnUrl } = payment;
  const { rows } = await client.query<Raw>({
    name: 'payments-insert',
    text: `insert into payments (id, order_id, attempt, method, provider, token, country, currency, amount, return_url)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (order_id, attempt) do nothing returning ${COLUMNS}`,
    values: [id, orderId, attempt, method, provider, token, country, amount.currency, amount.amount, returnUrl ?? null],
  });
  if (rows[0]) return toView(rows[0]);
  const [row] = await select(client, 'order_id = $1 and attempt = $2', [orderId, attempt]);
  if (!row) throw new Error(`the payment ${orderId}/${attempt} is gone`);
  return row;
}

/** Adds the rows of attempts that are all new. */
export async function insertPayments(client: Queryable, payments: readonly NewPayment[]): Promise<void> {
  await client.query({
    name: 'payments-insert-many',
    text: `insert into payments (id, order_id, attempt, method, provider, token, country, currency, amount, return_url)
           select * from unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
             $9::bigint[], $10::text[])`,
    values: [
      payments.map(({ id }) => id),
      payments.map(({ orderId }) => orderId),
      payments.map(({ attempt }) => attempt),
      payments.map(({ method }) => method),
      payments.map(({ provider }) => provider),
      payments.map(({ token }) => token),
      payments.map(({ country }) => country),
      payments.map(({ amount }) => amount.currency),
      payments.map(({ amount }) => amount.amount),
      payments.map(({ returnUrl }) => returnUrl ?? null),
    ],
  });
}

/** Prepared under the condition, of which there are few. */
async function select(client: Queryable, where: string, values: unknown[]): Promise<PaymentView[]> {
  const text = `select ${COLUMNS} from payments where ${where}`;
  const { rows } = await client.query<Raw>({ name: `payments ${where}`.slice(0, 60), text, values });
  return rows.map(toView);
}

export const findPaymentsOfOrder = (client: Queryable, orderId: string): Promise<PaymentView[]> =>
  select(client, 'order_id = $1 order by attempt', [orderId]);

export async function findPayment(client: Queryable, id: string): Promise<PaymentView | undefined> {
  return (await select(client, 'id = $1', [id]))[0];
}

/** The row, kept for this transaction: whoever records a result does it alone. */
export async function lockPayment(client: Queryable, id: string): Promise<PaymentView | undefined> {
  return (await select(client, 'id = $1 for update', [id]))[0];
}

/**
 * Finds the payments of the provider's id and of an order's attempt, that of the id first: one, as a rule. What is found by the
 * attempt alone may have another id of the provider: then it was charged twice, and recording the result says so.
 */
export async function findProviderPayments(
  client: Queryable,
  provider: string,
  { providerId, orderId, attempt }: { providerId: string; orderId?: string; attempt?: number },
): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>({
    name: 'payments-by-provider',
    text: `select id from payments where provider = $1 and (provider_id = $2 or (order_id = $3 and attempt = $4))
           order by provider_id is not distinct from $2 desc`,
    values: [provider, providerId, orderId ?? null, attempt ?? null],
  });
  return rows.map(({ id }) => id);
}

/**
 * Writes what a result makes of a payment, `steps` events later. Undefined when the row is no longer as it was read.
 */
export async function updatePayment(
  client: Queryable,
  before: PaymentView,
  state: PaymentState,
  result: { readonly providerId: string; readonly declineCode: string | null },
  steps: number,
): Promise<PaymentView | undefined> {
  const { rows } = await client.query<Raw>({
    name: 'payments-update',
    text: `update payments
           set status = $4, authorised = $5, captured = $6, provider_id = $7, decline_code = $8, version = version + $9,
             next_action = $10, action_done = $11, updated_at = clock_timestamp()
           where id = $1 and version = $2 and status = $3 and (provider_id is null or provider_id = $7)
           returning ${COLUMNS}`,
    values: [
      before.id,
      before.version,
      before.status,
      state.status,
      state.authorised,
      state.captured,
      result.providerId,
      state.status === 'declined' ? result.declineCode : null,
      steps,
      state.nextAction && JSON.stringify(state.nextAction),
      state.actionDone,
    ],
  });
  return rows[0] && toView(rows[0]);
}

/** Reserves so much of what is captured for a refund. Undefined when there is not so much left. */
export async function reserveForRefund(client: Queryable, id: string, amount: Money): Promise<PaymentView | undefined> {
  const { rows } = await client.query<Raw>({
    name: 'payments-refund-reserve',
    text: `update payments set refund_pending = refund_pending + $2, updated_at = clock_timestamp()
           where id = $1 and currency = $3 and captured - refunded - refund_pending - disputed >= $2 returning ${COLUMNS}`,
    values: [id, amount.amount, amount.currency],
  });
  return rows[0] && toView(rows[0]);
}

/** Writes what a dispute holds of a payment, or gives back, `steps` events later. */
export async function addDisputed(client: Queryable, id: string, by: number, steps: number): Promise<PaymentView> {
  const { rows } = await client.query<Raw>({
    name: 'payments-disputed',
    text: `update payments set disputed = disputed + $2, version = version + $3, updated_at = clock_timestamp()
           where id = $1 returning ${COLUMNS}`,
    values: [id, by, steps],
  });
  if (!rows[0]) throw new Error(`the payment ${id} is gone`);
  return toView(rows[0]);
}

/** Ends a refund: its amount is refunded, or free again; one event later. */
export async function endRefund(
  client: Queryable,
  id: string,
  amount: number,
  succeeded: boolean,
): Promise<PaymentView> {
  const { rows } = await client.query<Raw>({
    name: 'payments-refund-end',
    text: `update payments
           set refund_pending = refund_pending - $2, refunded = refunded + case when $3 then $2::bigint else 0 end,
             version = version + 1, updated_at = clock_timestamp()
           where id = $1 returning ${COLUMNS}`,
    values: [id, amount, succeeded],
  });
  if (!rows[0]) throw new Error(`the payment ${id} is gone`);
  return toView(rows[0]);
}

/** Payments that wait for the payer, of which nothing was heard or asked for so long by the database's clock, the longest first. */
export async function findSilent(
  client: Queryable,
  provider: string,
  silentMs: number,
  limit: number,
): Promise<PaymentView[]> {
  return select(
    client,
    `provider = $1 and status = 'pending'
       and greatest(updated_at, asked_at) < clock_timestamp() - $2 * interval '1 millisecond'
     order by greatest(updated_at, asked_at) limit $3`,
    [provider, silentMs, limit],
  );
}

/** Notes that the provider was asked for a payment: it goes to the end of the queue, and is no younger for that. */
export async function noteAsked(client: Queryable, id: string): Promise<void> {
  await client.query(`update payments set asked_at = clock_timestamp() where id = $1`, [id]);
}
