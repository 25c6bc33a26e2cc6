import { decodeCursor } from '../../kernel/pages';
import type { Sort, Status } from './schemas';

/** Pure decisions of the catalogue: no I/O, no clock, no randomness. */

/** The fields of a product that a person or a file can set. References are ids. */
export interface ProductFields {
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly brandId: string | null;
  readonly categoryId: string | null;
  readonly priceAmount: number;
  readonly currency: string;
  /** What the shop pays for it, in minor units of the same currency; null where nobody has said. Confidential. */
  readonly costAmount: number | null;
  readonly image: string | null;
  readonly status: Status;
  readonly inStock: boolean;
  readonly popularity: number;
}

const FIELDS = [
  'sku',
  'name',
  'description',
  'brandId',
  'categoryId',
  'priceAmount',
  'currency',
  'costAmount',
  'image',
  'status',
  'inStock',
  'popularity',
] as const satisfies readonly (keyof ProductFields)[];

/**
 * What a product becomes when some of its fields are set anew; undefined when that changes nothing. A cost is of the price's
 * currency: it is unknown as soon as the price has another.
 */
export function changed<T extends ProductFields>(product: T, given: Partial<ProductFields>): T | undefined {
  const moved = given.currency !== undefined && given.currency !== product.currency;
  const change: Partial<ProductFields> = moved ? { costAmount: null, ...given } : given;
  const differs = FIELDS.some((field) => change[field] !== undefined && change[field] !== product[field]);
  if (!differs) return undefined;
  const set = Object.fromEntries(
    FIELDS.flatMap((field) => (change[field] === undefined ? [] : [[field, change[field]]])),
  );
  return { ...product, ...set };
}

/**
 * The key that a list by name is ordered by: without case, accents and compatibility forms (NFKD), so that "Crème" stands
 * beside "creme", compared byte by byte in the database.
 */
export function sortName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
}

/** "Tea & Coffee" becomes "tea-coffee"; undefined when no letter or digit is left. */
export function slugOf(name: string): string | undefined {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^\p{Ll}\p{Lo}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  return slug === '' ? undefined : slug.slice(0, 60).replace(/-$/, '');
}

/** A name for a category of which only the slug is known: "tea-and-coffee" becomes "Tea and coffee". */
export function nameFromSlug(slug: string): string {
  const words = slug.replaceAll('-', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

/** A path with those above it, from the root down: "a/b/c" gives "a", "a/b", "a/b/c". */
export function pathsTo(path: string): string[] {
  const slugs = path.split('/');
  return slugs.map((_, index) => slugs.slice(0, index + 1).join('/'));
}

/** Whether `path` is `root` or below it. */
export const isWithin = (path: string, root: string): boolean => path === root || path.startsWith(`${root}/`);

/** The address of a product's picture: its own, or the one that is generated for it. */
export const imageOf = (product: { readonly id: string; readonly image: string | null }): string =>
  product.image ?? `/media/products/${product.id}.svg`;

/** How a list is ordered: the column that leads, and the direction of both it and the id that breaks ties. */
export interface Order {
  readonly column: 'sort_name' | 'price_amount' | 'popularity' | 'created_at';
  readonly descending: boolean;
}

const COLUMNS = {
  name: 'sort_name',
  price: 'price_amount',
  popularity: 'popularity',
  createdAt: 'created_at',
} as const;

export function orderOf(sort: Sort): Order {
  const descending = sort.startsWith('-');
  const key = (descending ? sort.slice(1) : sort) as keyof typeof COLUMNS;
  return { column: COLUMNS[key], descending };
}

export interface Position {
  readonly key: string | number;
  readonly id: string;
}

/** Where a page begins: reads the cursor of the same sort; undefined when it is not one. */
export function positionOf(cursor: string, sort: Sort): Position | undefined {
  const [madeFor, key, id] = decodeCursor(cursor, 3) ?? [];
  if (madeFor !== sort || typeof id !== 'string' || id.includes('\u0000')) return undefined;
  const { column } = orderOf(sort);
  const isNumber = column === 'price_amount' || column === 'popularity';
  if (isNumber) return typeof key === 'number' && Number.isFinite(key) ? { key, id } : undefined;
  if (typeof key !== 'string' || key.includes('\u0000')) return undefined;
  if (column === 'created_at' && Number.isNaN(Date.parse(key))) return undefined;
  return { key, id };
}
