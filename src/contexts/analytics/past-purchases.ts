import type { Database } from '../../platform/database';
import * as store from './store/past-orders';

export type { PastPurchase } from './store/past-orders';

const CHUNK = 10_000;

/** What was bought in the orders from before this shop: the sales of articles, whatever was sent back later. In the order of ids. */
export async function* streamPastPurchases(
  database: Pick<Database, 'pool'>,
  chunk = CHUNK,
): AsyncGenerator<store.PastPurchase> {
  for await (const lines of store.streamSales(database.pool, chunk)) yield* lines;
}
