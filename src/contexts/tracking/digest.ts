import type pg from 'pg';
import type { Database } from '../../platform/database';
import { popularityWith, type Shown } from './rules';
import * as store from './store/digest';

/** Writes that one transaction digests. */
const BATCHES = 100;
/** Products that one transaction changes. */
const PRODUCTS = 200;

/**
 * Adds stored events to sessions and demand, each once, whatever dies halfway: that they were added is committed together with
 * their effect. Resolves to true when there is more to do.
 */
export async function digestEvents(
  { database, halfLifeSeconds }: { readonly database: Pick<Database, 'transaction'>; readonly halfLifeSeconds: number },
  most = BATCHES,
): Promise<boolean> {
  return database.transaction(async (client) => {
    if (!(await store.tryLockDigest(client))) return false;
    const batches = await store.takeBatches(client, most);
    if (batches.length === 0) return false;
    await store.addToSessions(client, batches);
    await store.addToDemand(client, batches, halfLifeSeconds);
    return batches.length === most;
  });
}

/**
 * Sets the popularity of products in the caller's transaction: `decide` is told what each has now. Resolves to the ids that there
 * are. The catalogue's own way, through its events.
 */
export type ChangePopularity = (
  client: pg.PoolClient,
  productIds: readonly string[],
  decide: (productId: string, present: number) => number,
) => Promise<ReadonlySet<string>>;

/**
 * Brings the popularity of products to what their demand is by now: after clicks, and as these fade. Resolves to true when there
 * is more to do.
 */
export async function showDemand({
  database,
  halfLifeSeconds,
  changePopularity,
}: {
  readonly database: Pick<Database, 'transaction'>;
  readonly halfLifeSeconds: number;
  readonly changePopularity: ChangePopularity;
}): Promise<boolean> {
  return database.transaction(async (client) => {
    if (!(await store.tryLockDigest(client))) return false;
    const changed = await store.findChangedDemand(client, halfLifeSeconds, PRODUCTS);
    if (changed.length === 0) return false;
    const byId = new Map(changed.map((demand) => [demand.productId, demand]));
    const told = new Map<string, Shown>();
    const known = await changePopularity(client, [...byId.keys()], (id, present) => {
      const entry = byId.get(id);
      if (!entry) return present;
      const shown = popularityWith(entry.demand, present, entry.before);
      told.set(id, shown);
      return shown.shown;
    });
    await store.noteShown(client, told);
    const gone = changed.filter(({ productId, demand }) => demand === 0 || !known.has(productId));
    await store.deleteDemand(
      client,
      gone.map(({ productId }) => productId),
    );
    return changed.length === PRODUCTS;
  });
}
