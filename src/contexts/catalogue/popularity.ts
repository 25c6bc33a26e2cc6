import type pg from 'pg';
import { appendEvents } from '../../platform/outbox';
import { productSaved } from './events';
import { lockProducts, updateProducts } from './store/products';
import { toSearchable } from './store/rows';
import { lockShelves } from './store/shelves';

/**
 * Sets the popularity of products in the caller's transaction, with their events: `decide` is told what each has now. What stays
 * as it is gets no event. Resolves to the ids that there are. The products are locked in the order of skus.
 */
export async function changePopularity(
  client: pg.PoolClient,
  productIds: readonly string[],
  decide: (productId: string, present: number) => number,
): Promise<ReadonlySet<string>> {
  const products = await lockProducts(client, productIds);
  const changed = products.flatMap((before) => {
    const popularity = decide(before.id, before.popularity);
    return popularity === before.popularity ? [] : [{ ...before, popularity, version: before.version + 1 }];
  });
  const shelves = await lockShelves(client, changed);
  await updateProducts(client, changed);
  await appendEvents(
    client,
    changed.map((product) => productSaved(toSearchable(product, shelves))),
  );
  return new Set(products.map(({ id }) => id));
}
