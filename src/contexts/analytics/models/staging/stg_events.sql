-- What visitors did, each event once.
-- @view
-- @test unique(id)
-- @test not_null(id, type, occurred_at, visitor_id)
-- @test accepted_values(type, view, search, click, add_to_cart, purchase, exposure)
-- @warn freshness(occurred_at, 3 days)
select id, type, occurred_at, visitor_id, product_id, order_id, query, results, position, quantity, slot, experiment, variant
from {{source.events}}
