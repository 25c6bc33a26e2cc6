-- What is bought together: of two articles how often (support), how often the second where the first is (confidence), and how much
-- more often than if they had nothing to do with each other (lift). Only pairs in at least 0.5 % of all baskets, and in three: an
-- article that is rarer cannot be in one, so it is left out before pairs are counted (Agrawal & Srikant 1994). Guests' baskets count.
-- @until last_day
-- @test unique(antecedent, consequent)
-- @test not_null(antecedent, consequent, support, confidence, lift)
-- @test holds(support > 0 and support <= confidence + 1e-12 and confidence <= 1 and lift > 0)
-- @test relationships(antecedent, int_products.sku)
with sized as (select count(distinct basket) as baskets, greatest(3, ceil(count(distinct basket) * 0.005)) as least, max(day) as last_day from {{int_baskets}}),
items as (
  select item, any_value(sku) as sku, count(*) as n from {{int_baskets}} group by item having count(*) >= (select least from sized)
),
kept as (select basket, item from {{int_baskets}} semi join items using (item)),
pairs as (
  select a.item as one, b.item as other, count(*) as n from kept as a join kept as b on a.basket = b.basket and a.item < b.item
  group by one, other having count(*) >= (select least from sized)
),
directed as (select one as a, other as b, n from pairs union all select other, one, n from pairs)
select first.sku as antecedent, second.sku as consequent, directed.n::integer as baskets, directed.n / sized.baskets as support,
  directed.n / first.n as confidence, directed.n::double * sized.baskets / (first.n::double * second.n) as lift, last_day
from directed join items as first on first.item = a join items as second on second.item = b, sized
order by lift desc, antecedent, consequent
