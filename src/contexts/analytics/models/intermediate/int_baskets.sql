-- Which article was in which basket, once however many lines of it there are: products only, no postage. Numbers stand for invoices
-- and skus, so that pairs of them can be counted; the article that is in the most baskets is 1.
-- @test not_null(basket, item, sku, day)
with bought as (select invoice, sku, min(day) as day from {{int_sales}} where is_product group by invoice, sku),
baskets as (select invoice, row_number() over ()::integer as basket from (select distinct invoice from bought)),
items as (select sku, row_number() over (order by count(*) desc, sku)::integer as item from bought group by sku)
select basket, item, sku, day from bought join baskets using (invoice) join items using (sku)
