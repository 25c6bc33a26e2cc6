-- Each invoice of each known customer: when it began and what it came to. An invoice with several times counts from the first.
-- @test unique(customer, currency, invoice)
-- @test not_null(customer, currency, invoice, ordered_at, amount)
select customer, currency, invoice, min(ordered_at) as ordered_at, max(ordered_at) as last_at, sum(amount)::bigint as amount,
  sum(quantity)::bigint as units, count(*)::integer as lines, arg_max(country, ordered_at) as country
from {{int_sales}} where customer is not null group by customer, currency, invoice
