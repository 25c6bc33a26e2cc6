-- What was paid back of the shop's own orders, each refund once.
-- @view
-- @test unique(id)
-- @test not_null(id, order_id, amount, currency, refunded_at)
-- @test holds(amount > 0)
select id, order_id, amount, currency, refunded_at from {{source.refunds}}
