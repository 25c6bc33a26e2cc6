import type pg from 'pg';
import type { StockItem } from '../events';
import type { MovementView, StockLevelView } from '../schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** A change of one level. */
export interface Delta {
  readonly sku: string;
  readonly warehouseId: string;
  readonly onHand: number;
  readonly reserved: number;
}

/** What is written down where units come or go. */
export interface MovementNote {
  readonly kind: MovementView['kind'];
  readonly reference: string | null;
  readonly note: string;
  readonly actor: string;
}

/** Adds rows of zeros where a sku, or a sku in a warehouse, has none: sorted, as whoever waits here waits in that order. */
export async function ensureLevels(client: pg.ClientBase, warehouseId: string, skus: readonly string[]): Promise<void> {
  const sorted = [...skus].sort();
  await client.query('insert into stock_items (sku) select unnest($1::text[]) on conflict do nothing', [sorted]);
  await client.query(
    'insert into stock_levels (sku, warehouse_id) select unnest($1::text[]), $2 on conflict do nothing',
    [sorted, warehouseId],
  );
}

/**
 * Applies changes to levels that are there, with the same order of locks as a reservation, and writes a movement for each
 * level whose on_hand changes. The database's checks refuse what would oversell. Resolves to the skus as they are then.
 */
export async function applyDeltas(
  client: pg.ClientBase,
  deltas: readonly Delta[],
  movement: MovementNote | undefined,
): Promise<StockItem[]> {
  const { rows } = await client.query<StockItem>({
    name: 'inventory-apply',
    text: `
with delta as (
  select sku, warehouse_id, sum(on_hand)::int as on_hand, sum(reserved)::int as reserved
  from unnest($1::text[], $2::text[], $3::int[], $4::int[]) as d(sku, warehouse_id, on_hand, reserved)
  group by sku, warehouse_id
),
item as materialized (
  select i.sku from stock_items as i where i.sku = any($1) order by i.sku for update
),
levels as (
  update stock_levels as l
  set on_hand = l.on_hand + delta.on_hand, reserved = l.reserved + delta.reserved, updated_at = now()
  from item join delta using (sku) where l.sku = delta.sku and l.warehouse_id = delta.warehouse_id
  returning l.sku, l.warehouse_id, l.on_hand, delta.on_hand as quantity
),
moved as (
  insert into stock_movements (sku, warehouse_id, quantity, kind, reference, note, actor, on_hand_after)
  select sku, warehouse_id, quantity, $5, $6, $7, $8, on_hand from levels where quantity <> 0 order by sku
)
update stock_items as i
set on_hand = i.on_hand + total.on_hand, reserved = i.reserved + total.reserved, version = i.version + 1
from item join (
  select sku, sum(on_hand)::int as on_hand, sum(reserved)::int as reserved from delta group by sku
) as total using (sku) where i.sku = total.sku
returning i.sku, i.on_hand as "onHand", i.reserved, i.version`,
    values: [
      deltas.map(({ sku }) => sku),
      deltas.map(({ warehouseId }) => warehouseId),
      deltas.map(({ onHand }) => onHand),
      deltas.map(({ reserved }) => reserved),
      movement?.kind ?? null,
      movement?.reference ?? null,
      movement?.note ?? '',
      movement?.actor ?? '',
    ],
  });
  return rows;
}

/** The sums of these skus; those that were never in stock are missing. */
export async function findItems(client: Queryable, skus: readonly string[]): Promise<StockItem[]> {
  const { rows } = await client.query<StockItem>({
    name: 'inventory-items',
    text: 'select sku, on_hand as "onHand", reserved, version from stock_items where sku = any($1)',
    values: [skus],
  });
  return rows;
}

const LEVEL = `sku, warehouse_id as "warehouseId", on_hand as "onHand", reserved, on_hand - reserved as available,
  updated_at as "updatedAt"`;
type Dated<T, K extends keyof T> = Omit<T, K> & Record<K, Date>;

/** Levels by sku and warehouse, one more than `limit` where there is one. */
export async function listLevels(
  client: Queryable,
  filter: { skus?: readonly string[]; warehouse?: string; after?: readonly [string, string]; limit: number },
): Promise<StockLevelView[]> {
  const { rows } = await client.query<Dated<StockLevelView, 'updatedAt'>>(
    `select ${LEVEL} from stock_levels
     where ($1::text[] is null or sku = any($1)) and ($2::text is null or warehouse_id = $2)
       and ($3::text is null or (sku, warehouse_id) > ($3, $4))
     order by sku, warehouse_id limit $5`,
    [
      filter.skus ?? null,
      filter.warehouse ?? null,
      filter.after?.[0] ?? null,
      filter.after?.[1] ?? null,
      filter.limit + 1,
    ],
  );
  return rows.map((row) => ({ ...row, updatedAt: row.updatedAt.toISOString() }));
}

/** Movements, the newest first, one more than `limit` where there is one. */
export async function listMovements(
  client: Queryable,
  filter: { sku?: string; before?: string; limit: number },
): Promise<MovementView[]> {
  const { rows } = await client.query<Dated<MovementView, 'occurredAt'>>(
    `select id, sku, warehouse_id as "warehouseId", quantity, kind, reference, note, actor,
       on_hand_after as "onHandAfter", occurred_at as "occurredAt"
     from stock_movements where ($1::text is null or sku = $1) and ($2::bigint is null or id < $2)
     order by id desc limit $3`,
    [filter.sku ?? null, filter.before ?? null, filter.limit + 1],
  );
  return rows.map((row) => ({ ...row, occurredAt: row.occurredAt.toISOString() }));
}
