import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { toPage, wrongCursor, type Page } from '../../kernel/pages';
import type { Database } from '../../platform/database';
import { appendEvents } from '../../platform/outbox';
import { productDeleted, productSaved, type SearchableProduct } from './events';
import { changed, imageOf, orderOf, positionOf, sortName, type ProductFields } from './rules';
import type { AdminProductView, NewProduct, ProductChange, ProductQuery, ProductView, Sort } from './schemas';
import { findBrand } from './store/brands';
import { findCategory, findSubtree } from './store/categories';
import * as store from './store/products';
import { toAdminView, toSearchable, toView, type ProductRow } from './store/rows';
import { loadShelves, lockShelves, type Queryable, type Shelves } from './store/shelves';

export interface CatalogueDependencies {
  readonly database: Database;
  /** The one currency of the shop's prices: amounts of two could be neither sorted nor filtered. */
  readonly currency: string;
}

/** A product as somebody may see it: `toView` for everybody, `toAdminView` for the back office. */
type Show<View> = (product: ProductRow, shelves: Shelves) => View;

/** One page of products. Throws `validation-failed` for a cursor of another list. An unknown category has no products. */
export const browseProducts = (database: Database, query: ProductQuery): Promise<Page<ProductView>> =>
  browse(database, query, toView);

/** The same with what only the back office may know. */
export const browseProductsInside = (database: Database, query: ProductQuery): Promise<Page<AdminProductView>> =>
  browse(database, query, toAdminView);

async function browse<View>(database: Database, query: ProductQuery, show: Show<View>): Promise<Page<View>> {
  const { pool } = database;
  const empty = { data: [], page: { next: null, hasMore: false } };
  const after = query.after === undefined ? undefined : positionOf(query.after, query.sort);
  if (query.after !== undefined && !after) throw wrongCursor('is no cursor of a list in this order');
  let categoryIds: string[] | undefined;
  if (query.category !== undefined) {
    const category = await findCategory(pool, query.category.startsWith('cat_') ? 'id' : 'path', query.category);
    if (!category) return empty;
    categoryIds = (await findSubtree(pool, category.path)).map(({ id }) => id);
  }
  let brandId: string | undefined;
  if (query.brand !== undefined) {
    brandId = (await findBrand(pool, query.brand.startsWith('brd_') ? 'id' : 'name', query.brand))?.id;
    if (brandId === undefined) return empty;
  }
  const rows = await store.listProducts(pool, {
    limit: query.limit,
    sort: query.sort,
    inStock: query.inStock,
    status: query.status,
    categoryIds,
    brandId,
    leastPrice: query['price.gte'],
    mostPrice: query['price.lte'],
    after,
  });
  const { data, page } = toPage(rows, query.limit, (row) => keyOf(row, query.sort));
  const shelves = await loadShelves(pool, data);
  return { data: data.map((row) => show(row, shelves)), page };
}

function keyOf(row: ProductRow, sort: Sort): (string | number)[] {
  const keys = {
    sort_name: () => sortName(row.name),
    price_amount: () => row.priceAmount,
    popularity: () => row.popularity,
    created_at: () => row.createdAt.toISOString(),
  };
  return [sort, keys[orderOf(sort).column](), row.id];
}

/** One product as clients see it. Drafts and archived ones only where `everyStatus` is set. Throws `not-found`. */
export async function readProduct(database: Database, id: string, everyStatus = false): Promise<ProductView> {
  const product = await findRow(database.pool, id);
  if (!everyStatus && product.status !== 'active') throw noProduct(id);
  return toView(product, await loadShelves(database.pool, [product]));
}

/** One product of whatever status, with what only the back office may know. Throws `not-found`. */
export async function readProductInside(database: Database, id: string): Promise<AdminProductView> {
  const product = await findRow(database.pool, id);
  return toAdminView(product, await loadShelves(database.pool, [product]));
}

/** Adds a product. Throws `duplicate-sku`, or `validation-failed` for a brand or category that is not there. */
export async function createProduct(deps: CatalogueDependencies, input: NewProduct): Promise<AdminProductView> {
  const fields = fieldsOf(deps, input);
  return deps.database.transaction(async (client) => {
    const shelves = await lockShelves(client, [fields]);
    assertShelved(fields, shelves);
    const id = newId('prd');
    if ((await store.insertProducts(client, [{ ...fields, id, version: 1 }])) === 0) throw duplicate(fields.sku);
    const product = await findRow(client, id);
    await appendEvents(client, [productSaved(toSearchable(product, shelves))]);
    return toAdminView(product, shelves);
  });
}

/**
 * Changes some fields of a product whose version is `expected` (any, when undefined). A change to what already is so
 * changes nothing: no new version, no event. Throws `not-found`, `precondition-failed`, `duplicate-sku`, `conflict`,
 * `validation-failed`.
 */
export async function changeProduct(
  deps: CatalogueDependencies,
  id: string,
  expected: number | undefined,
  input: ProductChange,
): Promise<AdminProductView> {
  const change = fieldsOf(deps, input);
  return deps.database
    .transaction(async (client) => {
      const before = await findRow(client, id);
      assertVersion(before, expected);
      if (input.cost && !input.price && before.currency !== deps.currency) throw otherCurrency('cost', before.currency);
      const after = changed(before, change) ?? before;
      const shelves = await lockShelves(client, [after]);
      assertShelved(after, shelves);
      if (after === before) return toAdminView(before, shelves);
      const written = await store.updateProducts(client, [{ ...after, version: before.version + 1 }]);
      if (written === 0) throw overtaken(expected);
      const product = await findRow(client, id);
      await appendEvents(client, [productSaved(toSearchable(product, shelves))]);
      return toAdminView(product, shelves);
    })
    .catch((error: unknown) => {
      throw isTaken(error, 'products_sku_key') ? duplicate(change.sku ?? '') : error;
    });
}

/** Removes a product. Throws `not-found`, `precondition-failed`, `conflict`. */
export async function removeProduct(database: Database, id: string, expected: number | undefined): Promise<void> {
  await database.transaction(async (client) => {
    const product = await findRow(client, id);
    assertVersion(product, expected);
    if (!(await store.deleteProduct(client, id, product.version))) throw overtaken(expected);
    await appendEvents(client, [productDeleted({ id, sku: product.sku, version: product.version + 1 })]);
  });
}

/** Sends every product of these categories or this brand out again, with a new version: what it carries has changed. */
export async function renewProducts(
  client: pg.PoolClient,
  owner: { readonly categoryIds: readonly string[] } | { readonly brandId: string },
): Promise<void> {
  for await (const chunk of store.renewProducts(client, owner)) {
    const shelves = await loadShelves(client, chunk);
    await appendEvents(
      client,
      chunk.map((product) => productSaved(toSearchable(product, shelves))),
    );
  }
}

/** Which of these skus are products of ours, of whatever status. */
export async function knownSkus(client: Queryable, skus: readonly string[]): Promise<ReadonlySet<string>> {
  return new Set((await store.findStockFlags(client, skus)).keys());
}

/** What these skus cost in the catalogue; those that are not for sale are left out. */
export const readPrices = (
  client: Queryable,
  skus: readonly string[],
): Promise<ReadonlyMap<string, { readonly amount: number; readonly currency: string }>> =>
  store.findPrices(client, skus);

/** What a shopper sees of an article that is for sale. */
export interface Offer {
  readonly productId: string;
  readonly name: string;
  readonly image: string;
  readonly price: { readonly amount: number; readonly currency: string };
}

/** What these skus are and cost; those that are not for sale are left out. */
export const readOffers = async (client: Queryable, skus: readonly string[]): Promise<ReadonlyMap<string, Offer>> => {
  const rows = await store.findOffers(client, skus);
  return new Map(
    rows.map(({ sku, id, name, image, amount, currency }) => [
      sku,
      { productId: id, name, image: imageOf({ id, image }), price: { amount, currency } },
    ]),
  );
};

/**
 * Makes a product say whether it can be had, in the caller's transaction. Does nothing where it says so already, or where
 * there is no such product. Resolves to whether it changed anything.
 */
export async function showStock(client: pg.PoolClient, sku: string, inStock: boolean): Promise<boolean> {
  if ([inStock, undefined].includes((await store.findStockFlags(client, [sku])).get(sku))) return false;
  const [before] = await store.lockProductsBySku(client, [sku]);
  if (!before || before.inStock === inStock) return false;
  const after = { ...before, inStock, version: before.version + 1 };
  const shelves = await lockShelves(client, [after]);
  await store.updateProducts(client, [after]);
  await appendEvents(client, [productSaved(toSearchable(after, shelves))]);
  return true;
}

/** The same for many skus, of which few, as a rule, say anything new: one statement, and those few. */
export async function showStocks(client: pg.PoolClient, inStock: ReadonlyMap<string, boolean>): Promise<void> {
  const flags = await store.findStockFlags(client, [...inStock.keys()]);
  // In one order: whoever waits for a product waits in that order.
  for (const [sku, shown] of [...flags].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const now = inStock.get(sku);
    if (now !== undefined && now !== shown) await showStock(client, sku, now);
  }
}

/** Every product, of whatever status, as an index wants it; reads `chunk` products at a time. */
export async function* streamSearchableProducts(database: Database, chunk = 2000): AsyncGenerator<SearchableProduct> {
  for await (const products of store.streamProducts(database.pool, chunk)) {
    const shelves = await loadShelves(database.pool, products);
    for (const product of products) yield toSearchable(product, shelves);
  }
}

/** Every product, of whatever status, by its two names; reads `chunk` products at a time. */
export async function* streamSkus(
  database: Pick<Database, 'pool'>,
  chunk = 10_000,
): AsyncGenerator<{ readonly id: string; readonly sku: string }> {
  for await (const products of store.streamSkus(database.pool, chunk)) yield* products;
}

async function findRow(client: Parameters<typeof store.findProduct>[0], id: string): Promise<ProductRow> {
  const product = await store.findProduct(client, id);
  if (!product) throw noProduct(id);
  return product;
}

/** Money becomes the columns it is kept in; a price or cost in another currency than the shop's is refused. */
function fieldsOf<T extends ProductChange>(
  deps: CatalogueDependencies,
  input: T,
): Omit<T, 'price' | 'cost'> & (T extends NewProduct ? ProductFields : Partial<ProductFields>);
function fieldsOf({ currency }: CatalogueDependencies, { price, cost, ...fields }: ProductChange): object {
  if (price && price.currency !== currency) throw otherCurrency('price', currency);
  if (cost && cost.currency !== currency) throw otherCurrency('cost', currency);
  return {
    ...fields,
    ...(price ? { priceAmount: price.amount, currency } : {}),
    ...(cost === undefined ? {} : { costAmount: cost?.amount ?? null }),
  };
}

function otherCurrency(field: 'price' | 'cost', currency: string): Problem {
  const detail = `must be ${currency}, the currency of ${field === 'price' ? 'this shop' : 'the price'}`;
  return new Problem('validation-failed', `${field}.currency ${detail}`, {
    violations: [{ pointer: `/${field}/currency`, code: 'wrong-currency', detail }],
  });
}

function assertShelved(product: ProductFields, shelves: Shelves): void {
  const wrong = (pointer: string, detail: string): Problem =>
    new Problem('validation-failed', detail, { violations: [{ pointer, code: 'unknown-reference', detail }] });
  if (product.categoryId !== null && !shelves.category(product.categoryId)) {
    throw wrong('/categoryId', `There is no category ${product.categoryId}`);
  }
  if (product.brandId !== null && !shelves.brand(product.brandId)) {
    throw wrong('/brandId', `There is no brand ${product.brandId}`);
  }
}

/** Throws `precondition-failed` when somebody wants to change another version than the present one. */
export function assertVersion(row: { readonly version: number }, expected: number | undefined): void {
  if (expected !== undefined && row.version !== expected) {
    throw new Problem('precondition-failed', `The version is now ${row.version}, not ${expected}: read it again`);
  }
}

/** What to say when another change came between reading and writing. */
export function overtaken(expected: number | undefined): Problem {
  const code = expected === undefined ? 'conflict' : 'precondition-failed';
  return new Problem(code, 'Somebody else changed it at the same moment: read it again');
}

/** Whether an error says that a unique value is taken. */
export const isTaken = (error: unknown, constraint: string): boolean =>
  error instanceof Error &&
  (error as { code?: unknown }).code === '23505' &&
  (error as { constraint?: unknown }).constraint === constraint;

const noProduct = (id: string): Problem => new Problem('not-found', `There is no product ${id}`);
const duplicate = (sku: string): Problem =>
  new Problem('duplicate-sku', `Another product has the sku "${sku}"`, {
    violations: [{ pointer: '/sku', code: 'duplicate-sku', detail: 'is the sku of another product' }],
  });
