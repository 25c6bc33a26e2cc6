-- The shop in a row for each currency: the last 30 days of its data, and the 30 before. Known customers only, but for guests' own
-- column. New: whose first order in the currency is in the time.
-- @until last_ordered_at
-- @test unique(currency)
-- @test holds(customers >= new_customers and orders >= 0)
with moment as (select max(day) as last_day from {{int_sales}}),
first as (select customer, currency, min(ordered_at)::date as first_day from {{int_customer_orders}} group by all),
sales as (
  select sale.currency, sale.invoice, sale.customer, amount, ordered_at, first_day, day, last_day
  from {{int_sales}} as sale left join first on first.customer = sale.customer and first.currency = sale.currency, moment
)
select currency, (any_value(last_day) - 29)::date as from_day, any_value(last_day) as to_day,
  coalesce(sum(amount) filter (where day > last_day - 30 and customer is not null), 0)::bigint as revenue,
  coalesce(sum(amount) filter (where day between last_day - 59 and last_day - 30 and customer is not null), 0)::bigint as revenue_before,
  coalesce(sum(amount) filter (where day > last_day - 30 and customer is null), 0)::bigint as guest_revenue,
  count(distinct invoice) filter (where day > last_day - 30 and customer is not null)::integer as orders,
  count(distinct invoice) filter (where day between last_day - 59 and last_day - 30 and customer is not null)::integer as orders_before,
  count(distinct customer) filter (where day > last_day - 30)::integer as customers,
  count(distinct customer) filter (where day between last_day - 59 and last_day - 30)::integer as customers_before,
  count(distinct customer) filter (where day > last_day - 30 and first_day > last_day - 30)::integer as new_customers,
  max(ordered_at) as last_ordered_at
from sales group by currency order by currency
