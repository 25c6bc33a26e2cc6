import type pg from 'pg';
import type { StockItem } from '../events';
import type { Line } from '../../../kernel/lines';

/**
 * Holds stock for a basket of distinct skus, all of it or nothing, in one statement.
 *
 * Every change of a sku's stock locks the sku's row in stock_items first, in the order of skus: so two baskets that want the
 * same articles queue up instead of waiting for each other, and whoever holds the row alone decides about its levels. A
 * locked row is read as it is now, not as it was when the statement began (EvalPlanQual), so the decision is made on what
 * the transaction before has left. Filled from one warehouse that has the whole basket, if there is one, else from the
 * warehouses in the order of their priority.
 */
const RESERVE_STATEMENT = `
with want(sku, quantity) as (select * from unnest($1::text[], $2::int[])),
item as materialized (
  select i.sku, want.quantity from stock_items as i join want using (sku)
  order by i.sku for update of i
),
level as materialized (
  select l.sku, l.warehouse_id, item.quantity, l.on_hand - l.reserved as available, l.reserved as seen, w.priority
  from item join stock_levels as l using (sku) join warehouses as w on w.id = l.warehouse_id and w.active
  order by l.sku, l.warehouse_id for update of l
),
whole as (
  select warehouse_id from level where available >= quantity
  group by warehouse_id, priority having count(*) = (select count(*) from want)
  order by priority, warehouse_id limit 1
),
ranked as (
  select sku, warehouse_id, quantity, available, seen,
    coalesce(sum(available) over (
      partition by sku
      order by (warehouse_id = (select warehouse_id from whole)) is not true, priority, warehouse_id
      rows between unbounded preceding and 1 preceding), 0) as before
  from level where available > 0
),
taken as (
  select sku, warehouse_id, seen, least(available, quantity - before)::int as quantity from ranked where before < quantity
),
granted as (
  select coalesce((select sum(quantity) from taken), 0) = (select sum(quantity) from want) as ok
),
held as (
  insert into reservations (id, expires_at, reference)
  select $3, clock_timestamp() + $4 * interval '1 second', $5 from granted where ok
  returning expires_at
),
lines as (
  insert into reservation_lines (reservation_id, sku, warehouse_id, quantity)
  select $3, sku, warehouse_id, quantity from taken, granted where ok
),
levels as (
  update stock_levels as l set reserved = l.reserved + taken.quantity, updated_at = now() from taken, granted
  where ok and l.sku = taken.sku and l.warehouse_id = taken.warehouse_id
),
items as (
  update stock_items as i set reserved = i.reserved + want.quantity, version = i.version + 1 from want, granted
  where ok and i.sku = want.sku
  returning i.sku, i.on_hand as "onHand", i.reserved, i.version
)
select ok,
  (select coalesce(json_agg(items), '[]') from items) as items,
  (select coalesce(json_agg(json_build_object('sku', sku, 'available', available)), '[]')
   from (select sku, sum(available)::int as available from level group by sku) as sums) as available
from granted`;

export type Reserved =
  | { readonly ok: true; readonly items: readonly StockItem[] }
  | { readonly ok: false; readonly available: ReadonlyMap<string, number> };

/** Runs RESERVE_STATEMENT. The skus must be distinct. When it cannot be done, nothing has changed. */
export async function reserve(
  client: pg.ClientBase,
  id: string,
  lines: readonly Line[],
  { holdSeconds, reference }: { readonly holdSeconds: number; readonly reference: string | null },
): Promise<Reserved> {
  const { rows } = await client.query<{
    ok: boolean;
    items: StockItem[];
    available: { sku: string; available: number }[];
  }>({
    name: 'inventory-reserve',
    text: RESERVE_STATEMENT,
    values: [lines.map(({ sku }) => sku), lines.map(({ quantity }) => quantity), id, holdSeconds, reference],
  });
  const [row] = rows;
  if (row?.ok) return { ok: true, items: row.items };
  return { ok: false, available: new Map(row?.available.map(({ sku, available }) => [sku, available])) };
}
