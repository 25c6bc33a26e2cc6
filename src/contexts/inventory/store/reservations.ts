import type pg from 'pg';
import type { ReservationState } from '../rules';
import type { ReservationView } from '../schemas';
import type { Queryable } from './stock';

/** A reservation, and whether its time is over by the database's clock. */
export type ReservationRow = ReservationView & { readonly expired: boolean };

const COLUMNS = `r.id, r.state, r.reference, r.expires_at as "expiresAt", r.created_at as "createdAt", r.version,
  r.expires_at <= clock_timestamp() as expired,
  (select json_agg(json_build_object('sku', sku, 'warehouseId', warehouse_id, 'quantity', quantity)
     order by sku, warehouse_id) from reservation_lines where reservation_id = r.id) as lines`;
type Raw = Omit<ReservationRow, 'expiresAt' | 'createdAt'> & { expiresAt: Date; createdAt: Date };

const toRow = (raw: Raw): ReservationRow => ({
  ...raw,
  expiresAt: raw.expiresAt.toISOString(),
  createdAt: raw.createdAt.toISOString(),
});

/** A reservation; `lock` keeps it for this transaction. A reservation is locked before the stock that it holds. */
export async function findReservation(
  client: Queryable,
  id: string,
  lock = false,
): Promise<ReservationRow | undefined> {
  const { rows } = await client.query<Raw>({
    name: lock ? 'inventory-reservation-lock' : 'inventory-reservation',
    text: `select ${COLUMNS} from reservations as r where r.id = $1${lock ? ' for update of r' : ''}`,
    values: [id],
  });
  return rows[0] && toRow(rows[0]);
}

/** Holds whose time is over, the oldest first, locked; those that somebody is working on are passed over. */
export async function lockExpired(client: pg.ClientBase, limit: number): Promise<ReservationRow[]> {
  const { rows } = await client.query<Raw>({
    name: 'inventory-expired',
    text: `select ${COLUMNS} from reservations as r
           where r.state = 'held' and r.expires_at <= clock_timestamp()
           order by r.expires_at limit $1 for update of r skip locked`,
    values: [limit],
  });
  return rows.map(toRow);
}

/** Gives locked reservations a new state. */
export async function setState(client: pg.ClientBase, ids: readonly string[], state: ReservationState): Promise<void> {
  await client.query({
    name: 'inventory-reservation-state',
    text: 'update reservations set state = $2, version = version + 1, updated_at = now() where id = any($1)',
    values: [ids, state],
  });
}
