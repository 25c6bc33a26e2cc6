import { idOf, printable } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { moneySchema, skuSchema } from '../catalogue';
import { percentToPpm } from './rules';

/** What pricing takes and gives over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const quoteIdSchema = idOf('quo');
export const priceListIdSchema = idOf('prl');
const currency = z.string().regex(/^[A-Z]{3}$/, { error: 'must be a code of ISO 4217' });
const group = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,39}$/, { error: 'must be lower-case letters, digits and hyphens, like "trade"' });

export const quoteRequestSchema = z
  .strictObject({
    destination: z.strictObject({
      country: z.string().regex(/^[A-Z]{2}$/, { error: 'must be a code of ISO 3166 such as DE' }),
      state: z
        .string()
        .regex(/^[A-Z]{2}$/, { error: 'must be a code of two letters such as CA' })
        .optional()
        .describe('Needed in the US, India and Brazil.'),
    }),
    currency: currency.optional().describe('One that is offered there; by default the usual one.'),
    lines: z
      .array(z.strictObject({ sku: skuSchema, quantity: z.int().min(1).max(1_000_000) }))
      .min(1)
      .max(100),
  })
  .openapi('QuoteRequest');
export type QuoteRequest = z.output<typeof quoteRequestSchema>;
export const adminQuoteRequestSchema = z
  .strictObject({ ...quoteRequestSchema.shape, customerGroup: group.optional() })
  .openapi('AdminQuoteRequest');

const stepSchema = z.object({
  step: z.enum(['catalogue-price', 'exchange', 'price-list', 'quantity', 'discount', 'coupon', 'tax']),
  detail: z.string(),
  result: moneySchema,
});
export type Step = z.output<typeof stepSchema>;
const figures = { subtotal: moneySchema, discount: moneySchema, tax: moneySchema, total: moneySchema };
export const quoteSchema = z
  .object({
    id: z.string(),
    destination: z.object({ country: z.string(), state: z.string().nullable() }),
    region: z.enum(['US', 'EU', 'APAC', 'IN', 'BR', 'GB']),
    currency: z.string(),
    customerGroup: z.string().nullable(),
    lines: z.array(
      z.object({
        sku: z.string(),
        quantity: z.int(),
        unitPrice: moneySchema,
        ...figures,
        explain: z.array(stepSchema).describe('How this line came to its price, step by step.'),
      }),
    ),
    ...figures,
    coupon: z
      .object({
        id: z.string().nullable(),
        code: z.string(),
        cartId: z.string(),
        amount: moneySchema.describe('What of the discount is the coupon’s.'),
        problem: z.string().nullable().describe('Why it takes nothing off: expired, used-up, below-minimum, …'),
      })
      .nullable()
      .describe('The coupon of the cart that was quoted.'),
    taxIncluded: z.boolean().describe('Whether the prices hold the tax; where not, it comes on top.'),
    taxes: z.array(z.object({ name: z.string(), percent: z.string(), amount: moneySchema })),
    rounding: z.object({ level: z.enum(['line', 'order']), mode: z.enum(['half-up', 'half-even']) }),
    fxSnapshot: z.object({ id: z.string(), source: z.string(), takenOn: z.string() }).nullable(),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
  })
  .openapi('Quote');
export type QuoteView = z.output<typeof quoteSchema>;

const priceSchema = z.strictObject({
  sku: skuSchema,
  minQuantity: z.int().min(1).max(1_000_000).default(1).describe('This unit price holds from so many on.'),
  amount: moneySchema.shape.amount,
});
const instant = z.iso.datetime({ offset: true });
export const newPriceListSchema = z
  .strictObject({
    name: printable(200).min(1),
    currency,
    customerGroup: group.nullable().default(null).describe('Null: everybody.'),
    discountPercent: z
      .string()
      .refine((text) => percentToPpm(text) !== undefined, {
        error: 'must be from "0" to "100", with four decimals at most',
      })
      .default('0')
      .describe('Off the whole order.'),
    validFrom: instant.optional().describe('By default now.'),
    validUntil: instant.nullable().default(null),
    prices: z
      .array(priceSchema)
      .max(10_000)
      .refine((prices) => new Set(prices.map((one) => `${one.minQuantity} ${one.sku}`)).size === prices.length, {
        error: 'must not name one sku and quantity twice',
      })
      .default([]),
  })
  .refine(
    ({ validFrom, validUntil }) =>
      !validUntil || Date.parse(validUntil) > Date.parse(validFrom ?? '1970-01-01T00:00:00Z'),
    {
      error: 'must be after validFrom',
      path: ['validUntil'],
    },
  )
  .openapi('NewPriceList');
export type NewPriceList = z.output<typeof newPriceListSchema>;
export const priceListSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    currency: z.string(),
    customerGroup: z.string().nullable(),
    discountPercent: z.string(),
    validFrom: z.iso.datetime(),
    validUntil: z.iso.datetime().nullable(),
    prices: z.array(z.object({ sku: z.string(), minQuantity: z.int(), amount: z.int() })),
  })
  .openapi('PriceList');
export type PriceListView = z.output<typeof priceListSchema>;

const rate = z
  .string()
  .regex(/^(?!0+(\.0+)?$)\d{1,9}(\.\d{1,10})?$/, { error: 'must be a decimal above 0, as text: "1.0389"' });
export const newFxSnapshotSchema = z
  .strictObject({
    base: currency,
    source: printable(200).min(1),
    takenOn: z.iso.date(),
    rates: z.record(currency, rate).describe('Units of each currency for one of the base.'),
  })
  .openapi('NewFxSnapshot');
export type NewFxSnapshot = z.output<typeof newFxSnapshotSchema>;
export const fxSnapshotSchema = z
  .object({
    id: z.string(),
    base: z.string(),
    source: z.string(),
    takenOn: z.string(),
    rates: z.record(z.string(), z.string()),
  })
  .openapi('FxSnapshot');
export type FxSnapshotView = z.output<typeof fxSnapshotSchema>;

export const marketSchema = z
  .object({
    region: z.string(),
    country: z.string(),
    state: z.string().nullable(),
    currencies: z.array(z.string()),
    taxIncluded: z.boolean(),
    taxes: z.array(z.object({ name: z.string(), percent: z.string() })),
    rounding: quoteSchema.shape.rounding,
    source: z.string(),
    asOf: z.string(),
  })
  .openapi('Market');
