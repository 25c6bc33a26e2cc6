-- Revenue, orders and customers of each month and country. The golden rules: see int_sales. `refunded` is what was paid back then, net
-- of tax, of whatever was sold before; `net` is revenue less that. `guest_…` is of nobody known, and is in no other column.
-- @until last_ordered_at
-- @test unique(month, country, currency)
-- @test not_null(month, country, currency, revenue)
-- @test holds(revenue >= 0 and guest_revenue >= 0 and refunded >= 0 and guest_refunded >= 0 and net = revenue - refunded)
select month, country, currency,
  count(distinct invoice) filter (where customer is not null)::integer as orders,
  count(distinct customer) filter (where invoice is not null)::integer as customers,
  count(invoice) filter (where customer is not null)::integer as lines,
  coalesce(sum(quantity) filter (where customer is not null), 0)::bigint as units,
  coalesce(sum(amount) filter (where customer is not null), 0)::bigint as revenue,
  coalesce(sum(refunded) filter (where customer is not null), 0)::bigint as refunded,
  coalesce(sum(amount - refunded) filter (where customer is not null), 0)::bigint as net,
  count(distinct invoice) filter (where customer is null)::integer as guest_orders,
  coalesce(sum(amount) filter (where customer is null), 0)::bigint as guest_revenue,
  coalesce(sum(refunded) filter (where customer is null), 0)::bigint as guest_refunded,
  max(ordered_at) as last_ordered_at
from {{int_revenue}} as sale
group by month, country, currency
order by all
