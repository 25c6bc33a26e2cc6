import type { Money } from '../../../kernel/money';
import type { RefundView } from '../types';
import type { Queryable } from './payments';

type Raw = Omit<RefundView, 'amount' | 'createdAt' | 'updatedAt'> & {
  amount: string;
  currency: string;
  createdAt: Date;
  updatedAt: Date;
};

const COLUMNS = `r.id, r.payment_id as "paymentId", r.amount, p.currency, r.reason, r.status, r.failure_code as "failureCode",
  r.created_at as "createdAt", r.updated_at as "updatedAt"`;

const toView = ({ amount, currency, createdAt, updatedAt, ...raw }: Raw): RefundView => ({
  ...raw,
  amount: { amount: Number(amount), currency },
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

export async function insertRefund(
  client: Queryable,
  refund: { readonly id: string; readonly paymentId: string; readonly amount: Money; readonly reason: string },
): Promise<RefundView> {
  const { id, paymentId, amount, reason } = refund;
  await client.query({
    name: 'payments-refund-insert',
    text: 'insert into refunds (id, payment_id, amount, reason) values ($1, $2, $3, $4)',
    values: [id, paymentId, amount.amount, reason],
  });
  const row = await findRefund(client, id);
  if (!row) throw new Error(`the refund ${id} is gone`);
  return row;
}

export async function findRefund(client: Queryable, id: string): Promise<RefundView | undefined> {
  const { rows } = await client.query<Raw>({
    name: 'payments-refund',
    text: `select ${COLUMNS} from refunds as r join payments as p on p.id = r.payment_id where r.id = $1`,
    values: [id],
  });
  return rows[0] && toView(rows[0]);
}

/** Ends a refund that is pending. Undefined when it has ended already, or is not there. */
export async function setRefundStatus(
  client: Queryable,
  id: string,
  status: 'succeeded' | 'failed',
  failureCode: string | null,
): Promise<RefundView | undefined> {
  const { rowCount } = await client.query({
    name: 'payments-refund-status',
    text: `update refunds set status = $2, failure_code = $3, updated_at = clock_timestamp()
           where id = $1 and status = 'pending'`,
    values: [id, status, failureCode],
  });
  return rowCount === 1 ? findRefund(client, id) : undefined;
}

export async function findRefundsOf(client: Queryable, paymentIds: readonly string[]): Promise<RefundView[]> {
  const { rows } = await client.query<Raw>(
    `select ${COLUMNS} from refunds as r join payments as p on p.id = r.payment_id
     where r.payment_id = any($1) order by r.created_at, r.id`,
    [paymentIds],
  );
  return rows.map(toView);
}

/** What was paid back, of these refunds: those that are not paid are passed over. */
export async function listPaidRefunds(
  client: Queryable,
  ids: readonly string[],
): Promise<{ id: string; orderId: string; amount: number; currency: string; refundedAt: Date }[]> {
  const { rows } = await client.query<{
    id: string;
    orderId: string;
    amount: number;
    currency: string;
    refundedAt: Date;
  }>({
    name: 'payments-refunds-paid',
    text: `select r.id, p.order_id as "orderId", r.amount::float8 as amount, p.currency, r.updated_at as "refundedAt"
           from refunds as r join payments as p on p.id = r.payment_id
           where r.id = any($1::text[]) and r.status = 'succeeded' order by r.id`,
    values: [ids],
  });
  return rows;
}

/** Refunds that are pending, of which nothing was heard or asked for so long by the database's clock, the longest first. */
export async function findSilentRefunds(
  client: Queryable,
  provider: string,
  silentMs: number,
  limit: number,
): Promise<RefundView[]> {
  const { rows } = await client.query<Raw>(
    `select ${COLUMNS} from refunds as r join payments as p on p.id = r.payment_id
     where p.provider = $1 and r.status = 'pending'
       and greatest(r.updated_at, r.asked_at) < clock_timestamp() - $2 * interval '1 millisecond'
     order by greatest(r.updated_at, r.asked_at) limit $3`,
    [provider, silentMs, limit],
  );
  return rows.map(toView);
}

/** Notes that the provider was asked for a refund: it goes to the end of the queue. */
export async function noteRefundAsked(client: Queryable, id: string): Promise<void> {
  await client.query('update refunds set asked_at = clock_timestamp() where id = $1', [id]);
}
