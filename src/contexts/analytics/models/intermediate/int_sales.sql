-- What was sold: the golden rules. A line counts when it was not cancelled, its quantity is above 0 and its price is above 0;
-- nothing is deduplicated. Without a customer it is a guest's: revenue, but nobody's. Of the shop's own orders those count that
-- are confirmed or further, net of tax and discounts; past orders have the amount of the file. By the clock on the shop's wall
-- where the file has it, else UTC.
-- @test unique(id)
-- @test not_null(id, source, invoice, sku, quantity, amount, currency, ordered_at, day, month, country)
-- @test holds(quantity > 0 and unit_price > 0 and amount >= 0)
-- @test accepted_values(source, past, shop)
-- @test relationships(sku, int_products.sku)
select id, 'past' as source, invoice, sku, is_product, quantity, amount, coalesce(unit_price::double, amount / quantity) as unit_price,
  currency, ordered_at, ordered_at::date as day, date_trunc('month', ordered_at)::date as month, customer, country, null as region
from {{stg_past_order_lines}}
where kind = 'sale' and quantity > 0 and coalesce(unit_price > 0, amount > 0)
union all
select order_id || '/' || line, 'shop', order_id, sku, true, quantity, total - tax, (total - tax) / quantity,
  currency, placed_at, placed_at::date, date_trunc('month', placed_at)::date, customer, country, region
from {{stg_order_lines}}
where state in ('confirmed', 'dispatching', 'dispatched') and quantity > 0 and total - tax > 0
