import type pg from 'pg';
import type { OrderLineFact } from '../facts';

type Row = Omit<OrderLineFact, 'customer' | 'placedAt' | 'couponId' | 'couponDiscount'> & {
  readonly email: string | null;
  readonly placedAt: Date;
};

/** The lines of orders with what of the order matters to who counts them. */
export async function listFacts(client: Pick<pg.Pool, 'query'>, orderIds: readonly string[]): Promise<Row[]> {
  const { rows } = await client.query<Row>({
    name: 'orders-facts',
    text: `select o.id as "orderId", o.version, l.line, o.state, o.email, o.address->>'country' as country,
             o.address->>'state' as region, o.created_at as "placedAt", l.sku, l.quantity, l.unit_amount::float8 as "unitAmount",
             l.subtotal::float8 as subtotal, l.discount::float8 as discount, l.tax::float8 as tax, l.total::float8 as total,
             o.currency, o.shopper
           from orders as o join order_lines as l on l.order_id = o.id
           where o.id = any($1::text[]) order by o.id, l.line`,
    values: [orderIds],
  });
  return rows;
}
