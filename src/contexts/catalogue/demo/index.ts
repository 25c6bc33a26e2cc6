import type { Database } from '../../../platform/database';
import { createCategory } from '../categories';
import { importMade, type ImportOptions, type ImportReport } from '../import';
import type { CatalogueDependencies } from '../products';
import { findCategory } from '../store/categories';
import { isEmpty } from '../store/products';
import { demoProducts, MOST_PRODUCTS, type DemoOptions } from './products';
import { DEPARTMENTS } from './vocabulary';

export { demoProducts, MOST_PRODUCTS, type DemoOptions } from './products';

/** The seed of the shop that everybody sees first. */
export const DEMO_SEED = 11;

/** Up to here a shop is made in one transaction: killed halfway, it leaves nothing, and the next start makes it anew. */
const AT_ONCE = 20_000;

/** Any fixed number of our own: two processes that start together on one database must not both fill it. */
const SEEDING_LOCK = 0xe11;

export interface SeedOptions {
  readonly products: number;
  readonly currency: string;
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Fills an empty catalogue with demo products; does nothing where there is any product. Resolves to how many it made. */
export async function seedDemoShop(database: Database, options: SeedOptions): Promise<number> {
  const { products, currency, seed = DEMO_SEED, onProgress } = options;
  if (!(await isEmpty(database.pool))) return 0;
  const client = await database.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [SEEDING_LOCK]);
    if (!(await isEmpty(client))) return 0;
    onProgress?.(0, products);
    const report = await generateDemoShop(
      { database, currency },
      { products, seed },
      { onProgress: ({ written }) => onProgress?.(written, products) },
    );
    return report.inserted;
  } finally {
    // Closing the connection gives the lock back whatever happened on it.
    client.release(true);
  }
}

/** Adds the demo shop's products of this size and seed to whatever is there; those that are there stay or change. */
export async function generateDemoShop(
  deps: CatalogueDependencies,
  demo: DemoOptions,
  options: ImportOptions = {},
): Promise<ImportReport> {
  for (const department of DEPARTMENTS) {
    const parentId = await ensureCategory(deps.database, null, department);
    for (const shelf of department.shelves) {
      await ensureCategory(deps.database, parentId, { path: `${department.path}/${shelf.path}`, name: shelf.name });
    }
  }
  const batch = demo.products <= AT_ONCE ? { batch: Math.max(1, demo.products) } : {};
  return importMade(deps, demoProducts(demo), { ...batch, ...options });
}

async function ensureCategory(
  database: Database,
  parentId: string | null,
  { path, name }: { readonly path: string; readonly name: string },
): Promise<string> {
  const known = await findCategory(database.pool, 'path', path);
  if (known) return known.id;
  const slug = path.slice(path.lastIndexOf('/') + 1);
  return (await createCategory(database, { slug, name, parentId })).id;
}

/** Whether the vocabulary is large enough for so many products. */
export const canGenerate = (products: number): boolean =>
  Number.isInteger(products) && products >= 0 && products <= MOST_PRODUCTS;
