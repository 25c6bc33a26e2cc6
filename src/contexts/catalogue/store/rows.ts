import type { SearchableProduct } from '../events';
import { imageOf, type ProductFields } from '../rules';
import type { AdminProductView, ProductView, Status } from '../schemas';
import type { CategoryRow, Shelves } from './shelves';

/** A product as the store keeps it, with money as a number and references as ids. */
export interface ProductRow extends ProductFields {
  readonly id: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What `select ${PRODUCT_COLUMNS}` returns: bigint comes as text. */
export interface RawProduct {
  id: string;
  sku: string;
  name: string;
  description: string;
  brand_id: string | null;
  category_id: string | null;
  price_amount: string;
  currency: string;
  cost_amount: string | null;
  image: string | null;
  status: Status;
  in_stock: boolean;
  popularity: number;
  version: number;
  created_at: Date;
  updated_at: Date;
}

export const PRODUCT_COLUMNS = `id, sku, name, description, brand_id, category_id, price_amount, currency, cost_amount,
  image, status, in_stock, popularity, version, created_at, updated_at`;

export function toProduct(raw: RawProduct): ProductRow {
  return {
    id: raw.id,
    sku: raw.sku,
    name: raw.name,
    description: raw.description,
    brandId: raw.brand_id,
    categoryId: raw.category_id,
    priceAmount: Number(raw.price_amount),
    currency: raw.currency,
    costAmount: raw.cost_amount === null ? null : Number(raw.cost_amount),
    image: raw.image,
    status: raw.status,
    inStock: raw.in_stock,
    popularity: raw.popularity,
    version: raw.version,
    createdAt: raw.created_at,
    updatedAt: raw.updated_at,
  };
}

const reference = ({ id, path, name }: CategoryRow): { id: string; path: string; name: string } => ({ id, path, name });

/** A product as everybody sees it, without what it costs the shop. `shelves` must know its category and brand. */
export function toView(product: ProductRow, shelves: Shelves): ProductView {
  const category = product.categoryId === null ? undefined : shelves.category(product.categoryId);
  const brand = product.brandId === null ? undefined : shelves.brand(product.brandId);
  return {
    id: product.id,
    sku: product.sku,
    name: product.name,
    description: product.description,
    brand: brand ? { id: brand.id, name: brand.name } : null,
    category: category ? { ...reference(category), ancestors: shelves.ancestors(category.id).map(reference) } : null,
    price: { amount: product.priceAmount, currency: product.currency },
    image: imageOf(product),
    inStock: product.inStock,
    status: product.status,
    popularity: product.popularity,
    version: product.version,
    createdAt: product.createdAt.toISOString(),
    updatedAt: product.updatedAt.toISOString(),
  };
}

/** A product as the back office sees it. `shelves` must know its category and brand. */
export function toAdminView(product: ProductRow, shelves: Shelves): AdminProductView {
  const { costAmount, currency } = product;
  return { ...toView(product, shelves), cost: costAmount === null ? null : { amount: costAmount, currency } };
}

/** A product as an index wants it; events leave the shop, so the cost is not in it. `shelves` must know its category and brand. */
export function toSearchable(
  product: Omit<ProductRow, 'createdAt' | 'updatedAt'>,
  shelves: Shelves,
): SearchableProduct {
  const category = product.categoryId === null ? undefined : shelves.category(product.categoryId);
  const brand = product.brandId === null ? undefined : shelves.brand(product.brandId);
  return {
    id: product.id,
    sku: product.sku,
    name: product.name,
    brand: brand?.name ?? null,
    category: category
      ? { ...reference(category), ancestorIds: shelves.ancestors(category.id).map(({ id }) => id) }
      : null,
    price: { amount: product.priceAmount, currency: product.currency },
    image: imageOf(product),
    inStock: product.inStock,
    status: product.status,
    popularity: product.popularity,
    version: product.version,
  };
}
