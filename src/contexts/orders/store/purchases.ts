import type { Queryable } from './orders';

/** An article of an order that was not cancelled. */
export interface Purchase {
  readonly orderId: string;
  /** Null for somebody who gave none. */
  readonly email: string | null;
  readonly sku: string;
  readonly quantity: number;
  /** When the order was placed, milliseconds since the epoch. */
  readonly at: number;
}

const PURCHASES = `select o.id as "orderId", o.email, l.sku, l.quantity, (extract(epoch from o.created_at) * 1000)::float8 as at
  from orders as o join order_lines as l on l.order_id = o.id
  where o.state not in ('cancelling', 'cancelled')`;

/** The lines of orders, by rising id of the order, hence by time, so many orders at a time; from `after` on, without it. */
export async function* streamPurchases(
  client: Queryable,
  after: string,
  chunk: number,
): AsyncGenerator<readonly Purchase[]> {
  for (let last = after; ;) {
    const { rows } = await client.query<{ end: string | null }>({
      name: 'orders-purchases-page',
      text: `select max(id) as end from (select id from orders where id > $1 order by id limit $2) as page`,
      values: [last, chunk],
    });
    const end = rows[0]?.end;
    if (end === null || end === undefined) return;
    const lines = await client.query<Purchase>({
      name: 'orders-purchases',
      text: `${PURCHASES} and o.id > $1 and o.id <= $2 order by o.id, l.line`,
      values: [last, end],
    });
    yield lines.rows;
    last = end;
  }
}

/** The lines of these orders. */
export async function listPurchases(client: Queryable, orderIds: readonly string[]): Promise<Purchase[]> {
  const { rows } = await client.query<Purchase>({
    name: 'orders-purchases-of',
    text: `${PURCHASES} and o.id = any($1) order by o.id, l.line`,
    values: [orderIds],
  });
  return rows;
}
