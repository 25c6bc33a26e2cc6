import { z } from '../../../platform/http/zod';
import { currency, moneyRow, share } from '../schemas';
import { given, ofCurrency, where, type Report } from './report';

/** Columns of minor units; those of single shoppers and bounds are not whole, and shown rounded. */
const SUMS = ['treated_revenue', 'held_out_revenue', 'discount'];
const ESTIMATES = [
  ...['treated_revenue_per_shopper', 'held_out_revenue_per_shopper', 'revenue_uplift', 'revenue_uplift_low'],
  ...['revenue_uplift_high', 'net', 'net_low', 'net_high'],
];
const known = (name: string, value = name): string => `case when currency is not null then ${value} end as ${name}`;

export const couponUplift: Report = {
  path: 'coupon-uplift',
  summary: 'What each measured coupon brought, against those who were held out of it',
  query: {
    code: z
      .string()
      .regex(/^[A-Z0-9][A-Z0-9-]{0,39}$/, { error: 'must be capital letters, digits and hyphens, 40 at most' })
      .optional(),
    ...currency,
  },
  row: z.object({
    couponId: z.string(),
    code: z.string(),
    name: z.string(),
    holdoutPercent: z.number().describe('Of all shoppers were held out while it was measured.'),
    begunAt: z.string(),
    endedAt: z.string().nullable().describe('When those who were held out got it too.'),
    treated: z.int().describe('Shoppers who typed it in and got it.'),
    heldOut: z.int().describe('Shoppers who typed it in and did not.'),
    treatedConverted: z.int().describe('Of them, who bought within 30 days, in whatever currency, with it or without.'),
    heldOutConverted: z.int(),
    treatedConversion: share.nullable(),
    heldOutConversion: share.nullable(),
    uplift: z.number().nullable().describe('Conversion of the treated less that of the held out.'),
    upliftLow: z.number().nullable().describe('The interval of 95 %: where 0 is in it, nothing is shown.'),
    upliftHigh: z.number().nullable(),
    relativeUplift: z.number().nullable(),
    treatedRevenue: moneyRow.nullable().describe('Net of tax and discounts; null while nobody has bought.'),
    heldOutRevenue: moneyRow.nullable(),
    treatedRevenuePerShopper: moneyRow.nullable(),
    heldOutRevenuePerShopper: moneyRow.nullable(),
    revenueUplift: moneyRow.nullable().describe('Revenue of a treated shopper less that of a held-out one.'),
    revenueUpliftLow: moneyRow.nullable(),
    revenueUpliftHigh: moneyRow.nullable(),
    discount: moneyRow.nullable().describe('What it took off, as customers saw it. It is not in any revenue.'),
    net: moneyRow
      .nullable()
      .describe('What the treated brought beyond what as many held-out shoppers did: discounts paid.'),
    netLow: moneyRow.nullable(),
    netHigh: moneyRow.nullable(),
    sampleRatioMismatch: z
      .boolean()
      .describe('Who was counted does not fit the share: find out why before believing it.'),
  }),
  mart: () => 'coupon_uplift',
  money: [...SUMS, ...ESTIMATES],
  sql: (asked) => {
    const money = [
      ...SUMS.map((name) => known(name)),
      ...ESTIMATES.map((name) => known(name, `round(${name})::bigint`)),
    ];
    return `select * exclude (last_exposed_at) replace (${money.join(', ')}) from coupon_uplift
      ${where([asked.code !== undefined && `code = ${given(asked, 'code')}`, ofCurrency(asked)])} order by code, coupon_id, currency`;
  },
};
