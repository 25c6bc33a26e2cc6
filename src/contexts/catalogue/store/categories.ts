import { CATEGORY_COLUMNS, type CategoryRow, type Queryable } from './shelves';

/** One change of the tree at a time; reading, and products that refer to it, go on. */
export async function lockTree(client: Queryable): Promise<void> {
  await client.query('lock table categories in share row exclusive mode');
}

export async function findCategory(
  client: Queryable,
  by: 'id' | 'path',
  value: string,
): Promise<CategoryRow | undefined> {
  const { rows } = await client.query<CategoryRow>(`select ${CATEGORY_COLUMNS} from categories where ${by} = $1`, [
    value,
  ]);
  return rows[0];
}

/** A category and everything below it. Slugs have no character that means something to LIKE. */
export async function findSubtree(client: Queryable, path: string): Promise<CategoryRow[]> {
  const { rows } = await client.query<CategoryRow>(
    `select ${CATEGORY_COLUMNS} from categories where path = $1 or path like $1 || '/%' order by path`,
    [path],
  );
  return rows;
}

export async function findCategoriesByPath(client: Queryable, paths: readonly string[]): Promise<CategoryRow[]> {
  const { rows } = await client.query<CategoryRow>(`select ${CATEGORY_COLUMNS} from categories where path = any($1)`, [
    paths,
  ]);
  return rows;
}

/** Adds a category, unless its path is taken. */
export async function insertCategory(client: Queryable, category: CategoryRow): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into categories (id, slug, name, parent_id, path, version) values ($1, $2, $3, $4, $5, $6)
     on conflict (path) do nothing`,
    [category.id, category.slug, category.name, category.parentId, category.path, category.version],
  );
  return rowCount === 1;
}

/** Writes a category over the row that is one version older. */
export async function updateCategory(client: Queryable, category: CategoryRow): Promise<boolean> {
  const { rowCount } = await client.query(
    `update categories set slug = $2, name = $3, parent_id = $4, path = $5, version = $6, updated_at = now()
     where id = $1 and version = $6 - 1`,
    [category.id, category.slug, category.name, category.parentId, category.path, category.version],
  );
  return rowCount === 1;
}

/** Gives everything below `from` (but not the category itself) its place below `to`. */
export async function moveBelow(client: Queryable, from: string, to: string): Promise<void> {
  await client.query(
    `update categories set path = $2 || substr(path, length($1) + 1), version = version + 1, updated_at = now()
     where path like $1 || '/%'`,
    [from, to],
  );
}

export async function deleteCategory(client: Queryable, id: string, version: number): Promise<boolean> {
  const { rowCount } = await client.query('delete from categories where id = $1 and version = $2', [id, version]);
  return rowCount === 1;
}
