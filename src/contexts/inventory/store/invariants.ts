import { judge, type Invariant, type Verdict } from '../../../platform/invariants';
import type { Queryable } from './stock';

const STOCK: readonly Invariant[] = [
  {
    id: 'I2',
    says: '0 ≤ reserved ≤ on hand, for each sku and warehouse',
    broken: `select concat_ws(' in ', sku, warehouse_id) from stock_levels where not (0 <= reserved and reserved <= on_hand)`,
  },
  {
    id: 'I2',
    says: 'what is reserved is what is held',
    broken: `select concat_ws(' in ', l.sku, l.warehouse_id) from stock_levels as l
      left join (select line.sku, line.warehouse_id, sum(line.quantity) as held from reservation_lines as line
        join reservations as r on r.id = line.reservation_id and r.state = 'held' group by 1, 2) as h
      on h.sku = l.sku and h.warehouse_id = l.warehouse_id where l.reserved <> coalesce(h.held, 0)`,
  },
  {
    id: 'I2',
    says: 'what is on hand is the sum of its movements',
    broken: `select concat_ws(' in ', l.sku, l.warehouse_id) from stock_levels as l
      left join (select sku, warehouse_id, sum(quantity) as moved from stock_movements group by 1, 2) as m
      on m.sku = l.sku and m.warehouse_id = l.warehouse_id where l.on_hand <> coalesce(m.moved, 0)`,
  },
  {
    id: 'I2',
    says: 'the sum of a sku is that of its warehouses',
    broken: `select i.sku from stock_items as i
      left join (select sku, sum(on_hand) as on_hand, sum(reserved) as reserved from stock_levels group by 1) as l
      on l.sku = i.sku where i.on_hand <> coalesce(l.on_hand, 0) or i.reserved <> coalesce(l.reserved, 0)`,
  },
];

/** Whether the stock is what its holds and movements say. */
export const judgeStock = (client: Queryable): Promise<Verdict[]> => judge(client, STOCK);

/** In which state these reservations are; those that are not there are left out. */
export async function findReservationStates(
  client: Queryable,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ id: string; state: string }>({
    name: 'reservation-states',
    text: 'select id, state from reservations where id = any($1)',
    values: [ids],
  });
  return new Map(rows.map(({ id, state }) => [id, state]));
}
