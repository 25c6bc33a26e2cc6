-- Lines of the shop's own orders, as they were last heard of. The archive has a row for each time that something happened to an
-- order; the highest version holds.
-- @test unique(order_id, line)
-- @test not_null(order_id, version, state, placed_at, sku, quantity, total, currency)
-- @test accepted_values(state, pending, in-review, confirmed, dispatching, dispatched, cancelling, cancelled)
-- @warn freshness(placed_at, 3 days)
select order_id, version, line, state, customer, country, region, placed_at, sku, quantity, unit_amount, subtotal, discount, tax,
  total, currency, shopper, coupon_id, coupon_discount
from {{source.order_lines}}
qualify row_number() over (partition by order_id, line order by version desc) = 1
