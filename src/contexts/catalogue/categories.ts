import type pg from 'pg';
import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import type { Database } from '../../platform/database';
import { assertVersion, overtaken, renewProducts } from './products';
import { isWithin, pathsTo } from './rules';
import type { CategoryChange, CategoryView, NewCategory } from './schemas';
import * as store from './store/categories';
import { listCategories } from './store/lists';
import { countProducts } from './store/products';
import type { CategoryRow } from './store/shelves';

/** The whole tree, parents before children, with how many active products stand in each subtree. */
export async function browseCategories(database: Database): Promise<CategoryView[]> {
  const [categories, own] = await Promise.all([
    listCategories(database.prisma),
    countProducts(database.pool, 'category_id'),
  ]);
  const counts = new Map<string, number>();
  for (const { id, path } of categories) {
    for (const above of pathsTo(path)) counts.set(above, (counts.get(above) ?? 0) + (own.get(id) ?? 0));
  }
  return categories.map((category) => ({ ...category, productCount: counts.get(category.path) ?? 0 }));
}

/** Adds a category below `parentId`, or at the top. Throws `conflict` when its path is taken. */
export async function createCategory(database: Database, input: NewCategory): Promise<CategoryRow> {
  return database.transaction(async (client) => {
    await store.lockTree(client);
    const parent = input.parentId === null ? undefined : await findParent(client, input.parentId);
    const category = { ...input, id: newId('cat'), path: pathBelow(parent, input.slug), version: 1 };
    if (!(await store.insertCategory(client, category))) throw taken(category.path);
    return category;
  });
}

/**
 * Renames or moves a category with everything below it; every product in it is sent out again. Throws `not-found`,
 * `precondition-failed`, `conflict` (the path is taken) or `validation-failed` (below itself, or below nothing).
 */
export async function changeCategory(
  database: Database,
  id: string,
  expected: number | undefined,
  change: CategoryChange,
): Promise<CategoryRow> {
  return database.transaction(async (client) => {
    await store.lockTree(client);
    const before = await findRow(client, id);
    assertVersion(before, expected);
    const wanted = { ...before, ...change };
    if (wanted.name === before.name && wanted.slug === before.slug && wanted.parentId === before.parentId)
      return before;
    const parent = wanted.parentId === null ? undefined : await findParent(client, wanted.parentId);
    if (parent && isWithin(parent.path, before.path)) throw wrongParent('A category cannot stand below itself');
    const after = { ...wanted, path: pathBelow(parent, wanted.slug), version: before.version + 1 };
    if (after.path !== before.path && (await store.findCategory(client, 'path', after.path))) throw taken(after.path);
    if (!(await store.updateCategory(client, after))) throw overtaken(expected);
    if (after.path !== before.path) await store.moveBelow(client, before.path, after.path);
    const categoryIds = (await store.findSubtree(client, after.path)).map((category) => category.id);
    await renewProducts(client, { categoryIds });
    return after;
  });
}

/** Removes an empty category. Throws `conflict` while something stands in it. */
export async function removeCategory(database: Database, id: string, expected: number | undefined): Promise<void> {
  await database
    .transaction(async (client) => {
      await store.lockTree(client);
      const category = await findRow(client, id);
      assertVersion(category, expected);
      if (!(await store.deleteCategory(client, id, category.version))) throw overtaken(expected);
    })
    .catch((error: unknown) => {
      throw isReferred(error)
        ? new Problem('conflict', 'The category has products or categories in it: move them first')
        : error;
    });
}

/** Whether a row could not go because others refer to it. */
export const isReferred = (error: unknown): boolean =>
  error instanceof Error && ['23503', '23001'].includes(String((error as { code?: unknown }).code));

async function findRow(client: pg.PoolClient, id: string): Promise<CategoryRow> {
  const category = await store.findCategory(client, 'id', id);
  if (!category) throw new Problem('not-found', `There is no category ${id}`);
  return category;
}

async function findParent(client: pg.PoolClient, id: string): Promise<CategoryRow> {
  const parent = await store.findCategory(client, 'id', id);
  if (!parent) throw wrongParent(`There is no category ${id}`);
  return parent;
}

/** The path of a slug below its parent. Throws `validation-failed` when the tree would get too deep. */
function pathBelow(parent: CategoryRow | undefined, slug: string): string {
  const path = parent ? `${parent.path}/${slug}` : slug;
  if (path.length > 240) throw wrongParent('The tree is too deep: a path has at most 240 characters');
  return path;
}

const wrongParent = (detail: string): Problem =>
  new Problem('validation-failed', detail, { violations: [{ pointer: '/parentId', code: 'wrong-parent', detail }] });
const taken = (path: string): Problem => new Problem('conflict', `There is already a category at "${path}"`);
