import { judge, type Invariant, type Verdict } from '../../../platform/invariants';
import type { PaymentStatus } from '../rules';
import type { Queryable } from './payments';

const MONEY: readonly Invariant[] = [
  {
    id: 'I3',
    says: 'each transaction of the ledger comes to 0 in each currency',
    broken: `select concat_ws(' in ', transaction_id, currency) from ledger_entries
      group by transaction_id, currency having sum(amount) <> 0`,
  },
  {
    id: 'I3',
    says: 'what is disputed is what the disputes and the ledger say',
    broken: `select p.id from payments as p
      where p.disputed <> coalesce((select sum(amount) from disputes where payment_id = p.id and status in ('open', 'lost')), 0)
        or p.disputed <> coalesce((select sum(e.amount) from ledger_transactions as t
          join ledger_entries as e on e.transaction_id = t.id
          where t.payment_id = p.id and e.account in ('disputed_funds', 'dispute_losses')), 0)`,
  },
  {
    id: 'I4',
    says: 'the ledger has at the provider what was captured, and not given back or disputed',
    broken: `select p.id from payments as p
      left join (select t.payment_id, sum(e.amount) as net from ledger_transactions as t
        join ledger_entries as e on e.transaction_id = t.id and e.account = 'provider_clearing' group by 1) as l
      on l.payment_id = p.id where p.captured - p.refunded - p.disputed <> coalesce(l.net, 0)`,
  },
  {
    id: 'I5',
    says: 'refunded ≤ captured ≤ authorised ≤ asked for',
    broken: `select id from payments
      where not (refunded + refund_pending <= captured and captured <= authorised and authorised <= amount)`,
  },
];

/** Whether payments, disputes and the ledger agree. What the provider has is for the reconciliation to compare. */
export const judgeMoney = (client: Queryable): Promise<Verdict[]> => judge(client, MONEY);

/** What was asked for, taken and given back by one payment, in minor units. */
export interface Taken {
  readonly id: string;
  readonly orderId: string;
  readonly status: PaymentStatus;
  readonly amount: number;
  /** Of what was captured: what the shop still has. */
  readonly kept: number;
}

/** All payments of these orders. */
export async function findTaken(client: Queryable, orderIds: readonly string[]): Promise<readonly Taken[]> {
  const { rows } = await client.query<Omit<Taken, 'amount' | 'kept'> & { amount: string; kept: string }>({
    name: 'payments-taken',
    text: `select id, order_id as "orderId", status, amount, captured - refunded - disputed as kept
           from payments where order_id = any($1)`,
    values: [orderIds],
  });
  return rows.map((row) => ({ ...row, amount: Number(row.amount), kept: Number(row.kept) }));
}
