import type { BalanceView, LedgerTransactionView } from '../schemas';
import type { LedgerTransaction } from '../rules';
import type { Queryable } from './payments';

/** Writes a transaction with all its entries; the database refuses one that does not balance, at the commit. */
export async function postTransaction(
  client: Queryable,
  paymentId: string,
  { kind, reference, entries }: LedgerTransaction,
): Promise<void> {
  await client.query({
    name: 'payments-ledger-post',
    text: `with posted as (
             insert into ledger_transactions (kind, payment_id, reference) values ($1, $2, $3) returning id
           )
           insert into ledger_entries (transaction_id, account, currency, amount)
           select posted.id, entry.account, entry.currency, entry.amount
           from posted, unnest($4::text[], $5::text[], $6::bigint[]) as entry(account, currency, amount)`,
    values: [
      kind,
      paymentId,
      reference,
      entries.map(({ account }) => account),
      entries.map(({ currency }) => currency),
      entries.map(({ amount }) => amount),
    ],
  });
}

type RawTransaction = Omit<LedgerTransactionView, 'occurredAt' | 'entries'> & {
  occurredAt: Date;
  entries: { account: LedgerTransactionView['entries'][number]['account']; currency: string; amount: number }[];
};

/** The newest first: one more than `limit` says that there are more. */
export async function listTransactions(
  client: Queryable,
  { limit, before, payment }: { readonly limit: number; readonly before?: string; readonly payment?: string },
): Promise<LedgerTransactionView[]> {
  const { rows } = await client.query<RawTransaction>(
    `select t.id::text, t.kind, t.payment_id as "paymentId", t.reference, t.occurred_at as "occurredAt",
       (select json_agg(json_build_object('account', account, 'currency', currency, 'amount', amount)
          order by account desc) from ledger_entries where transaction_id = t.id) as entries
     from ledger_transactions as t
     where ($1::bigint is null or t.id < $1) and ($2::text is null or t.payment_id = $2)
     order by t.id desc limit $3`,
    [before ?? null, payment ?? null, limit + 1],
  );
  return rows.map(({ occurredAt, entries, ...row }) => ({
    ...row,
    occurredAt: occurredAt.toISOString(),
    entries: entries.map(({ account, currency, amount }) => ({ account, amount: { amount, currency } })),
  }));
}

/** What each account holds in each currency. */
export async function readBalances(client: Queryable): Promise<BalanceView[]> {
  const { rows } = await client.query<{ account: string; currency: string; amount: string }>(
    'select account, currency, sum(amount) as amount from ledger_entries group by account, currency order by 1, 2',
  );
  return rows.map(({ account, currency, amount }) => ({ account, balance: { amount: Number(amount), currency } }));
}
