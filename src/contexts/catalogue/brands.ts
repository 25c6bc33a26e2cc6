import { Problem } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import type { Database } from '../../platform/database';
import { isReferred } from './categories';
import { assertVersion, isTaken, overtaken, renewProducts } from './products';
import type { BrandView } from './schemas';
import * as store from './store/brands';
import { listBrands } from './store/lists';
import { countProducts } from './store/products';
import type { BrandRow, Queryable } from './store/shelves';

/** Every brand by name, with how many active products it has. */
export async function browseBrands(database: Database): Promise<BrandView[]> {
  const [brands, counts] = await Promise.all([listBrands(database.prisma), countProducts(database.pool, 'brand_id')]);
  return brands.map((brand) => ({ ...brand, productCount: counts.get(brand.id) ?? 0 }));
}

/** Adds a brand. Throws `conflict` when there is one of this name. */
export async function createBrand(database: Database, input: { readonly name: string }): Promise<BrandRow> {
  const brand = { id: newId('brd'), name: input.name, version: 1 };
  const added = await database.transaction((client) => store.insertBrands(client, [brand]));
  if (added === 0) throw taken(input.name);
  return brand;
}

/** Renames a brand; every product of it is sent out again. Throws `not-found`, `precondition-failed`, `conflict`. */
export async function renameBrand(
  database: Database,
  id: string,
  expected: number | undefined,
  { name }: { readonly name: string },
): Promise<BrandRow> {
  return database
    .transaction(async (client) => {
      const before = await findRow(client, id);
      assertVersion(before, expected);
      if (before.name === name) return before;
      const after = { ...before, name, version: before.version + 1 };
      if (!(await store.updateBrand(client, after))) throw overtaken(expected);
      await renewProducts(client, { brandId: id });
      return after;
    })
    .catch((error: unknown) => {
      throw isTaken(error, 'brands_name_key') ? taken(name) : error;
    });
}

/** Removes a brand without products. Throws `conflict` while it has some. */
export async function removeBrand(database: Database, id: string, expected: number | undefined): Promise<void> {
  await database
    .transaction(async (client) => {
      const brand = await findRow(client, id);
      assertVersion(brand, expected);
      if (!(await store.deleteBrand(client, id, brand.version))) throw overtaken(expected);
    })
    .catch((error: unknown) => {
      throw isReferred(error) ? new Problem('conflict', 'The brand has products: give them another first') : error;
    });
}

async function findRow(client: Queryable, id: string): Promise<BrandRow> {
  const brand = await store.findBrand(client, 'id', id);
  if (!brand) throw new Problem('not-found', `There is no brand ${id}`);
  return brand;
}

const taken = (name: string): Problem => new Problem('conflict', `There is already a brand "${name}"`);
