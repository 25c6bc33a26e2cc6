-- Each invoice of each known customer: what predictions are learnt from.
-- @until ordered_at
-- @test unique(customer, currency, invoice)
-- @test holds(amount >= 0 and units > 0)
select customer, currency, invoice, ordered_at, ordered_at::date as day, amount, units, lines, country
from {{int_customer_orders}} order by ordered_at, invoice
