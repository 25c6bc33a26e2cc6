import { z } from '../../../platform/http/zod';
import { currency, moneyRow, period, share } from '../schemas';
import { given, ofCurrency, where, within, type Report } from './report';

const SEGMENTS = [
  ...['champions', 'loyal', 'potential-loyalists', 'new', 'promising', 'need-attention', 'about-to-sleep'],
  ...['at-risk', 'cannot-lose', 'hibernating'],
] as const;

const PER = { day: 'day', month: 'month', region: 'month, country', category: 'month, category' } as const;
type Per = keyof typeof PER;
const perOf = (asked: Readonly<Record<string, unknown>>): Per => asked.by as Per;

const moment = z.string().describe('ISO 8601 without a zone: by the clock on the shop’s wall.');

export const revenue: Report = {
  path: 'revenue',
  summary: 'Revenue, orders and customers by day, month, region or category',
  query: { by: z.enum(['day', 'month', 'region', 'category']).default('month'), ...period, ...currency },
  row: z.object({
    day: z.string().optional().describe('Of `by=day`.'),
    month: z.string().optional().describe('Its first day.'),
    country: z.string().optional().describe('Of `by=region`: as the order or the file says it.'),
    category: z.string().optional().describe('Of `by=category`: a path of slugs, or `uncategorised`.'),
    orders: z.int().describe('Distinct invoices.'),
    customers: z.int().describe('Distinct customers.'),
    lines: z.int(),
    units: z.int(),
    revenue: moneyRow,
    refunded: moneyRow.describe('Paid back in that time, net of tax, of whatever was sold before.'),
    net: moneyRow.describe('Revenue less what was paid back: below 0 where more was.'),
    guestOrders: z.int().describe('Invoices of nobody known. They are in no other figure.'),
    guestRevenue: moneyRow,
    guestRefunded: moneyRow,
  }),
  mart: (asked) => `revenue_by_${perOf(asked)}`,
  money: ['revenue', 'refunded', 'net', 'guest_revenue', 'guest_refunded'],
  sql: (asked) => {
    const by = perOf(asked);
    const moments = within(asked, by === 'day' ? 'day' : 'month');
    return `select * exclude (last_ordered_at) from revenue_by_${by} ${where([...moments, ofCurrency(asked)])}
      order by ${PER[by]}, currency`;
  },
};

export const customers: Report = {
  path: 'customers',
  summary: 'What each known customer has bought so far, who bought most first',
  query: currency,
  row: z.object({
    customer: z.string().describe('As the file calls them, or a digest of the e-mail address.'),
    firstOrderAt: moment,
    lastOrderAt: moment,
    orders: z.int(),
    days: z.int().describe('On how many days.'),
    units: z.int(),
    lines: z.int(),
    monetary: moneyRow,
    country: z.string(),
  }),
  mart: () => 'customers',
  money: ['monetary'],
  sql: (asked) => `select * from customers ${where([ofCurrency(asked)])} order by currency, monetary desc, customer`,
};

export const rfm: Report = {
  path: 'rfm',
  summary: 'Recency, frequency and monetary value of each customer, with scores and a segment',
  query: { segment: z.enum(SEGMENTS).optional(), ...currency },
  row: z.object({
    customer: z.string(),
    asOf: z.string().describe('The day after the last order of all.'),
    lastOrderAt: moment,
    recencyDays: z.int(),
    frequency: z.int().describe('Distinct invoices.'),
    monetary: moneyRow,
    r: z.int(),
    f: z.int(),
    m: z.int(),
    segment: z.enum(SEGMENTS),
  }),
  mart: () => 'rfm',
  money: ['monetary'],
  sql: (asked) =>
    `select * from rfm ${where([asked.segment !== undefined && `segment = ${given(asked, 'segment')}`, ofCurrency(asked)])}
     order by currency, customer`,
};

export const segments: Report = {
  path: 'segments',
  summary: 'The segments of RFM: how many customers, and what they are worth',
  query: currency,
  row: z.object({
    segment: z.enum(SEGMENTS),
    customers: z.int(),
    share,
    monetary: moneyRow,
    recencyDays: z.number().describe('The median.'),
    frequency: z.number().describe('The mean.'),
  }),
  mart: () => 'rfm',
  money: ['monetary'],
  sql: (asked) =>
    `select segment, currency, count(*)::integer as customers, count(*) / sum(count(*)) over (partition by currency) as share,
       sum(monetary)::bigint as monetary, median(recency_days) as recency_days, avg(frequency) as frequency
     from rfm ${where([ofCurrency(asked)])} group by segment, currency order by currency, monetary desc, segment`,
};

export const cohorts: Report = {
  path: 'cohorts',
  summary: 'Of the customers whose first purchase was in a month, how many bought so many months later',
  query: { ...period, ...currency },
  row: z.object({
    cohort: z.string().describe('The first day of the month.'),
    offsetMonths: z.int(),
    customers: z.int().describe('In the cohort.'),
    active: z.int().describe('Of them, who bought in that month.'),
    retention: share,
    revenue: moneyRow,
  }),
  mart: () => 'cohorts',
  money: ['revenue'],
  sql: (asked) =>
    `select * exclude (last_ordered_at) from cohorts ${where([...within(asked, 'cohort'), ofCurrency(asked)])}
     order by currency, cohort, offset_months`,
};
