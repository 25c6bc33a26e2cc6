import { z } from '../../platform/http/zod';
import { registerEvents, type OutboxEvent } from '../../platform/outbox';
import { moneySchema, statusSchema } from './schemas';

/** What the catalogue tells the others. `product:<id>` is the aggregate, the product's version is the event's. */
export const PRODUCT_CREATED = 'easy11.product.created.v1';
export const PRODUCT_UPDATED = 'easy11.product.updated.v1';
export const PRODUCT_DELETED = 'easy11.product.deleted.v1';

/** A whole product as an index needs it; the data of created and updated. */
export const searchableProductSchema = z.object({
  id: z.string(),
  sku: z.string(),
  name: z.string(),
  brand: z.string().nullable(),
  category: z
    .object({
      id: z.string(),
      path: z.string(),
      name: z.string(),
      ancestorIds: z.array(z.string()).describe('From the root down, without the category itself.'),
    })
    .nullable(),
  price: moneySchema,
  image: z.string(),
  inStock: z.boolean(),
  status: statusSchema,
  popularity: z.number(),
  version: z.int(),
});
export type SearchableProduct = z.output<typeof searchableProductSchema>;

export const deletedProductSchema = z.object({ id: z.string(), sku: z.string(), version: z.int() });
export type DeletedProduct = z.output<typeof deletedProductSchema>;

const SOURCE = '/easy11/catalogue';
registerEvents({
  source: SOURCE,
  kind: 'product',
  data: searchableProductSchema,
  types: {
    [PRODUCT_CREATED]: 'A product was created.',
    [PRODUCT_UPDATED]: 'A product was changed: the data is the whole product as it is now.',
  },
});
registerEvents({
  source: SOURCE,
  kind: 'product',
  data: deletedProductSchema,
  types: { [PRODUCT_DELETED]: 'A product was deleted. It has no later event.' },
});

/** The event of a product that is new (version 1) or changed. */
export function productSaved(product: SearchableProduct): OutboxEvent {
  return {
    aggregate: `product:${product.id}`,
    version: product.version,
    type: product.version === 1 ? PRODUCT_CREATED : PRODUCT_UPDATED,
    source: SOURCE,
    subject: product.id,
    data: product,
  };
}

/** The last event of a product: its version is one above the last that the product had. */
export function productDeleted(product: DeletedProduct): OutboxEvent {
  return {
    aggregate: `product:${product.id}`,
    version: product.version,
    type: PRODUCT_DELETED,
    source: SOURCE,
    subject: product.id,
    data: product,
  };
}
