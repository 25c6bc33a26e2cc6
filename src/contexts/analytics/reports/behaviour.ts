import { z } from '../../../platform/http/zod';
import { currency, moneyRow, period, share } from '../schemas';
import { given, ofCurrency, where, within, type Report } from './report';

export const funnel: Report = {
  path: 'funnel',
  summary: 'How far the sessions of each day came: looked at something, put it into the cart, bought',
  query: { by: z.enum(['day', 'total']).default('day'), ...period },
  row: z.object({
    day: z.string().optional().describe('Of `by=day`, UTC: the session belongs to the day it began.'),
    sessions: z.int(),
    visitors: z.int().describe('Distinct ones of a day; a total adds the days.'),
    viewed: z.int(),
    added: z.int().describe('Put something into the cart after that.'),
    purchased: z.int().describe('And bought after that.'),
    viewedShare: share.nullable(),
    addedShare: share.nullable().describe('Of those that looked at something.'),
    purchasedShare: share.nullable().describe('Of those that put something into the cart.'),
    conversion: share.nullable().describe('Purchases of all sessions.'),
  }),
  mart: () => 'funnel',
  money: [],
  sql: (asked) => {
    const day = asked.by === 'day';
    const sums = ['sessions', 'visitors', 'viewed', 'added', 'purchased'].map(
      (name) => `sum(${name})::integer as ${name}`,
    );
    const counted = `select ${day ? 'day, ' : ''}${sums.join(', ')} from funnel ${where(within(asked, 'day'))} ${day ? 'group by day' : 'having count(*) > 0'}`;
    return `select *, viewed / nullif(sessions, 0) as viewed_share, added / nullif(viewed, 0) as added_share,
        purchased / nullif(added, 0) as purchased_share, purchased / nullif(sessions, 0) as conversion
      from (${counted}) ${day ? 'order by day' : ''}`;
  },
};

export const searchesWithoutResults: Report = {
  path: 'searches-without-results',
  summary: 'What visitors looked for and did not find, the most often first',
  query: period,
  row: z.object({
    query: z.string().describe('Normalised, without what looks like an address or a long number.'),
    searches: z.int(),
    visitors: z.int().describe('Distinct ones of each day, added.'),
    lastDay: z.string(),
  }),
  mart: () => 'searches_without_results',
  money: [],
  sql: (asked) =>
    `select query, sum(searches)::integer as searches, sum(visitors)::integer as visitors, max(day) as last_day
     from searches_without_results ${where(within(asked, 'day'))} group by query order by searches desc, query`,
};

export const promotions: Report = {
  path: 'promotions',
  summary: 'What promotions brought, against those who were held out of them',
  query: {
    experiment: z
      .string()
      .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'must be up to 40 of a-z, 0-9, - and _' })
      .optional(),
    ...currency,
  },
  row: z.object({
    experiment: z.string(),
    variant: z.string(),
    visitors: z.int().describe('Who saw this variant and no other.'),
    converted: z.int().describe('Of them, who bought from then on.'),
    conversion: share,
    revenue: moneyRow.nullable().describe('Of their orders; null where they have none.'),
    isHoldout: z.boolean(),
    uplift: z.number().nullable().describe('Conversion less that of the holdout; null without one.'),
    relativeUplift: z.number().nullable(),
    upliftLow: z.number().nullable().describe('The interval of 95 %: where 0 is in it, nothing is shown.'),
    upliftHigh: z.number().nullable(),
  }),
  mart: () => 'promotion_uplift',
  money: ['revenue'],
  sql: (asked) =>
    `select * exclude (last_exposed_at) replace (case when currency is null then null else revenue end as revenue)
     from promotion_uplift ${where([asked.experiment !== undefined && `experiment = ${given(asked, 'experiment')}`, ofCurrency(asked)])}
     order by experiment, variant, currency`,
};
