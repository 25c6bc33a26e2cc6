import { z } from '../../../platform/http/zod';
import { currency, moneyRow, share } from '../schemas';
import { given, ofCurrency, where, type Report } from './report';

const sku = z.string().min(1).max(64);

export const affinity: Report = {
  path: 'affinity',
  summary: 'What is bought together: support, confidence and lift',
  query: {
    sku: sku.optional().describe('What is bought with this one.'),
    by: z.enum(['lift', 'confidence', 'support']).default('lift'),
  },
  row: z.object({
    antecedent: z.string().describe('A sku.'),
    consequent: z.string(),
    baskets: z.int().describe('With both.'),
    support: share.describe('Of all baskets, with both.'),
    confidence: share.describe('Of the baskets with the antecedent, those with the consequent too.'),
    lift: z.number().describe('How many times as often as if the two had nothing to do with each other.'),
  }),
  mart: () => 'affinity',
  money: [],
  sql: (asked) =>
    `select * exclude (last_day) from affinity ${where([asked.sku !== undefined && `antecedent = ${given(asked, 'sku')}`])}
     order by ${asked.by === 'support' ? 'support' : asked.by === 'confidence' ? 'confidence' : 'lift'} desc, antecedent, consequent`,
};

export const categories: Report = {
  path: 'categories',
  summary: 'What each category brings, how it develops, and its role',
  query: currency,
  row: z.object({
    category: z.string(),
    revenue: moneyRow.describe('Of the last 180 days of the data.'),
    share,
    revenueBefore: moneyRow.describe('Of the 180 days before.'),
    growth: z.number().nullable().describe('Null where the data does not reach back 360 days.'),
    units: z.int(),
    orders: z.int(),
    customers: z.int(),
    penetration: share.describe('Of all customers, who bought of it.'),
    frequency: z.number().describe('Orders for each of them.'),
    role: z.enum(['staple', 'niche', 'variety-enhancer', 'fill-in']),
  }),
  mart: () => 'category_performance',
  money: ['revenue', 'revenue_before'],
  sql: (asked) =>
    `select * exclude (last_day) from category_performance ${where([ofCurrency(asked)])} order by currency, revenue desc, category`,
};

export const elasticity: Report = {
  path: 'elasticity',
  summary: 'Price elasticity of articles, where the data carries it',
  query: {
    sku: sku.optional(),
    clear: z.enum(['true', 'false']).default('false').describe('Only where the interval is below 0.'),
    ...currency,
  },
  row: z.object({
    sku: z.string(),
    meanPrice: moneyRow,
    weeks: z.int().describe('With a sale.'),
    prices: z.int(),
    elasticity: z.number().describe('Per cent more units for one per cent more in price: below 0, as a rule.'),
    standardError: z.number(),
    low: z.number(),
    high: z.number(),
    rSquared: z.number(),
    isClear: z.boolean(),
  }),
  mart: () => 'elasticity',
  money: ['mean_price'],
  sql: (asked) =>
    `select * exclude (last_week) from elasticity ${where([
      asked.sku !== undefined && `sku = ${given(asked, 'sku')}`,
      asked.clear === 'true' && 'is_clear',
      ofCurrency(asked),
    ])} order by currency, sku`,
};

export const kpis: Report = {
  path: 'kpis',
  summary: 'The last 30 days of the data beside the 30 before',
  query: currency,
  row: z.object({
    fromDay: z.string(),
    toDay: z.string(),
    revenue: moneyRow,
    revenueBefore: moneyRow,
    guestRevenue: moneyRow,
    orders: z.int(),
    ordersBefore: z.int(),
    customers: z.int(),
    customersBefore: z.int(),
    newCustomers: z.int(),
    averageOrder: moneyRow.nullable().describe('Rounded to a minor unit.'),
  }),
  mart: () => 'kpis',
  money: ['revenue', 'revenue_before', 'guest_revenue', 'average_order'],
  sql: (asked) =>
    `select * exclude (last_ordered_at), round(revenue / nullif(orders, 0))::bigint as average_order
     from kpis ${where([ofCurrency(asked)])} order by currency`,
};
