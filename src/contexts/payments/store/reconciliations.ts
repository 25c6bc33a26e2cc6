import type { OwnPayment } from '../reconciliation-rules';
import type { Difference, ReconciliationView } from '../schemas';
import type { Queryable } from './payments';

/** What our books say of some payments; `fresh` ones have just changed, by the database's clock. */
export type OwnBooked = OwnPayment & { readonly fresh: boolean };
type Amount = 'amount' | 'captured' | 'refunded' | 'disputed' | 'refundPending';
type Raw = Omit<OwnBooked, Amount> & Record<Amount, string>;

// What the provider owes us comes from the ledger, not from the row: both have to be right.
const OWN = `select p.id, p.order_id as "orderId", p.attempt, p.provider_id as "providerId", p.status, p.amount, p.currency,
    p.refund_pending as "refundPending", coalesce(l.captured, 0) as captured, coalesce(l.refunded, 0) as refunded,
    coalesce(l.disputed, 0) as disputed,
    p.updated_at > clock_timestamp() - $2 * interval '1 millisecond' as fresh
  from payments as p left join lateral (
    select sum(e.amount) filter (where t.kind = 'capture') as captured,
      -sum(e.amount) filter (where t.kind = 'refund') as refunded,
      -sum(e.amount) filter (where t.kind in ('dispute-opened', 'dispute-won')) as disputed
    from ledger_transactions as t join ledger_entries as e on e.transaction_id = t.id
    where t.payment_id = p.id and e.account = 'provider_clearing'
  ) as l on true`;

const toOwn = (raw: Raw): OwnBooked => ({
  ...raw,
  amount: Number(raw.amount),
  captured: Number(raw.captured),
  refunded: Number(raw.refunded),
  disputed: Number(raw.disputed),
  refundPending: Number(raw.refundPending),
});

/** The database's clock, in milliseconds since the epoch. */
export async function readNow(client: Queryable): Promise<number> {
  const { rows } = await client.query<{ now: Date }>('select clock_timestamp() as now');
  if (!rows[0]) throw new Error('the database has no time');
  return rows[0].now.getTime();
}

/**
 * Ours behind these payments of the provider: by its ids, else by order and attempt. What is found by those alone may have
 * another id of the provider, and is then a second charge for one attempt.
 */
export async function findOwn(
  client: Queryable,
  provider: string,
  graceMs: number,
  booked: readonly { readonly providerId: string; readonly orderId?: string; readonly attempt?: number }[],
): Promise<Map<string, OwnBooked>> {
  const { rows } = await client.query<Raw & { there: string }>({
    name: 'payments-reconcile-own',
    text: `select own.*, b.there from unnest($3::text[], $4::text[], $5::int[]) as b(there, order_id, attempt)
           join lateral (${OWN} where p.provider = $1 and (p.provider_id = b.there
               or (p.order_id = b.order_id and p.attempt = b.attempt))
             order by p.provider_id is not distinct from b.there desc limit 1) as own on true`,
    values: [
      provider,
      graceMs,
      booked.map(({ providerId }) => providerId),
      booked.map(({ orderId }) => orderId ?? null),
      booked.map(({ attempt }) => attempt ?? null),
    ],
  });
  return new Map(rows.map(({ there, ...row }) => [there, toOwn(row)]));
}

/** Ours of a time that have the provider's id, in the order of our ids, behind `after`. */
export async function listOwn(
  client: Queryable,
  provider: string,
  graceMs: number,
  { since, after, limit }: { readonly since: Date; readonly after: string; readonly limit: number },
): Promise<OwnBooked[]> {
  const { rows } = await client.query<Raw>({
    name: 'payments-reconcile-list',
    text: `${OWN} where p.provider = $1 and p.provider_id is not null and p.created_at >= $3 and p.id > $4
           order by p.id limit $5`,
    values: [provider, graceMs, since, after, limit],
  });
  return rows.map(toOwn);
}

const COLUMNS = `id, provider, state, compared, skipped, found, differences, error, created_at as "createdAt",
  started_at as "startedAt", finished_at as "finishedAt"`;
type RawRun = Omit<ReconciliationView, 'createdAt' | 'startedAt' | 'finishedAt'> & {
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};
const toRun = (raw: RawRun): ReconciliationView => ({
  ...raw,
  createdAt: raw.createdAt.toISOString(),
  startedAt: raw.startedAt?.toISOString() ?? null,
  finishedAt: raw.finishedAt?.toISOString() ?? null,
});

/** Asks for a comparison: the next free process makes it. */
export async function insertReconciliation(
  client: Queryable,
  id: string,
  provider: string,
): Promise<ReconciliationView> {
  const { rows } = await client.query<RawRun>(
    `insert into payment_reconciliations (id, provider) values ($1, $2) returning ${COLUMNS}`,
    [id, provider],
  );
  if (!rows[0]) throw new Error(`the reconciliation ${id} is gone`);
  return toRun(rows[0]);
}

/** Asks for the daily one where none was for a day, or an hour after one that failed. One process at a time gets to ask. */
export async function insertDaily(client: Queryable, id: string, provider: string): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtext('payment_reconciliations'))`);
  await client.query(
    `insert into payment_reconciliations (id, provider) select $1, $2 where not exists (
       select from payment_reconciliations where provider = $2
         and created_at > clock_timestamp() - case state when 'failed' then interval '1 hour' else interval '24 hours' end)`,
    [id, provider],
  );
}

/** Takes one that waits, or whose process has died: nobody else does it then. Undefined when there is none. */
export async function claimReconciliation(client: Queryable, provider: string): Promise<string | undefined> {
  const { rows } = await client.query<{ id: string }>(
    `update payment_reconciliations set state = 'running', started_at = clock_timestamp()
     where id = (select id from payment_reconciliations
       where provider = $1 and (state = 'waiting'
         or (state = 'running' and started_at < clock_timestamp() - interval '1 hour'))
       order by created_at limit 1 for update skip locked)
     returning id`,
    [provider],
  );
  return rows[0]?.id;
}

export async function endReconciliation(
  client: Queryable,
  id: string,
  end: {
    readonly compared: number;
    readonly skipped: number;
    readonly found: number;
    readonly differences: readonly Difference[];
    readonly error?: string;
  },
): Promise<void> {
  await client.query(
    `update payment_reconciliations set state = case when $6::text is null then 'finished' else 'failed' end, compared = $2,
       skipped = $3, found = $4, differences = $5, error = $6, finished_at = clock_timestamp() where id = $1`,
    [id, end.compared, end.skipped, end.found, JSON.stringify(end.differences), end.error ?? null],
  );
}

export async function findReconciliation(client: Queryable, id: string): Promise<ReconciliationView | undefined> {
  const { rows } = await client.query<RawRun>(`select ${COLUMNS} from payment_reconciliations where id = $1`, [id]);
  return rows[0] && toRun(rows[0]);
}

/** The newest first; ids sort by time. */
export async function listReconciliations(
  client: Queryable,
  { before, limit }: { readonly before?: string; readonly limit: number },
): Promise<ReconciliationView[]> {
  const { rows } = await client.query<RawRun>(
    `select ${COLUMNS} from payment_reconciliations where $1::text is null or id < $1 order by id desc limit $2`,
    [before ?? null, limit],
  );
  return rows.map(toRun);
}

/** How many differences the last finished comparison found. */
export async function countLastDifferences(client: Queryable): Promise<number | undefined> {
  const { rows } = await client.query<{ count: number }>(
    `select found as count from payment_reconciliations
     where state = 'finished' order by id desc limit 1`,
  );
  return rows[0]?.count;
}
