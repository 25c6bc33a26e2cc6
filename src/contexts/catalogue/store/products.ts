import type pg from 'pg';
import { orderOf, sortName, type Position } from '../rules';
import type { ProductQuery } from '../schemas';
import { PRODUCT_COLUMNS, toProduct, type ProductRow, type RawProduct } from './rows';
import type { Queryable } from './shelves';

export async function findProduct(client: Queryable, id: string): Promise<ProductRow | undefined> {
  const { rows } = await client.query<RawProduct>({
    name: 'catalogue-product',
    text: `select ${PRODUCT_COLUMNS} from products where id = $1`,
    values: [id],
  });
  return rows[0] && toProduct(rows[0]);
}

/** What a list shows: the query with its references resolved; undefined ids mean no filter. */
export interface ListFilter extends Pick<ProductQuery, 'limit' | 'sort' | 'inStock' | 'status'> {
  readonly categoryIds: readonly string[] | undefined;
  readonly brandId: string | undefined;
  readonly leastPrice: number | undefined;
  readonly mostPrice: number | undefined;
  readonly after: Position | undefined;
}

/** One more product than `limit`, where there is one. Every order has an index, so a page costs the same anywhere. */
export async function listProducts(client: Queryable, filter: ListFilter): Promise<ProductRow[]> {
  const { column, descending } = orderOf(filter.sort);
  const values: unknown[] = [];
  const conditions: string[] = [];
  const where = (value: unknown, condition: (place: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  where(filter.status, (place) => `status = ${place}`);
  where(filter.categoryIds, (place) => `category_id = any(${place})`);
  where(filter.brandId, (place) => `brand_id = ${place}`);
  where(filter.leastPrice, (place) => `price_amount >= ${place}`);
  where(filter.mostPrice, (place) => `price_amount <= ${place}`);
  where(filter.inStock, (place) => `in_stock = ${place}`);
  if (filter.after) {
    values.push(filter.after.key, filter.after.id);
    conditions.push(`(${column}, id) ${descending ? '<' : '>'} ($${values.length - 1}, $${values.length})`);
  }
  values.push(filter.limit + 1);
  const direction = descending ? 'desc' : 'asc';
  const { rows } = await client.query<RawProduct>(
    `select ${PRODUCT_COLUMNS} from products ${conditions.length > 0 ? `where ${conditions.join(' and ')}` : ''}
     order by ${column} ${direction}, id ${direction} limit $${values.length}`,
    values,
  );
  return rows.map(toProduct);
}

/** Products by rising id, in chunks: a stream that holds neither a transaction nor more than one chunk. */
export async function* streamProducts(client: Queryable, chunk: number): AsyncGenerator<ProductRow[]> {
  let after = '';
  for (;;) {
    const { rows } = await client.query<RawProduct>({
      name: 'catalogue-stream',
      text: `select ${PRODUCT_COLUMNS} from products where id > $1 order by id limit $2`,
      values: [after, chunk],
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(toProduct);
    after = last.id;
  }
}

/** The same of ids and skus alone. */
export async function* streamSkus(client: Queryable, chunk: number): AsyncGenerator<{ id: string; sku: string }[]> {
  let after = '';
  for (;;) {
    const { rows } = await client.query<{ id: string; sku: string }>({
      name: 'catalogue-stream-skus',
      text: 'select id, sku from products where id > $1 order by id limit $2',
      values: [after, chunk],
    });
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    after = last.id;
  }
}

export type NewRow = Omit<ProductRow, 'createdAt' | 'updatedAt'>;

/** Products on their way in as one JSON parameter: half the work of an array per column, here and in the database. */
const AS_ROWS = `json_to_recordset($1::json) as new(id text, sku text, name text, sort_name text, description text,
  brand_id text, category_id text, price_amount bigint, currency text, cost_amount bigint, image text, status text, in_stock boolean,
  popularity float8, version int)`;

const toJson = (products: readonly NewRow[]): string =>
  JSON.stringify(
    products.map((product) => ({
      id: product.id,
      sku: product.sku,
      name: product.name,
      sort_name: sortName(product.name),
      description: product.description,
      brand_id: product.brandId,
      category_id: product.categoryId,
      price_amount: product.priceAmount,
      currency: product.currency,
      cost_amount: product.costAmount,
      image: product.image,
      status: product.status,
      in_stock: product.inStock,
      popularity: product.popularity,
      version: product.version,
    })),
  );

/** Adds products; those whose sku is already there are left out. Resolves to how many were added. */
export async function insertProducts(client: Queryable, products: readonly NewRow[]): Promise<number> {
  if (products.length === 0) return 0;
  const { rowCount } = await client.query({
    name: 'catalogue-insert',
    text: `insert into products (id, sku, name, sort_name, description, brand_id, category_id, price_amount, currency,
             cost_amount, image, status, in_stock, popularity, version)
           select * from ${AS_ROWS} on conflict (sku) do nothing`,
    values: [toJson(products)],
  });
  return rowCount ?? 0;
}

/**
 * Writes products over the rows that are one version older, and only those. Resolves to how many were written: fewer than
 * given when somebody else was faster.
 */
export async function updateProducts(client: Queryable, products: readonly NewRow[]): Promise<number> {
  if (products.length === 0) return 0;
  const { rowCount } = await client.query({
    name: 'catalogue-update',
    text: `update products set sku = new.sku, name = new.name, sort_name = new.sort_name,
             description = new.description, brand_id = new.brand_id, category_id = new.category_id,
             price_amount = new.price_amount, currency = new.currency, cost_amount = new.cost_amount,
             image = new.image, status = new.status, in_stock = new.in_stock, popularity = new.popularity, version = new.version, updated_at = now()
           from ${AS_ROWS} where products.id = new.id and products.version = new.version - 1`,
    values: [toJson(products)],
  });
  return rowCount ?? 0;
}

/** Removes a product that still has this version. */
export async function deleteProduct(client: Queryable, id: string, version: number): Promise<boolean> {
  const { rowCount } = await client.query('delete from products where id = $1 and version = $2', [id, version]);
  return rowCount === 1;
}

/** The products with these skus, locked in the order of skus until the transaction ends. */
export async function lockProductsBySku(client: Queryable, skus: readonly string[]): Promise<ProductRow[]> {
  const { rows } = await client.query<RawProduct>(
    `select ${PRODUCT_COLUMNS} from products where sku = any($1) order by sku for update`,
    [skus],
  );
  return rows.map(toProduct);
}

/** The same by id: in the order of skus too, so that the two cannot wait for each other. */
export async function lockProducts(client: Queryable, ids: readonly string[]): Promise<ProductRow[]> {
  const { rows } = await client.query<RawProduct>(
    `select ${PRODUCT_COLUMNS} from products where id = any($1) order by sku for update`,
    [ids],
  );
  return rows.map(toProduct);
}

/** Gives every product of these categories or of this brand a new version, a chunk at a time. */
export async function* renewProducts(
  client: pg.ClientBase,
  owner: { readonly categoryIds: readonly string[] } | { readonly brandId: string },
  chunk = 5000,
): AsyncGenerator<ProductRow[]> {
  const [condition, value] =
    'brandId' in owner ? ['brand_id = $1', owner.brandId] : ['category_id = any($1)', owner.categoryIds];
  let after = '';
  for (;;) {
    const { rows } = await client.query<RawProduct>(
      `update products set version = version + 1, updated_at = now()
       where id in (select id from products where ${condition} and id > $2 order by id limit $3)
       returning ${PRODUCT_COLUMNS}`,
      [value, after, chunk],
    );
    if (rows.length === 0) return;
    yield rows.map(toProduct);
    after = rows.reduce((most, { id }) => (id > most ? id : most), after);
  }
}

/** Which of these skus there are, with what their products say of their stock. */
export async function findStockFlags(client: Queryable, skus: readonly string[]): Promise<Map<string, boolean>> {
  const { rows } = await client.query<{ sku: string; in_stock: boolean }>({
    name: 'catalogue-stock-flags',
    text: 'select sku, in_stock from products where sku = any($1)',
    values: [skus],
  });
  return new Map(rows.map((row) => [row.sku, row.in_stock]));
}

/** What a shopper sees of these skus, of those that are for sale. */
export async function findOffers(
  client: Queryable,
  skus: readonly string[],
): Promise<{ sku: string; id: string; name: string; image: string | null; amount: number; currency: string }[]> {
  const { rows } = await client.query<{
    sku: string;
    id: string;
    name: string;
    image: string | null;
    amount: string;
    currency: string;
  }>({
    name: 'catalogue-offers',
    text: `select sku, id, name, image, price_amount as amount, currency from products
           where sku = any($1) and status = 'active'`,
    values: [skus],
  });
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }));
}

/** What these skus cost, of those that are for sale. */
export async function findPrices(
  client: Queryable,
  skus: readonly string[],
): Promise<Map<string, { readonly amount: number; readonly currency: string }>> {
  const { rows } = await client.query<{ sku: string; price_amount: string; currency: string }>({
    name: 'catalogue-prices',
    text: `select sku, price_amount, currency from products where sku = any($1) and status = 'active'`,
    values: [skus],
  });
  return new Map(rows.map((row) => [row.sku, { amount: Number(row.price_amount), currency: row.currency }]));
}

/** Whether there is no product at all. */
export async function isEmpty(client: Queryable): Promise<boolean> {
  const { rows } = await client.query<{ any: boolean }>('select exists (select from products) as any');
  return rows[0]?.any !== true;
}

/** Active products by category id and by brand id. */
export async function countProducts(client: Queryable, by: 'category_id' | 'brand_id'): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: string; count: string }>(
    `select ${by} as id, count(*) from products where status = 'active' and ${by} is not null group by ${by}`,
  );
  return new Map(rows.map(({ id, count }) => [id, Number(count)]));
}
