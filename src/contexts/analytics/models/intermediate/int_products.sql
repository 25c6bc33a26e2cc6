-- Every sku that was ever sold or is in the catalogue, with its name and category. The catalogue's word comes first; else the
-- name is the description under which it was sold most often (of equals the first by letter), and it has no category.
-- @test unique(sku)
-- @test not_null(sku, name, category)
with described as (
  select sku, description, count(*) as lines from {{stg_past_order_lines}} where kind = 'sale' and description <> '' group by all
),
named as (
  select sku, first(description order by lines desc, description) as name from described
  group by sku
),
known as (
  select distinct sku from {{stg_past_order_lines}}
  union select distinct sku from {{stg_order_lines}}
  union select sku from {{stg_products}}
)
select known.sku, coalesce(product.name, named.name, known.sku) as name, coalesce(nullif(product.category, ''), 'uncategorised') as category
from known
left join {{stg_products}} as product on product.sku = known.sku
left join named on named.sku = known.sku
