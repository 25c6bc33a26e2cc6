import type { Database } from '../../platform/database';
import * as store from './store/purchases';

export type { Purchase } from './store/purchases';

const CHUNK = 1_000;

/** What was bought in orders that were not cancelled, by time: all of it, or what was placed after a moment (ms since the epoch). */
export async function* streamPurchases(
  database: Pick<Database, 'pool'>,
  { since = 0, chunk = CHUNK }: { readonly since?: number; readonly chunk?: number } = {},
): AsyncGenerator<store.Purchase> {
  for await (const lines of store.streamPurchases(database.pool, leastOrderId(since), chunk)) yield* lines;
}

/** What was bought in these orders, those that were cancelled left out. */
export const readPurchases = (
  database: Pick<Database, 'pool'>,
  orderIds: readonly string[],
): Promise<store.Purchase[]> => store.listPurchases(database.pool, orderIds);

/** Ids are UUIDv7: they begin with the millisecond. */
function leastOrderId(at: number): string {
  const hex = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0');
  return `ord_${hex.slice(0, 8)}-${hex.slice(8)}`;
}
