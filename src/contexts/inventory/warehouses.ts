import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import type { Database } from '../../platform/database';
import type { WarehouseView } from './schemas';
import type { Queryable } from './store/stock';
import * as store from './store/warehouses';

/** Adds a warehouse. Throws `conflict` when its code is taken. */
export async function createWarehouse(
  database: Pick<Database, 'transaction'>,
  input: Omit<WarehouseView, 'id' | 'version'>,
): Promise<WarehouseView> {
  const warehouse = { ...input, id: newId('whs'), version: 1 };
  if (await database.transaction((client) => store.insertWarehouse(client, warehouse))) return warehouse;
  throw new Problem('conflict', `There is already a warehouse with the code ${input.code}`);
}

/** Changes a warehouse whose version is `expected` (any, when undefined). Throws `not-found`, `precondition-failed`. */
export async function changeWarehouse(
  database: Pick<Database, 'transaction'>,
  id: string,
  expected: number | undefined,
  change: { readonly [K in 'name' | 'priority' | 'active']?: WarehouseView[K] | undefined },
): Promise<WarehouseView> {
  return database.transaction(async (client) => {
    const before = await knownWarehouse(client, id);
    if (expected !== undefined && before.version !== expected)
      throw new Problem('precondition-failed', `The version is now ${before.version}, not ${expected}: read it again`);
    const after = {
      ...before,
      name: change.name ?? before.name,
      priority: change.priority ?? before.priority,
      active: change.active ?? before.active,
      version: before.version + 1,
    };
    if (!(await store.updateWarehouse(client, after)))
      throw new Problem('precondition-failed', 'Somebody else changed it at the same moment: read it again');
    return after;
  });
}

/** Throws `not-found`. */
export async function knownWarehouse(client: Queryable, id: string): Promise<WarehouseView> {
  const warehouse = await store.findWarehouse(client, id);
  if (!warehouse) throw new Problem('not-found', `There is no warehouse ${id}`);
  return warehouse;
}
