import { newId } from '../../kernel/ids';
import type { Database } from '../../platform/database';
import { appendEvents } from '../../platform/outbox';
import { streamSearchableProducts } from '../catalogue';
import { stockChanged } from './events';
import { insertWarehouse, listWarehouses } from './store/warehouses';
import { applyDeltas, ensureLevels } from './store/stock';

const WAREHOUSES = [
  { code: 'MAIN', name: 'Main warehouse', priority: 10 },
  { code: 'NORTH', name: 'Northern warehouse', priority: 20 },
];

/**
 * Puts demo stock on the shelves of two warehouses, so that every product has what it says: none where it is out of stock,
 * else some by its place in the catalogue. Does nothing where there is a warehouse. Resolves to how many skus got stock.
 */
export async function seedDemoStock(database: Database): Promise<number> {
  if ((await listWarehouses(database.pool)).length > 0) return 0;
  const products: { sku: string; inStock: boolean }[] = [];
  for await (const { sku, inStock } of streamSearchableProducts(database)) products.push({ sku, inStock });
  return database.transaction(async (client) => {
    const warehouses = WAREHOUSES.map((warehouse) => ({ ...warehouse, id: newId('whs'), active: true, version: 1 }));
    for (const warehouse of warehouses) if (!(await insertWarehouse(client, warehouse))) return 0; // another process is faster
    const skus = products.filter(({ inStock }) => inStock).map(({ sku }) => sku);
    for (let start = 0; start < skus.length; start += 5_000) {
      const chunk = skus.slice(start, start + 5_000);
      for (const { id } of warehouses) await ensureLevels(client, id, chunk);
      const deltas = chunk.flatMap((sku, index) =>
        warehouses.map(({ id }, place) => ({
          sku,
          warehouseId: id,
          onHand: 5 + (((start + index) * 37 + place * 11) % 60),
          reserved: 0,
        })),
      );
      const items = await applyDeltas(client, deltas, {
        kind: 'receipt',
        reference: null,
        note: 'demo stock',
        actor: 'demo',
      });
      await appendEvents(client, items.map(stockChanged));
    }
    return skus.length;
  });
}
