-- What each known customer has bought so far.
-- @until last_order_at
-- @test unique(customer, currency)
-- @test holds(orders > 0 and first_order_at <= last_order_at)
select customer, currency, min(ordered_at) as first_order_at, max(last_at) as last_order_at, count(*)::integer as orders,
  count(distinct ordered_at::date)::integer as days, sum(units)::bigint as units, sum(lines)::integer as lines,
  sum(amount)::bigint as monetary, arg_max(country, ordered_at) as country
from {{int_customer_orders}} group by customer, currency order by customer, currency
