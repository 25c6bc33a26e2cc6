-- The catalogue as it was at the last export: what a sku is called and where it stands.
-- @view
-- @test unique(sku)
-- @test not_null(id, sku, name)
select id, sku, name, category, brand from {{source.products}}
