import { idOf, pageQuery, printable } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';

/** What promotions take and give over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const couponIdSchema = idOf('cpn');
export const couponQuerySchema = z.strictObject(pageQuery);

const code = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,39}$/, { error: 'must be letters, digits and hyphens, 40 at most' })
  .transform((text) => text.toUpperCase());
const instant = z.iso.datetime({ offset: true });
const limit = z.int().min(1).max(1_000_000_000).nullable();
const byCurrency = z.record(
  z.string().regex(/^[A-Z]{3}$/, { error: 'must be a code of ISO 4217' }),
  z.int().min(1).max(1_000_000_000_000),
);
const percent = z
  .string()
  .regex(/^(?!0+(\.0+)?$)(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/, {
    error: 'must be above "0" and at most "100", with four decimals at most',
  })
  .nullable();
const holdoutPercent = z
  .string()
  .regex(/^(50(\.0{1,4})?|[0-4]?\d(\.\d{1,4})?)$/, { error: 'must be from "0" to "50", with four decimals at most' });

export const newCouponSchema = z
  .strictObject({
    code,
    name: printable(200).min(1),
    percent: percent.default(null).describe('Off the whole order: "12.5".'),
    amounts: byCurrency.default({}).describe('Or fixed amounts off, in minor units, by currency.'),
    minimums: byCurrency.default({}).describe('What the basket must come to, in minor units, by currency.'),
    customerGroup: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, { error: 'must be lower-case letters, digits and hyphens, like "trade"' })
      .nullable()
      .default(null)
      .describe('Null: everybody.'),
    validFrom: instant.optional().describe('By default now.'),
    validUntil: instant.nullable().default(null),
    limitTotal: limit.default(null).describe('Uses in all; null: any number.'),
    limitPerCustomer: limit.default(null).describe('Uses by one e-mail address; null: any number.'),
    holdoutPercent: holdoutPercent
      .default('0')
      .describe('So many of all shoppers do not get it, so that what it brings can be measured: "10".'),
  })
  .refine((coupon) => (coupon.percent === null) !== (Object.keys(coupon.amounts).length === 0), {
    error: 'must be given where percent is not, and only there',
    path: ['amounts'],
  })
  .refine(
    ({ validFrom, validUntil }) => !validUntil || Date.parse(validUntil) > Date.parse(validFrom ?? '1970-01-01'),
    {
      error: 'must be after validFrom',
      path: ['validUntil'],
    },
  )
  .openapi('NewCoupon');
export type NewCoupon = z.output<typeof newCouponSchema>;

/** What it gives stays as it is: quotes have been made of it. */
export const couponChangeSchema = z
  .strictObject({
    name: printable(200).min(1).optional(),
    validUntil: instant.nullable().optional(),
    limitTotal: limit.optional(),
    limitPerCustomer: limit.optional(),
    holdoutPercent: z
      .string()
      .regex(/^0(\.0{1,4})?$/, { error: 'can only become "0"' })
      .optional()
      .describe('"0" gives it to everybody from now on, and ends the measurement for good.'),
    state: z.enum(['active', 'ended']).optional(),
  })
  .openapi('CouponChange');
export type CouponChange = z.output<typeof couponChangeSchema>;

export const couponSchema = z
  .object({
    id: z.string(),
    code: z.string(),
    name: z.string(),
    percent: z.string().nullable(),
    amounts: z.record(z.string(), z.int()),
    minimums: z.record(z.string(), z.int()),
    customerGroup: z.string().nullable(),
    state: z.enum(['active', 'ended']),
    validFrom: z.iso.datetime(),
    validUntil: z.iso.datetime().nullable(),
    limitTotal: z.int().nullable(),
    limitPerCustomer: z.int().nullable(),
    holdoutPercent: z.string().describe('Of all shoppers do not get it now.'),
    holdoutEndedAt: z.iso.datetime().nullable().describe('When its measurement ended, where there was one.'),
    redeemed: z.int().describe('Uses by orders that are not cancelled.'),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Coupon');
export type CouponView = z.output<typeof couponSchema>;
