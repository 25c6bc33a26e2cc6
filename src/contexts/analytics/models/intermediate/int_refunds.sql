-- What was paid back, by line of the order: of a refund, which is of what was paid, tax included, the part that is net of tax, shared
-- out among the lines by what was paid for each, to the minor unit. It counts on the day on which it was paid, and only of orders
-- that count as sold: what was cancelled has brought nothing that could be taken off.
-- @test not_null(id, invoice, sku, currency, refunded, day, month, country)
-- @test holds(refunded >= 0)
with paid as (
  select order_id, line, customer, country, sku, currency, total, sum(total - tax) over (partition by order_id) as net_of_order,
    sum(total) over (partition by order_id) as total_of_order,
    sum(total) over (partition by order_id order by line rows unbounded preceding) as total_so_far
  from {{stg_order_lines}} where state in ('confirmed', 'dispatching', 'dispatched') and total > 0
),
shared as (
  select refund.id, refund.refunded_at, paid.*, round(refund.amount * net_of_order / total_of_order)::bigint as net
  from {{stg_refunds}} as refund join paid using (order_id)
)
select id, order_id as invoice, customer, country, sku, currency, refunded_at, refunded_at::date as day,
  date_trunc('month', refunded_at)::date as month,
  (net * total_so_far // total_of_order - net * (total_so_far - total) // total_of_order)::bigint as refunded
from shared
