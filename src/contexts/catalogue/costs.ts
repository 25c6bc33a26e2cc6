import type { Database } from '../../platform/database';
import { findCosts, streamKnownCosts, type ProductCost } from './store/costs';

export type { ProductCost } from './store/costs';

/**
 * What products cost the shop: confidential, for rules inside it. Events do not carry it, because they leave the shop; whoever
 * follows them asks here.
 */

/** The costs of these products; those that are not there are left out. */
export const readCosts = (database: Database, productIds: readonly string[]): Promise<readonly ProductCost[]> =>
  findCosts(database.pool, productIds);

/** The costs of all products that have one, read `chunk` at a time. */
export async function* streamCosts(database: Database, chunk = 5000): AsyncGenerator<ProductCost> {
  for await (const costs of streamKnownCosts(database.pool, chunk)) yield* costs;
}
