import type pg from 'pg';
import type { Line } from '../../../kernel/lines';
import type { StockItem } from '../events';

/** A basket of distinct skus, and the reservation that is to hold it. */
export interface Basket {
  readonly id: string;
  readonly lines: readonly Line[];
  readonly holdSeconds: number;
  readonly reference: string | null;
}

/**
 * RESERVE_STATEMENT for many baskets, with the same locks in the same order. Each is held in the first warehouse that has the whole of
 * it, if what all of those up to it want of its skus is there too: then it would have been held there had they come one after the
 * other. Whatever is less plain (a basket from several warehouses, the last units) is left to that statement.
 */
const RESERVE_MANY_STATEMENT = `
with want(n, sku, quantity) as (select * from unnest($1::int[], $2::text[], $3::int[])),
basket as (
  select * from unnest($4::text[], $5::int[], $6::text[]) with ordinality as b(id, hold_seconds, reference, n)
),
item as materialized (
  select i.sku from stock_items as i where i.sku = any($2) order by i.sku for update of i
),
level as materialized (
  select l.sku, l.warehouse_id, l.on_hand - l.reserved as available, w.priority
  from item join stock_levels as l using (sku) join warehouses as w on w.id = l.warehouse_id and w.active
  order by l.sku, l.warehouse_id for update of l
),
demand as (
  select n, sku, quantity, sum(quantity) over (partition by sku order by n) as up_to, count(*) over (partition by n) as skus
  from want
),
whole as (
  select distinct on (n) n, warehouse_id, fits from (
    select n, warehouse_id, priority, bool_and(available >= up_to) as fits from demand join level using (sku)
    where available >= quantity group by n, skus, warehouse_id, priority having count(*) = skus
  ) as has_it order by n, priority, warehouse_id
),
granted as materialized (select n, warehouse_id from whole where fits),
taken as (select n, sku, warehouse_id, quantity from granted join want using (n)),
held as (
  insert into reservations (id, expires_at, reference)
  select id, clock_timestamp() + hold_seconds * interval '1 second', reference from basket join granted using (n)
),
lines as (
  insert into reservation_lines (reservation_id, sku, warehouse_id, quantity)
  select id, sku, warehouse_id, quantity from basket join taken using (n)
),
levels as (
  update stock_levels as l set reserved = l.reserved + sums.quantity, updated_at = now()
  from (select sku, warehouse_id, sum(quantity)::int as quantity from taken group by sku, warehouse_id) as sums
  where l.sku = sums.sku and l.warehouse_id = sums.warehouse_id
),
items as (
  update stock_items as i set reserved = i.reserved + sums.quantity, version = i.version + 1
  from (select sku, sum(quantity)::int as quantity from taken group by sku) as sums where i.sku = sums.sku
  returning i.sku, i.on_hand as "onHand", i.reserved, i.version
)
select (select coalesce(json_agg(n), '[]') from granted) as granted,
  (select coalesce(json_agg(items), '[]') from items) as items,
  (select coalesce(json_agg(json_build_object('sku', sku, 'available', available)), '[]')
   from (select sku, sum(available)::int as available from level group by sku) as sums) as available`;

export interface ReservedMany {
  /** Whether each basket is held. */
  readonly held: readonly boolean[];
  /** What has changed: each sku once, however many baskets want it. */
  readonly items: readonly StockItem[];
  /** What there was of each sku before; one that was never in stock is missing. */
  readonly available: ReadonlyMap<string, number>;
}

/** Runs RESERVE_MANY_STATEMENT. The skus of a basket must be distinct. Of a basket that is not held, nothing has changed. */
export async function reserveMany(client: pg.ClientBase, baskets: readonly Basket[]): Promise<ReservedMany> {
  const want = baskets.flatMap(({ lines }, index) => lines.map((line) => ({ ...line, n: index + 1 })));
  const { rows } = await client.query<{
    granted: number[];
    items: StockItem[];
    available: { sku: string; available: number }[];
  }>({
    name: 'inventory-reserve-many',
    text: RESERVE_MANY_STATEMENT,
    values: [
      want.map(({ n }) => n),
      want.map(({ sku }) => sku),
      want.map(({ quantity }) => quantity),
      baskets.map(({ id }) => id),
      baskets.map(({ holdSeconds }) => holdSeconds),
      baskets.map(({ reference }) => reference),
    ],
  });
  const { granted = [], items = [], available = [] } = rows[0] ?? {};
  const held = new Set(granted);
  return {
    held: baskets.map((_, index) => held.has(index + 1)),
    items,
    available: new Map(available.map((one) => [one.sku, one.available])),
  };
}
