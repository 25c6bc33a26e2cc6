import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { readCursor, toPage, type Page } from '../../kernel/pages';
import { knownSkus } from '../catalogue';
import type { FxSnapshotView, NewFxSnapshot, NewPriceList, PriceListView } from './schemas';
import * as store from './store';

/** Adds a price list with its prices. Throws `validation-failed` for a sku of no product. */
export async function createPriceList(client: pg.PoolClient, input: NewPriceList): Promise<PriceListView> {
  const known = await knownSkus(
    client,
    input.prices.map(({ sku }) => sku),
  );
  const violations = input.prices.flatMap(({ sku }, index): Violation[] =>
    known.has(sku)
      ? []
      : [{ pointer: `/prices/${index}/sku`, code: 'unknown-sku', detail: `"${sku}" is the sku of no product` }],
  );
  if (violations[0])
    throw new Problem('validation-failed', violations[0].detail, { violations: violations.slice(0, 100) });
  const id = newId('prl');
  await store.insertPriceList(client, id, input);
  return readPriceList(client, id);
}

/** Throws `not-found`. */
export async function readPriceList(client: store.Queryable, id: string): Promise<PriceListView> {
  const [list] = await store.listPriceLists(client, { id, limit: 1 });
  if (!list) throw new Problem('not-found', `There is no price list ${id}`);
  return list;
}

/** One page of price lists, the youngest first. Throws `validation-failed` for a cursor of another list. */
export async function browsePriceLists(
  client: store.Queryable,
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<Page<PriceListView>> {
  const before = readCursor(after);
  const rows = await store.listPriceLists(client, {
    limit,
    ...(before === undefined ? {} : { before }),
  });
  return toPage(rows, limit, ({ id }) => [id]);
}

/** Adds the rates of a day. They are never changed: quotes point to them. */
export async function addFxSnapshot(client: store.Queryable, input: NewFxSnapshot): Promise<FxSnapshotView> {
  const id = newId('fxs');
  await store.insertSnapshot(client, id, input);
  return { id, ...input, rates: { ...input.rates, [input.base]: '1' } };
}

/** Throws `not-found` where there is none yet. */
export async function readLatestSnapshot(client: store.Queryable): Promise<FxSnapshotView> {
  const snapshot = await store.findLatestSnapshot(client);
  if (!snapshot) throw new Problem('not-found', 'There are no exchange rates yet');
  return snapshot;
}
