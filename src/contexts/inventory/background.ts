import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import type { Outbox } from '../../platform/outbox';
import { showStock, showStocks } from '../catalogue';
import { STOCK_CHANGED, stockChangedSchema } from './events';
import { releaseExpired } from './reservations';

const IDLE_MS = 1_000;
const BATCH = 100;

/** What inventory does by itself. */
export interface Inventory {
  /** Releases holds whose time is over, every second. */
  readonly sweeper: Loop & { released(): number };
  close(): Promise<void>;
}

export interface InventoryDependencies {
  readonly database: Pick<Database, 'transaction'>;
  readonly outbox: Pick<Outbox, 'subscribe'>;
  readonly log: Log;
  readonly clock?: Clock;
}

/**
 * Starts the sweeper of expired holds, and the subscription that makes products say whether they can be had: the catalogue's
 * lists and the search box follow the stock through it.
 */
export async function startInventory({
  database,
  outbox,
  log,
  clock = systemClock,
}: InventoryDependencies): Promise<Inventory> {
  const subscription = await outbox.subscribe({
    group: 'inventory-shows-stock',
    kind: 'stock',
    handler: async (event, client) => {
      if (event.type !== STOCK_CHANGED) return; // the future's
      const { sku, inStock } = stockChangedSchema.parse(event.data);
      await showStock(client, sku, inStock);
    },
    // Of a sku that sells well there are many, and most say nothing new: the last one counts.
    batchHandler: async (events, client) => {
      const last = new Map<string, boolean>();
      for (const event of events) {
        if (event.type !== STOCK_CHANGED) continue;
        const { sku, inStock } = stockChangedSchema.parse(event.data);
        last.set(sku, inStock);
      }
      await showStocks(client, last);
    },
  });
  const sweeper = startSweeper({ database, log, clock });
  return {
    sweeper,
    close: async () => {
      await Promise.all([sweeper.close(), subscription.close()]);
    },
  };
}

/** Exported for its test. */
export function startSweeper({
  database,
  log,
  clock,
}: Pick<InventoryDependencies, 'database' | 'log'> & { clock: Clock }): Inventory['sweeper'] {
  let released = 0;
  const step = async (): Promise<boolean> => {
    const count = await database.transaction((client) => releaseExpired(client, BATCH));
    released += count;
    return count === BATCH;
  };
  return { ...runLoop({ name: 'inventory-expiry', step, idleMs: IDLE_MS, clock, log }), released: () => released };
}
