-- Which article was in which basket, once however many lines of it there are: products only, no postage. Numbers stand for invoices
-- and skus, so that pairs of them can be counted.
-- @test not_null(basket, item, sku, day)
select dense_rank() over (order by invoice)::integer as basket, dense_rank() over (order by sku)::integer as item, sku, day
from (select invoice, sku, min(day) as day from {{int_sales}} where is_product group by invoice, sku)
