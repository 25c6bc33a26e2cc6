import { idOf } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';

/** What the catalogue takes and gives over HTTP. OpenAPI is generated from these; unknown fields are refused. */

// PostgreSQL stores neither NUL nor lone surrogates; other control characters have no place in a name.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const text = (most: number): z.ZodString =>
  z
    .string()
    .max(most, { error: `must have at most ${most} characters` })
    .refine((value) => !UNPRINTABLE.test(value), { error: 'must not contain control characters' })
    .refine((value) => !LONE_SURROGATE.test(value), { error: 'must not contain half a character (a lone surrogate)' });
const line = (most: number): z.ZodType<string, string> =>
  text(most)
    .refine((value) => value.trim() !== '' && !/[\r\n\t]/.test(value), { error: 'must be one line and not empty' })
    .transform((value) => value.trim());

export const skuSchema = line(64).describe('The shop’s own number of the article; unique.');
export const nameSchema = line(200);
export const descriptionSchema = text(10_000);
export const slugSchema = z
  .string()
  .max(60)
  .regex(/^[\p{Ll}\p{Lo}\p{N}]+(-[\p{Ll}\p{Lo}\p{N}]+)*$/u, {
    error: 'must be lower-case words joined by hyphens, like "tea-and-coffee"',
  });
export const pathSchema = z
  .string()
  .max(240)
  .refine((path) => path.split('/').every((slug) => slugSchema.safeParse(slug).success), {
    error: 'must be slugs joined by slashes, like "kitchen/mugs"',
  });
export const statusSchema = z.enum(['draft', 'active', 'archived']);
export type Status = z.output<typeof statusSchema>;
export const popularitySchema = z
  .number()
  .min(0)
  .max(1e12)
  .describe('How often it sells, in any unit: only the order matters.');
export const productIdSchema = idOf('prd');
export const categoryIdSchema = idOf('cat');
export const brandIdSchema = idOf('brd');
export const imageSchema = z
  .string()
  .max(2000)
  .regex(/^(https:\/\/|\/)[^\s"'<>\\\p{Cc}\p{Surrogate}]+$/u, { error: 'must be an https address or a path' });

export const moneySchema = z
  .strictObject({
    amount: z.int().min(0).max(1_000_000_000_000).describe('Minor units: 295 is £2.95.'),
    currency: z.string().regex(/^[A-Z]{3}$/, { error: 'must be a code of ISO 4217' }),
  })
  .openapi('Money');

const categoryReference = z.object({ id: z.string(), path: z.string(), name: z.string() });
export const productSchema = z
  .object({
    id: z.string(),
    sku: z.string(),
    name: z.string(),
    description: z.string(),
    brand: z.object({ id: z.string(), name: z.string() }).nullable(),
    category: categoryReference.extend({ ancestors: z.array(categoryReference) }).nullable(),
    price: moneySchema,
    image: z.string(),
    inStock: z.boolean(),
    status: statusSchema,
    popularity: z.number(),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Product');
export type ProductView = z.output<typeof productSchema>;

export const costSchema = moneySchema
  .nullable()
  .describe(
    'What the shop pays for it, in the currency of the price; null where nobody has said. For the back office alone.',
  );

/** What GET /v1/products gives, and what only the back office may know. */
export const adminProductSchema = productSchema.extend({ cost: costSchema }).openapi('AdminProduct');
export type AdminProductView = z.output<typeof adminProductSchema>;

export const newProductSchema = z
  .strictObject({
    sku: skuSchema,
    name: nameSchema,
    description: descriptionSchema.default(''),
    brandId: brandIdSchema.nullable().default(null),
    categoryId: categoryIdSchema.nullable().default(null),
    price: moneySchema,
    cost: costSchema.default(null),
    image: imageSchema.nullable().default(null),
    status: statusSchema.default('draft'),
    inStock: z.boolean().default(true),
    popularity: popularitySchema.default(0),
  })
  .openapi('NewProduct');
export type NewProduct = z.output<typeof newProductSchema>;

export const productChangeSchema = z
  .strictObject({
    sku: skuSchema,
    name: nameSchema,
    description: descriptionSchema,
    brandId: brandIdSchema.nullable(),
    categoryId: categoryIdSchema.nullable(),
    price: moneySchema,
    cost: costSchema,
    image: imageSchema.nullable(),
    status: statusSchema,
    inStock: z.boolean(),
    popularity: popularitySchema,
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change at least one field' })
  .openapi('ProductChange');
export type ProductChange = Partial<NewProduct>;

export const categorySchema = z
  .object({
    id: z.string(),
    path: z.string(),
    slug: z.string(),
    name: z.string(),
    parentId: z.string().nullable(),
    productCount: z.int().describe('Active products in it and everywhere below it.'),
    version: z.int(),
  })
  .openapi('Category');
export type CategoryView = z.output<typeof categorySchema>;

export const newCategorySchema = z
  .strictObject({ slug: slugSchema, name: nameSchema, parentId: categoryIdSchema.nullable().default(null) })
  .openapi('NewCategory');
export type NewCategory = z.output<typeof newCategorySchema>;
export const categoryChangeSchema = z
  .strictObject({ slug: slugSchema, name: nameSchema, parentId: categoryIdSchema.nullable() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change at least one field' })
  .openapi('CategoryChange');
export type CategoryChange = Partial<NewCategory>;

export const brandSchema = z
  .object({ id: z.string(), name: z.string(), productCount: z.int(), version: z.int() })
  .openapi('Brand');
export type BrandView = z.output<typeof brandSchema>;
export const newBrandSchema = z.strictObject({ name: nameSchema }).openapi('NewBrand');

const wholeNumber = (least: number, most: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,13}$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error: `must be a whole number from ${least} to ${most}` });

export const SORTS = [
  'name',
  '-name',
  'price',
  '-price',
  'popularity',
  '-popularity',
  'createdAt',
  '-createdAt',
] as const;
export type Sort = (typeof SORTS)[number];

export const productQuerySchema = z
  .strictObject({
    limit: wholeNumber(1, 100).default(20),
    after: text(2000).optional().describe('`page.next` of the page before.'),
    category: text(240).min(1).optional().describe('Id or path: the category and everything below it.'),
    brand: text(200).min(1).optional().describe('Id or name.'),
    'price.gte': wholeNumber(0, 1e12).optional().describe('Minor units.'),
    'price.lte': wholeNumber(0, 1e12).optional().describe('Minor units.'),
    inStock: z
      .enum(['true', 'false'])
      .transform((value) => value === 'true')
      .optional(),
    status: z.literal('active').default('active'),
    sort: z.enum(SORTS).default('-popularity').describe('`-` is descending; ties go by id.'),
  })
  .refine((query) => (query['price.gte'] ?? 0) <= (query['price.lte'] ?? Infinity), {
    error: 'must not be above price.lte',
    path: ['price.gte'],
  });
export const adminProductQuerySchema = z.strictObject({
  ...productQuerySchema.shape,
  status: statusSchema.optional(),
});
export type ProductQuery = z.output<typeof adminProductQuerySchema>;

export const importReportSchema = z
  .object({
    read: z.int().describe('Records read, whatever became of them.'),
    inserted: z.int(),
    updated: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    refusals: z
      .array(z.object({ line: z.int(), column: z.string().nullable(), code: z.string(), reason: z.string() }))
      .describe('The first 1,000.'),
    refusedByCode: z.record(z.string(), z.int()),
    notes: z.record(z.string(), z.int()).describe('What else was met, by count.'),
    aborted: z.boolean().describe('Whether it ended before the end of the input; what was written before is kept.'),
    stopped: z
      .object({ line: z.int().nullable(), reason: z.string() })
      .nullable()
      .describe('Why the input could not be read to its end, and from which line on nothing was read.'),
    seconds: z.number(),
  })
  .openapi('ImportReport');
