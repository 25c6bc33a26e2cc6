import type pg from 'pg';
import { Problem, type Violation } from '../../kernel/errors';
import { mergeLines } from '../../kernel/lines';
import { decodeCursor, readCursor, toPage, wrongCursor, type Page } from '../../kernel/pages';
import type { Database } from '../../platform/database';
import { appendEvents } from '../../platform/outbox';
import { knownSkus } from '../catalogue';
import { stockChanged } from './events';
import type { Adjustment, MovementView, StockLevelView } from './schemas';
import { findWarehouse } from './store/warehouses';
import * as store from './store/stock';

/**
 * Changes what lies in a warehouse, all lines or none, in the caller's transaction. Throws `validation-failed` for an unknown
 * sku or warehouse, `out-of-stock` when fewer would be left than are reserved.
 */
export async function adjustStock(
  client: pg.PoolClient,
  { warehouseId, kind, note, lines }: Adjustment,
  actor: string,
): Promise<StockLevelView[]> {
  if (!(await findWarehouse(client, warehouseId)))
    throw wrong([{ pointer: '/warehouseId', code: 'unknown-reference', detail: 'is no warehouse' }]);
  await assertSkus(client, lines);
  const merged = mergeLines(lines).filter(({ quantity }) => quantity !== 0);
  const skus = merged.map(({ sku }) => sku);
  await store.ensureLevels(client, warehouseId, skus);
  const deltas = merged.map(({ sku, quantity }) => ({ sku, warehouseId, onHand: quantity, reserved: 0 }));
  const items = await store
    .applyDeltas(client, deltas, { kind, reference: null, note, actor })
    .catch((error: unknown) => {
      throw refusalOf(error);
    });
  await appendEvents(client, items.map(stockChanged));
  return store.listLevels(client, { skus, warehouse: warehouseId, limit: skus.length });
}

/** Throws `validation-failed` that names each line whose sku is no product. */
export async function assertSkus(client: pg.PoolClient, lines: readonly { readonly sku: string }[]): Promise<void> {
  const known = await knownSkus(client, [...new Set(lines.map(({ sku }) => sku))]);
  const violations = lines.flatMap(({ sku }, index): Violation[] =>
    known.has(sku)
      ? []
      : [{ pointer: `/lines/${index}/sku`, code: 'unknown-sku', detail: `"${sku}" is the sku of no product` }],
  );
  if (violations.length > 0) throw wrong(violations);
}

const wrong = (violations: readonly Violation[]): Problem =>
  new Problem(
    'validation-failed',
    `The request is not acceptable: ${violations[0]?.pointer} ${violations[0]?.detail}`,
    {
      violations,
    },
  );

/** What the database's checks say, in words for the client. */
function refusalOf(error: unknown): unknown {
  const { constraint } = error as { constraint?: string };
  if (constraint?.endsWith('_never_oversold'))
    return new Problem('out-of-stock', 'Fewer would be left than are reserved, or than none', { cause: error });
  if (constraint === 'stock_items_bounded')
    return wrong([{ pointer: '/lines', code: 'too-big', detail: 'would make more than 1,000,000,000 of one sku' }]);
  return error;
}

/** What can be had of these skus now; those that were never in stock are left out. */
export async function readAvailability(client: store.Queryable, skus: readonly string[]): Promise<Map<string, number>> {
  const items = await store.findItems(client, skus);
  return new Map(items.map(({ sku, onHand, reserved }) => [sku, onHand - reserved]));
}

/** One page of levels by sku and warehouse. Throws `validation-failed` for a cursor of another list. */
export async function browseStock(
  { pool }: Pick<Database, 'pool'>,
  query: { sku?: string | undefined; warehouse?: string | undefined; after?: string | undefined; limit: number },
): Promise<Page<StockLevelView>> {
  const after = query.after === undefined ? undefined : decodeCursor(query.after, 2);
  if (query.after !== undefined && !after?.every((part) => typeof part === 'string')) throw wrongCursor();
  const rows = await store.listLevels(pool, {
    limit: query.limit,
    ...(query.sku === undefined ? {} : { skus: [query.sku] }),
    ...(query.warehouse === undefined ? {} : { warehouse: query.warehouse }),
    ...(after ? { after: after as [string, string] } : {}),
  });
  return toPage(rows, query.limit, ({ sku, warehouseId }) => [sku, warehouseId]);
}

/** One page of movements, the newest first. Throws `validation-failed` for a cursor of another list. */
export async function browseMovements(
  { pool }: Pick<Database, 'pool'>,
  query: { sku?: string | undefined; after?: string | undefined; limit: number },
): Promise<Page<MovementView>> {
  const before = readCursor(query.after);
  if (before !== undefined && !/^\d{1,18}$/.test(before)) throw wrongCursor();
  const rows = await store.listMovements(pool, {
    limit: query.limit,
    ...(query.sku === undefined ? {} : { sku: query.sku }),
    ...(before === undefined ? {} : { before }),
  });
  return toPage(rows, query.limit, ({ id }) => [id]);
}
