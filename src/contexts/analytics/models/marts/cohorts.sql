-- Of the customers whose first purchase was in a month, how many bought so many months later. A cohort is the month of the first
-- purchase (in the currency); offset 0 is that month, and all are active in it.
-- @until last_ordered_at
-- @test unique(cohort, offset_months, currency)
-- @test not_null(cohort, offset_months, currency, customers, active)
-- @test holds(active between 1 and customers and offset_months >= 0)
-- @test holds(offset_months > 0 or active = customers)
with first as (
  select customer, currency, date_trunc('month', min(ordered_at))::date as cohort from {{int_sales}}
  where customer is not null group by customer, currency
),
sized as (select cohort, currency, count(*)::integer as customers from first group by cohort, currency),
active as (
  select cohort, sale.currency, date_diff('month', cohort, sale.month)::integer as offset_months,
    count(distinct sale.customer)::integer as active, sum(sale.amount)::bigint as revenue, max(sale.ordered_at) as last_ordered_at
  from {{int_sales}} as sale join first on first.customer = sale.customer and first.currency = sale.currency
  group by all
)
select cohort, offset_months, active.currency, customers, active, active / customers as retention, revenue, last_ordered_at
from active join sized using (cohort, currency) order by all
