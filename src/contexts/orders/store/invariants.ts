import { judge, type Invariant, type Verdict } from '../../../platform/invariants';
import type { OrderState } from '../rules';
import type { Queryable } from './orders';

const TRADE: readonly Invariant[] = [
  {
    id: 'I6',
    says: 'no saga is in one step for longer than a quarter of an hour, unless it waits for a payer or a bank',
    broken: `select concat_ws(' in ', id, step) from sagas
      where state = 'running' and waiting_for is null and step_since < clock_timestamp() - interval '15 minutes'`,
  },
  {
    id: 'I7',
    says: 'the history of an order is its versions, and ends in its state',
    broken: `select o.id from orders as o
      left join (select order_id, count(*) as entries, max(version) as last from order_history group by 1) as h on h.order_id = o.id
      left join order_history as e on e.order_id = o.id and e.version = o.version
      where o.version is distinct from h.entries or o.version is distinct from h.last or o.state is distinct from e."to"`,
  },
  {
    id: 'I14',
    says: 'an order is the sum of its lines',
    broken: `select o.id from orders as o
      left join (select order_id, sum(subtotal) as subtotal, sum(discount) as discount, sum(tax) as tax, sum(total) as total
        from order_lines group by 1) as l on l.order_id = o.id
      where (o.subtotal, o.discount, o.tax, o.total) is distinct from (l.subtotal, l.discount, l.tax, l.total)`,
  },
];

/** Whether orders, their lines, histories and sagas agree. */
export const judgeTrade = (client: Queryable): Promise<Verdict[]> => judge(client, TRADE);

/** An order at which nobody works. */
export interface RestingOrder {
  readonly id: string;
  readonly version: number;
  readonly state: OrderState;
  readonly total: number;
  readonly paymentId: string | null;
  readonly reservationId: string;
}

/** Orders without an open saga, in the order of their ids, after this one. */
export async function findResting(client: Queryable, after: string, limit: number): Promise<readonly RestingOrder[]> {
  const { rows } = await client.query<Omit<RestingOrder, 'total'> & { total: string }>({
    name: 'orders-resting',
    text: `select o.id, o.version, o.state, o.total, o.payment_id as "paymentId", o.reservation_id as "reservationId"
           from orders as o where o.id > $1 and not exists (select from sagas where order_id = o.id and state <> 'done')
           order by o.id limit $2`,
    values: [after, limit],
  });
  return rows.map((row) => ({ ...row, total: Number(row.total) }));
}
