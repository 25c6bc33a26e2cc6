-- Lines of orders from before this shop, as the files brought them.
-- @view
-- @test unique(id)
-- @test not_null(id, invoice, sku, quantity, amount, currency, ordered_at)
-- @test accepted_values(kind, sale, cancellation, bad-debt, adjustment)
select id, source, kind, invoice, sku, is_product, description, quantity, amount, unit_price, currency, ordered_at, customer, country
from {{source.past_order_lines}}
