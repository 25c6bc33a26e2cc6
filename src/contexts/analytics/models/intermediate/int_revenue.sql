-- What was sold and what was paid back, one below the other: what the marts of revenue add up. A refund is no order and no line.
-- @view
-- @test not_null(sku, currency, day, month, country, amount, refunded)
select invoice, customer, country, sku, currency, day, month, ordered_at, quantity, amount, 0::bigint as refunded from {{int_sales}}
union all
select null, customer, country, sku, currency, day, month, null, 0, 0, refunded from {{int_refunds}}
