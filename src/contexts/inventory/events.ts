import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';

/** What inventory tells the others. `stock:<sku>` is the aggregate; its version counts the changes of the sku's stock. */
export const STOCK_CHANGED = 'easy11.stock.changed.v1';

/** A sku's stock over all warehouses after a change. */
export const stockChangedSchema = z.object({
  sku: z.string(),
  onHand: z.int(),
  reserved: z.int(),
  available: z.int(),
  inStock: z.boolean(),
});
export type StockChanged = z.output<typeof stockChangedSchema>;

const SOURCE = '/easy11/inventory';
registerEvents({
  source: SOURCE,
  kind: 'stock',
  data: stockChangedSchema,
  types: { [STOCK_CHANGED]: "A sku's stock changed, in some warehouse: the data is the sum over all." },
});

/** The sum of a sku as the store keeps it. */
export interface StockItem {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly version: number;
}

export function stockChanged({ sku, onHand, reserved, version }: StockItem): OutboxEvent {
  const available = onHand - reserved;
  return {
    // A sku may hold spaces, which the name of an aggregate may not.
    aggregate: `stock:${encodeURIComponent(sku)}`,
    version,
    type: STOCK_CHANGED,
    source: SOURCE,
    subject: sku,
    data: { sku, onHand, reserved, available, inStock: available > 0 } satisfies StockChanged,
  };
}
