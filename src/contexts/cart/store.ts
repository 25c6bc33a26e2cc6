import type pg from 'pg';
import type { Line } from '../../kernel/lines';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** How long a cart lives after its last change, by the database's clock. */
const LIFE = `clock_timestamp() + interval '24 hours'`;

/** A cart as it is kept: what it holds, without what that costs. */
export interface CartRow {
  readonly id: string;
  readonly currency: string;
  readonly coupon: string | null;
  /** Who is counted where a coupon is measured; null while nobody is. */
  readonly shopper: string | null;
  readonly version: number;
  readonly lines: readonly Line[];
  readonly expiresAt: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export async function insertCart(
  client: Queryable,
  { id, currency, shopper }: Pick<CartRow, 'id' | 'currency' | 'shopper'>,
): Promise<void> {
  await client.query({
    name: 'cart-insert',
    text: `insert into carts (id, currency, shopper, expires_at) values ($1, $2, $3, ${LIFE})`,
    values: [id, currency, shopper],
  });
}

/** A cart with its lines in the order in which they came; undefined when there is none, or its time is over. */
export async function findCart(client: Queryable, id: string): Promise<CartRow | undefined> {
  const { rows } = await client.query<CartRow>({
    name: 'cart-find',
    text: `select c.id, c.currency, c.coupon, c.shopper, c.version, c.expires_at as "expiresAt", c.created_at as "createdAt",
             c.updated_at as "updatedAt",
             coalesce((select json_agg(json_build_object('sku', sku, 'quantity', quantity) order by position)
               from cart_lines where cart_id = c.id), '[]') as lines
           from carts as c where c.id = $1 and c.expires_at > clock_timestamp()`,
    values: [id],
  });
  return rows[0];
}

/** What a cart held at one of its versions. */
export interface KeptCart {
  readonly id: string;
  readonly version: number;
  /** Besides the version: a database that was restored may give one version to two contents. */
  readonly updatedAt: string;
  readonly coupon: string | null;
  readonly lines: readonly Line[];
}

/** A cart whose lines are read only where it is not as it was kept; null says that it is. */
export async function findChangedCart(
  client: Queryable,
  { id, version, updatedAt }: KeptCart,
): Promise<(Omit<CartRow, 'lines'> & { readonly lines: readonly Line[] | null }) | undefined> {
  const { rows } = await client.query<CartRow>({
    name: 'cart-find-changed',
    text: `select c.id, c.currency, c.coupon, c.shopper, c.version, c.expires_at as "expiresAt", c.created_at as "createdAt",
             c.updated_at as "updatedAt",
             case when c.version = $2 and c.updated_at = $3 then null else
               coalesce((select json_agg(json_build_object('sku', sku, 'quantity', quantity) order by position)
                 from cart_lines where cart_id = c.id), '[]') end as lines
           from carts as c where c.id = $1 and c.expires_at > clock_timestamp()`,
    values: [id, version, updatedAt],
  });
  return rows[0];
}

/**
 * Begins a change: the cart gets its next version and another 24 hours, and is locked until the transaction ends, so that its
 * changes come one after the other. Undefined when there is no such cart, or it has another version than `expected`.
 */
export async function touchCart(
  client: pg.ClientBase,
  id: string,
  expected: number | undefined,
): Promise<Pick<CartRow, 'shopper'> | undefined> {
  const { rows } = await client.query<Pick<CartRow, 'shopper'>>({
    name: 'cart-touch',
    text: `update carts set version = version + 1, updated_at = now(), expires_at = ${LIFE}
           where id = $1 and expires_at > clock_timestamp() and ($2::bigint is null or version = $2) returning shopper`,
    values: [id, expected ?? null],
  });
  return rows[0];
}

/** Locks carts in the order of their ids: two merges that want the same two queue up. Resolves to those that are there. */
export async function lockCarts(client: pg.ClientBase, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'cart-lock',
    text: `select id from carts where id = any($1) and expires_at > clock_timestamp() order by id for update`,
    values: [ids],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Adds quantities to a locked cart. The skus must be distinct. Resolves to how many lines it has then. */
export async function addLines(client: pg.ClientBase, id: string, lines: readonly Line[]): Promise<number> {
  await client.query({
    name: 'cart-add',
    text: `insert into cart_lines (cart_id, sku, quantity)
           select $1, sku, quantity from unnest($2::text[], $3::int[]) with ordinality as l(sku, quantity, place)
           order by place
           on conflict (cart_id, sku) do update set quantity = cart_lines.quantity + excluded.quantity`,
    values: [id, lines.map(({ sku }) => sku), lines.map(({ quantity }) => quantity)],
  });
  const { rows } = await client.query<{ count: number }>({
    name: 'cart-count',
    text: 'select count(*)::int as count from cart_lines where cart_id = $1',
    values: [id],
  });
  return rows[0]?.count ?? 0;
}

/** False when the cart has no such line. */
export async function setQuantity(client: pg.ClientBase, id: string, { sku, quantity }: Line): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'cart-quantity',
    text: 'update cart_lines set quantity = $3 where cart_id = $1 and sku = $2',
    values: [id, sku, quantity],
  });
  return rowCount === 1;
}

/** False when the cart has no such line. */
export async function deleteLine(client: pg.ClientBase, id: string, sku: string): Promise<boolean> {
  const { rowCount } = await client.query({
    name: 'cart-remove',
    text: 'delete from cart_lines where cart_id = $1 and sku = $2',
    values: [id, sku],
  });
  return rowCount === 1;
}

export async function setCoupon(
  client: pg.ClientBase,
  id: string,
  { coupon, shopper }: Pick<CartRow, 'coupon' | 'shopper'>,
): Promise<void> {
  await client.query({
    name: 'cart-coupon',
    text: 'update carts set coupon = $2, shopper = $3 where id = $1',
    values: [id, coupon, shopper],
  });
}

export async function deleteCart(client: pg.ClientBase, id: string): Promise<void> {
  await client.query({ name: 'cart-delete', text: 'delete from carts where id = $1', values: [id] });
}

/** Removes carts whose time is over, at most `limit`; those that somebody has locked are passed over. Resolves to how many. */
export async function deleteExpired(client: Queryable, limit: number): Promise<number> {
  const { rowCount } = await client.query({
    name: 'cart-expired',
    text: `delete from carts where id in (select id from carts where expires_at <= clock_timestamp()
             order by expires_at limit $1 for update skip locked)`,
    values: [limit],
  });
  return rowCount ?? 0;
}
