import type pg from 'pg';
import { newId } from '../../../kernel/ids';
import { appendEvents } from '../../../platform/outbox';
import { productSaved } from '../events';
import type { CatalogueDependencies } from '../products';
import { changed, nameFromSlug, pathsTo, type ProductFields } from '../rules';
import { findBrandsByName, insertBrands } from '../store/brands';
import { findCategoriesByPath, insertCategory } from '../store/categories';
import { insertProducts, lockProductsBySku, updateProducts, type NewRow } from '../store/products';
import { toSearchable } from '../store/rows';
import { lockShelves } from '../store/shelves';
import type { ImportedProduct, Refusal } from './report';

/** What became of a batch of products. */
export interface BatchOutcome {
  inserted: number;
  updated: number;
  unchanged: number;
  refusals: Refusal[];
  categoriesCreated: number;
  brandsCreated: number;
}

/** Somebody else added or changed one of our products between reading and writing: the batch is done again. */
class Overtaken extends Error {}

const ATTEMPTS = 5;

/**
 * Adds and changes products by sku in one transaction with their events; those that are as they should be get none. A sku
 * that comes several times is counted each time and written once. Unknown brands and category paths are created.
 */
export async function upsertProducts(
  deps: CatalogueDependencies,
  products: readonly ImportedProduct[],
): Promise<BatchOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await deps.database.transaction((client) => upsert(client, deps.currency, products));
    } catch (error) {
      if (!(error instanceof Overtaken) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function upsert(
  client: pg.PoolClient,
  currency: string,
  products: readonly ImportedProduct[],
): Promise<BatchOutcome> {
  const categories = await categoriesOf(client, products);
  const brands = await brandsOf(client, products);
  const outcome: BatchOutcome = {
    inserted: 0,
    updated: 0,
    unchanged: 0,
    refusals: [],
    categoriesCreated: categories.created,
    brandsCreated: brands.created,
  };
  const present = await lockProductsBySku(client, [...new Set(products.map(({ sku }) => sku))].sort());
  const rows = new Map<string, NewRow>(present.map((row) => [row.sku, row]));
  const inserts = new Map<string, NewRow>();
  const updates = new Map<string, NewRow>();
  for (const product of products) {
    const fields = fieldsOf(product, currency, categories.ids, brands.ids);
    const before = rows.get(product.sku);
    const after = before ? changed(before, fields) : added(fields);
    if (before && isStrangerTo(before, product, currency)) outcome.refusals.push(strangeCost(product, before.currency));
    else if (!after && before) outcome.unchanged += 1;
    else if (!after) outcome.refusals.push(incomplete(product));
    else {
      const isNew = !before || inserts.has(product.sku);
      const version = isNew ? 1 : updates.has(product.sku) ? after.version : after.version + 1;
      const row = { ...after, version };
      (isNew ? inserts : updates).set(product.sku, row);
      rows.set(product.sku, row);
      outcome[before ? 'updated' : 'inserted'] += 1;
    }
  }
  const touched = [...inserts.values(), ...updates.values()];
  const shelves = await lockShelves(client, touched);
  const written =
    (await insertProducts(client, [...inserts.values()])) + (await updateProducts(client, [...updates.values()]));
  if (written !== touched.length) throw new Overtaken('Another import wrote the same products');
  await appendEvents(
    client,
    touched.map((row) => productSaved(toSearchable(row, shelves))),
  );
  return outcome;
}

function fieldsOf(
  { line: _line, brand, category, price, cost, ...fields }: ImportedProduct,
  currency: string,
  categoryIds: ReadonlyMap<string, string>,
  brandIds: ReadonlyMap<string, string>,
): Partial<ProductFields> & { sku: string } {
  return {
    ...fields,
    ...(brand === undefined ? {} : { brandId: brand === null ? null : (brandIds.get(brand) ?? null) }),
    ...(category === undefined ? {} : { categoryId: category === null ? null : (categoryIds.get(category) ?? null) }),
    ...(price === undefined ? {} : { priceAmount: price, currency }),
    ...(cost === undefined ? {} : { costAmount: cost }),
  };
}

/** A new product; undefined when it lacks what none can be without. */
function added(fields: Partial<ProductFields> & { sku: string }): NewRow | undefined {
  const { name, priceAmount, currency } = fields;
  if (name === undefined || priceAmount === undefined || currency === undefined) return undefined;
  return {
    description: '',
    brandId: null,
    categoryId: null,
    costAmount: null,
    image: null,
    status: 'active',
    inStock: true,
    popularity: 0,
    ...fields,
    name,
    priceAmount,
    currency,
    id: newId('prd'),
    version: 1,
  };
}

/** Whether a cost in the shop's currency stands beside a price that is still in the one of before. */
const isStrangerTo = (before: NewRow, { cost, price }: ImportedProduct, currency: string): boolean =>
  typeof cost === 'number' && price === undefined && before.currency !== currency;

const strangeCost = ({ line }: ImportedProduct, currency: string): Refusal => ({
  line,
  column: 'cost',
  code: 'wrong-currency',
  reason: `the price of this product is still in ${currency}: give it a price too`,
});

function incomplete({ line, name }: ImportedProduct): Refusal {
  const column = name === undefined ? 'name' : 'price';
  return {
    line,
    column,
    code: `missing-${column}`,
    reason: `there is no product of this sku yet, and a new one needs a ${column}`,
  };
}

/** Ids of the categories that the products name, made where they are missing, with all above them. */
async function categoriesOf(
  client: pg.PoolClient,
  products: readonly ImportedProduct[],
): Promise<{ ids: Map<string, string>; created: number }> {
  const wanted = [...new Set(products.flatMap(({ category }) => (category ? pathsTo(category) : [])))].sort();
  if (wanted.length === 0) return { ids: new Map(), created: 0 };
  const idsByPath = async (): Promise<Map<string, string>> =>
    new Map((await findCategoriesByPath(client, wanted)).map(({ path, id }) => [path, id]));
  let ids = await idsByPath();
  let created = 0;
  // Sorted, so a parent comes before its children, and two imports that make the same ones do it in the same order.
  for (const path of wanted.filter((one) => !ids.has(one))) {
    const slug = path.slice(path.lastIndexOf('/') + 1);
    const parentId = path.includes('/') ? (ids.get(path.slice(0, path.lastIndexOf('/'))) ?? null) : null;
    const category = { id: newId('cat'), slug, name: nameFromSlug(slug), parentId, path, version: 1 };
    if (await insertCategory(client, category)) {
      ids.set(path, category.id);
      created += 1;
    } else ids = await idsByPath(); // another import has just made it
  }
  return { ids, created };
}

async function brandsOf(
  client: pg.PoolClient,
  products: readonly ImportedProduct[],
): Promise<{ ids: Map<string, string>; created: number }> {
  const wanted = [...new Set(products.flatMap(({ brand }) => (brand ? [brand] : [])))].sort();
  if (wanted.length === 0) return { ids: new Map(), created: 0 };
  const idsByName = async (): Promise<Map<string, string>> =>
    new Map((await findBrandsByName(client, wanted)).map(({ name, id }) => [name, id]));
  const ids = await idsByName();
  const missing = wanted.filter((name) => !ids.has(name));
  if (missing.length === 0) return { ids, created: 0 };
  const created = await insertBrands(
    client,
    missing.map((name) => ({ id: newId('brd'), name, version: 1 })),
  );
  return { ids: await idsByName(), created };
}
