import type { PrismaClient } from '../../../platform/database';
import type { BrandRow, CategoryRow } from './shelves';

/** The whole lists that a shop front shows at once: small, typed, and not hot, so Prisma reads them. */

/** Every category in the order of paths: a parent comes before its children. */
export async function listCategories(prisma: PrismaClient): Promise<CategoryRow[]> {
  return prisma.category.findMany({
    select: { id: true, slug: true, name: true, parentId: true, path: true, version: true },
    orderBy: { path: 'asc' },
  });
}

/** Every brand in the order of names. */
export async function listBrands(prisma: PrismaClient): Promise<BrandRow[]> {
  return prisma.brand.findMany({ select: { id: true, name: true, version: true }, orderBy: { name: 'asc' } });
}
