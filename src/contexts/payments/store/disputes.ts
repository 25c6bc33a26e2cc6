import type { ProviderDispute } from '../gateway';
import type { DisputeView } from '../types';
import type { DisputeStatus } from '../dispute-rules';
import type { Queryable } from './payments';

type Raw = Omit<DisputeView, 'amount' | 'respondBy' | 'createdAt' | 'updatedAt'> & {
  amount: string;
  currency: string;
  respondBy: Date | null;
  createdAt: Date;
  updatedAt: Date;
};

const FROM = 'disputes as d join payments as p on p.id = d.payment_id';
const COLUMNS = `d.id, d.payment_id as "paymentId", p.order_id as "orderId", d.provider_id as "providerId", d.status, d.amount,
  p.currency, d.reason, d.respond_by as "respondBy", d.created_at as "createdAt", d.updated_at as "updatedAt"`;

const toView = ({ amount, currency, respondBy, createdAt, updatedAt, ...raw }: Raw): DisputeView => ({
  ...raw,
  amount: { amount: Number(amount), currency },
  respondBy: respondBy?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

export async function findByProvider(
  client: Queryable,
  provider: string,
  providerId: string,
): Promise<DisputeView | undefined> {
  const { rows } = await client.query<Raw>({
    name: 'payments-dispute-find',
    text: `select ${COLUMNS} from ${FROM} where d.provider = $1 and d.provider_id = $2`,
    values: [provider, providerId],
  });
  return rows[0] && toView(rows[0]);
}

/** Adds a dispute, or writes how it stands now. The payment must be locked. */
export async function saveDispute(
  client: Queryable,
  {
    id,
    paymentId,
    provider,
    given,
  }: { readonly id: string; readonly paymentId: string; readonly provider: string; readonly given: ProviderDispute },
): Promise<DisputeView> {
  await client.query({
    name: 'payments-dispute-save',
    text: `insert into disputes (id, payment_id, provider, provider_id, status, amount, reason, respond_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (id) do update set status = excluded.status, reason = excluded.reason,
             respond_by = excluded.respond_by, updated_at = clock_timestamp()`,
    values: [id, paymentId, provider, given.id, given.status, given.amount.amount, given.reason, given.respondBy],
  });
  const after = await findByProvider(client, provider, given.id);
  if (!after) throw new Error(`the dispute ${id} is gone`);
  return after;
}

/** The youngest first, one more than `limit` where there is one; ids sort by time. */
export async function listDisputes(
  client: Queryable,
  { status, before, limit }: { readonly status?: DisputeStatus; readonly before?: string; readonly limit: number },
): Promise<DisputeView[]> {
  const { rows } = await client.query<Raw>(
    `select ${COLUMNS} from ${FROM} where ($1::text is null or d.status = $1) and ($2::text is null or d.id < $2)
     order by d.id desc limit $3`,
    [status ?? null, before ?? null, limit + 1],
  );
  return rows.map(toView);
}

/** All of these payments, the first first. */
export async function findDisputesOf(client: Queryable, paymentIds: readonly string[]): Promise<DisputeView[]> {
  const { rows } = await client.query<Raw>(
    `select ${COLUMNS} from ${FROM} where d.payment_id = any($1) order by d.created_at, d.id`,
    [paymentIds],
  );
  return rows.map(toView);
}
