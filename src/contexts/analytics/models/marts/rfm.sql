-- Recency, frequency and monetary value of each known customer, with a score from 1 to 5 of each and a named segment (Hughes 1994).
-- Recency is in days before the day after the last order of all; frequency is distinct invoices; monetary is the sum. A score is
-- 1 + ⌊5 × (customers who are worse) ÷ (all customers)⌋ within the currency: who is equal has the same score, in whatever order.
-- Segments go by recency and frequency; of 25 pairs each has one.
-- @until last_order_at
-- @test unique(customer, currency)
-- @test not_null(customer, currency, recency_days, frequency, monetary, segment)
-- @test holds(recency_days >= 1 and frequency >= 1)
-- @test holds(r between 1 and 5 and f between 1 and 5 and m between 1 and 5)
-- @test accepted_values(segment, champions, loyal, potential-loyalists, new, promising, need-attention, about-to-sleep, at-risk, cannot-lose, hibernating)
-- @test relationships(customer, customers.customer)
with moment as (select max(last_order_at)::date + 1 as as_of from {{customers}}),
valued as (
  select customer, currency, as_of, last_order_at, (as_of - last_order_at::date)::integer as recency_days, orders as frequency, monetary
  from {{customers}}, moment
),
scored as (
  select *,
    1 + (5 * (rank() over (partition by currency order by recency_days desc) - 1)) // count(*) over (partition by currency) as r,
    1 + (5 * (rank() over (partition by currency order by frequency) - 1)) // count(*) over (partition by currency) as f,
    1 + (5 * (rank() over (partition by currency order by monetary) - 1)) // count(*) over (partition by currency) as m
  from valued
)
select customer, currency, as_of, last_order_at, recency_days, frequency, monetary, r::integer as r, f::integer as f, m::integer as m,
  case
    when r = 5 and f >= 4 then 'champions'
    when r >= 3 and f >= 4 then 'loyal'
    when r >= 4 and f >= 2 then 'potential-loyalists'
    when r = 5 then 'new'
    when r = 4 then 'promising'
    when r = 3 and f = 3 then 'need-attention'
    when r = 3 then 'about-to-sleep'
    when f = 5 then 'cannot-lose'
    when f >= 3 then 'at-risk'
    else 'hibernating'
  end as segment
from scored order by customer, currency
