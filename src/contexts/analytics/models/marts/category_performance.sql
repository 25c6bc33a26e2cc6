-- What each category is for the shop. Performance: the last 180 days of the data and the 180 before; growth only where the data
-- reaches back so far. Role: by penetration (share of
-- all customers who buy it) and frequency (its orders for each of them), each against the median of the categories: staple (both
-- high), niche (frequency high), variety-enhancer (penetration high), fill-in (Dhar, Hoch & Kumar 2001). Known customers only.
-- @until last_day
-- @test unique(category, currency)
-- @test not_null(category, currency, revenue, role)
-- @test accepted_values(role, staple, niche, variety-enhancer, fill-in)
-- @test holds(penetration between 0 and 1 and share between 0 and 1)
with moment as (select max(day) as last_day, min(day) <= max(day) - 359 as is_whole from {{int_sales}}),
sales as (
  select category, currency, invoice, customer, amount, quantity, day, last_day, is_whole, day > last_day - 180 as recent
  from {{int_sales}} as sale join {{int_products}} as product on product.sku = sale.sku, moment
  where customer is not null and day > last_day - 360
),
everybody as (select currency, count(distinct customer) as customers, sum(amount) as revenue from sales where recent group by currency),
each as (
  select category, currency, any_value(last_day) as last_day, bool_and(is_whole) as is_whole, sum(amount) filter (where recent)::bigint as revenue,
    sum(amount) filter (where not recent)::bigint as revenue_before, sum(quantity) filter (where recent)::bigint as units,
    count(distinct invoice) filter (where recent)::integer as orders, count(distinct customer) filter (where recent)::integer as customers
  from sales group by category, currency
),
measured as (
  select each.*, coalesce(each.revenue / nullif(everybody.revenue, 0), 0) as share, each.customers / everybody.customers as penetration,
    each.orders / each.customers as frequency
  from each join everybody using (currency) where each.customers > 0
)
select category, currency, revenue, share, coalesce(revenue_before, 0) as revenue_before,
  case when is_whole and revenue_before > 0 then revenue / revenue_before - 1 end as growth, units, orders, customers, penetration, frequency,
  case
    when penetration >= median(penetration) over w and frequency >= median(frequency) over w then 'staple'
    when frequency >= median(frequency) over w then 'niche'
    when penetration >= median(penetration) over w then 'variety-enhancer'
    else 'fill-in'
  end as role, last_day
from measured window w as (partition by currency) order by currency, revenue desc, category
