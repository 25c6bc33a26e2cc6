import type pg from 'pg';
import type { WarehouseView } from '../schemas';
import type { Queryable } from './stock';

const COLUMNS = 'id, code, name, priority, active, version';

/** In the order in which reservations are filled. */
export async function listWarehouses(client: Queryable): Promise<WarehouseView[]> {
  const { rows } = await client.query<WarehouseView>(`select ${COLUMNS} from warehouses order by priority, id`);
  return rows;
}

export async function findWarehouse(client: Queryable, id: string): Promise<WarehouseView | undefined> {
  const { rows } = await client.query<WarehouseView>(`select ${COLUMNS} from warehouses where id = $1`, [id]);
  return rows[0];
}

/** False when the code is taken. */
export async function insertWarehouse(client: pg.ClientBase, warehouse: WarehouseView): Promise<boolean> {
  const { id, code, name, priority, active, version } = warehouse;
  const { rowCount } = await client.query(
    `insert into warehouses (${COLUMNS}) values ($1, $2, $3, $4, $5, $6) on conflict (code) do nothing`,
    [id, code, name, priority, active, version],
  );
  return rowCount === 1;
}

/** Writes over the row that is one version older; false when somebody was faster. */
export async function updateWarehouse(client: pg.ClientBase, warehouse: WarehouseView): Promise<boolean> {
  const { id, name, priority, active, version } = warehouse;
  const { rowCount } = await client.query(
    `update warehouses set name = $2, priority = $3, active = $4, version = $5, updated_at = now()
     where id = $1 and version = $5 - 1`,
    [id, name, priority, active, version],
  );
  return rowCount === 1;
}
