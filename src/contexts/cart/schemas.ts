import { z } from '../../platform/http/zod';
import { moneySchema, skuSchema } from '../catalogue';
import { quoteRequestSchema } from '../pricing';
import { COUPON_PROBLEMS } from '../promotions';
import { MOST_LINES, MOST_UNITS } from './rules';

/** What carts take and give over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const cartIdSchema = z.string().regex(/^crt_[0-9a-f-]{36}$/, { error: 'must be an id like crt_0193…' });
/** An HMAC-SHA256 in base64url. */
export const tokenSchema = z.string().regex(/^[\w-]{43}$/, { error: 'must be the token of a cart' });
const quantity = z.int().min(1).max(MOST_UNITS);

export const newLineSchema = z.strictObject({ sku: skuSchema, quantity: quantity.default(1) }).openapi('NewCartLine');
const visitorId = z
  .string()
  .regex(/^vis_[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, {
    error: 'must be vis_ and a UUID in lower case',
  })
  .optional();
export const newCartSchema = z
  .strictObject({
    lines: z.array(newLineSchema).max(MOST_LINES).default([]),
    visitorId: visitorId.describe(
      'Of a visitor who has agreed to be remembered: where a coupon is held back from some, they are the same in each of their carts.',
    ),
  })
  .openapi('NewCart');
export const lineChangeSchema = z
  .strictObject({ quantity: quantity.describe('How many there are then; DELETE takes the line out.') })
  .openapi('CartLineChange');
export const couponChangeSchema = z
  .strictObject({
    code: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, { error: 'must be letters, digits and hyphens, 40 at most' })
      .transform((code) => code.toUpperCase())
      .nullable()
      .describe('Null takes it away.'),
    visitorId: visitorId.describe('As of a new cart, where that said nothing of it.'),
  })
  .openapi('CartCouponChange');
export type CouponChange = z.output<typeof couponChangeSchema>;
export const mergeSchema = z
  .strictObject({ cartId: cartIdSchema, token: tokenSchema })
  .openapi('CartMerge')
  .describe('The cart whose lines come over, and its token.');
export const cartQuoteSchema = quoteRequestSchema.omit({ lines: true }).openapi('CartQuoteRequest');
export type CartQuoteRequest = z.output<typeof cartQuoteSchema>;

const lineSchema = z.object({
  sku: z.string(),
  quantity: z.int(),
  productId: z.string().nullable(),
  name: z.string().nullable(),
  image: z.string().nullable(),
  unitPrice: moneySchema.nullable().describe('The catalogue’s price now; null where it is not for sale any more.'),
  total: moneySchema.nullable().describe('Null where it is not in the subtotal.'),
  available: z.int().describe('How many can be had now.'),
  problem: z
    .enum(['not-for-sale', 'out-of-stock', 'short-of-stock', 'other-currency', 'too-large'])
    .nullable()
    .describe('What stands between this line and its checkout; `other-currency` is left to a quote.'),
});
export const cartSchema = z
  .object({
    id: z.string(),
    currency: z.string(),
    lines: z.array(lineSchema),
    units: z.int(),
    subtotal: moneySchema.describe(
      'The exact sum of the lines’ totals. A quote says what is charged, with discounts and tax.',
    ),
    ready: z.boolean().describe('Whether there is something in it, and no line has a problem.'),
    coupon: z
      .object({
        code: z.string(),
        applied: z.boolean(),
        problem: z.enum(COUPON_PROBLEMS).nullable().describe('Why it takes nothing off now.'),
        discount: moneySchema
          .nullable()
          .describe('What it takes off the catalogue’s prices; a quote says what it takes off those of a destination.'),
      })
      .nullable(),
    version: z.int(),
    expiresAt: z.iso.datetime(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Cart');
export type CartView = z.output<typeof cartSchema>;
export const createdCartSchema = cartSchema
  .extend({ token: z.string().describe('Send it as Cart-Token; it is not shown again.') })
  .openapi('CreatedCart');
