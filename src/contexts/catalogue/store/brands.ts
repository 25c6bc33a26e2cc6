import { BRAND_COLUMNS, type BrandRow, type Queryable } from './shelves';

export async function findBrand(client: Queryable, by: 'id' | 'name', value: string): Promise<BrandRow | undefined> {
  const { rows } = await client.query<BrandRow>(`select ${BRAND_COLUMNS} from brands where ${by} = $1`, [value]);
  return rows[0];
}

export async function findBrandsByName(client: Queryable, names: readonly string[]): Promise<BrandRow[]> {
  const { rows } = await client.query<BrandRow>(`select ${BRAND_COLUMNS} from brands where name = any($1)`, [names]);
  return rows;
}

/** Adds brands; those whose name is taken are left out. Resolves to how many were added. */
export async function insertBrands(client: Queryable, brands: readonly BrandRow[]): Promise<number> {
  const { rowCount } = await client.query(
    `insert into brands (id, name, version) select * from unnest($1::text[], $2::text[], $3::int[])
     on conflict (name) do nothing`,
    [brands.map(({ id }) => id), brands.map(({ name }) => name), brands.map(({ version }) => version)],
  );
  return rowCount ?? 0;
}

/** Writes a brand over the row that is one version older. */
export async function updateBrand(client: Queryable, brand: BrandRow): Promise<boolean> {
  const { rowCount } = await client.query(
    'update brands set name = $2, version = $3, updated_at = now() where id = $1 and version = $3 - 1',
    [brand.id, brand.name, brand.version],
  );
  return rowCount === 1;
}

export async function deleteBrand(client: Queryable, id: string, version: number): Promise<boolean> {
  const { rowCount } = await client.query('delete from brands where id = $1 and version = $2', [id, version]);
  return rowCount === 1;
}
