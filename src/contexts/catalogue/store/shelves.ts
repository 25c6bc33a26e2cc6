import type pg from 'pg';

/** Anything that runs SQL: the pool, or the connection of a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

export interface CategoryRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly path: string;
  readonly version: number;
}

export interface BrandRow {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

export const CATEGORY_COLUMNS = `id, slug, name, parent_id as "parentId", path, version`;
export const BRAND_COLUMNS = 'id, name, version';

/** The categories (each with all above it) and brands that some products refer to. */
export class Shelves {
  private readonly categories = new Map<string, CategoryRow>();
  private readonly brands = new Map<string, BrandRow>();

  constructor(categories: readonly CategoryRow[], brands: readonly BrandRow[]) {
    for (const category of categories) this.categories.set(category.id, category);
    for (const brand of brands) this.brands.set(brand.id, brand);
  }

  category(id: string): CategoryRow | undefined {
    return this.categories.get(id);
  }

  brand(id: string): BrandRow | undefined {
    return this.brands.get(id);
  }

  /** Those above a category, from the root down. */
  ancestors(id: string): CategoryRow[] {
    const above: CategoryRow[] = [];
    let parentId = this.categories.get(id)?.parentId ?? null;
    while (parentId !== null) {
      const parent = this.categories.get(parentId);
      if (!parent) break;
      above.unshift(parent);
      parentId = parent.parentId;
    }
    return above;
  }
}

interface References {
  readonly categoryId: string | null;
  readonly brandId: string | null;
}

const idsOf = (ids: Iterable<string | null>): string[] =>
  [...new Set(ids)].filter((id): id is string => id !== null).sort();

/** Loads what `products` refer to: two statements at most, none when they refer to nothing. */
export async function loadShelves(client: Queryable, products: Iterable<References>): Promise<Shelves> {
  const references = [...products];
  const categoryIds = idsOf(references.map(({ categoryId }) => categoryId));
  const brandIds = idsOf(references.map(({ brandId }) => brandId));
  const categories =
    categoryIds.length === 0
      ? []
      : (
          await client.query<CategoryRow>({
            name: 'catalogue-shelves-categories',
            text: `with recursive shelf as (
                     select * from categories where id = any($1)
                     union select above.* from categories above join shelf on above.id = shelf.parent_id)
                   select ${CATEGORY_COLUMNS} from shelf`,
            values: [categoryIds],
          })
        ).rows;
  const brands =
    brandIds.length === 0
      ? []
      : (
          await client.query<BrandRow>({
            name: 'catalogue-shelves-brands',
            text: `select ${BRAND_COLUMNS} from brands where id = any($1)`,
            values: [brandIds],
          })
        ).rows;
  return new Shelves(categories, brands);
}

/**
 * The same inside a transaction that writes an event: the categories and brands are locked against change until it ends,
 * so that the event cannot carry a name that another transaction is just replacing. That one waits, then finds our
 * product and sends its event after ours.
 */
export async function lockShelves(client: Queryable, products: Iterable<References>): Promise<Shelves> {
  const references = [...products];
  const categoryIds = idsOf(references.map(({ categoryId }) => categoryId));
  const brandIds = idsOf(references.map(({ brandId }) => brandId));
  // Always in the order of ids, categories first: two transactions that lock several cannot wait for each other.
  if (categoryIds.length > 0) {
    await client.query('select 1 from categories where id = any($1) order by id for share', [categoryIds]);
  }
  if (brandIds.length > 0) {
    await client.query('select 1 from brands where id = any($1) order by id for share', [brandIds]);
  }
  return loadShelves(client, references);
}
