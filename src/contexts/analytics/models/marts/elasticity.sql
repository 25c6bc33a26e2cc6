-- Price elasticity: how many per cent fewer are sold where the price is one per cent higher. By article: least squares of the
-- logarithm of a week's units on the logarithm of its price (the median of its lines). Only where the data carries it: 12 weeks
-- with a sale, 3 prices, and prices that vary by 5 % (standard deviation over mean). The interval is two standard errors. It
-- describes what happened; who buys more often gets a lower price, so it is no proof of a cause.
-- @until last_week
-- @test unique(sku, currency)
-- @test not_null(sku, currency, elasticity, standard_error, weeks)
-- @test holds(weeks >= 12 and prices >= 3 and r_squared between -1e-9 and 1.000000001)
-- @test relationships(sku, int_products.sku)
with weekly as (
  select sku, currency, date_trunc('week', ordered_at)::date as week, sum(quantity) as units, median(unit_price) as price
  from {{int_sales}} where is_product group by all
),
fitted as (
  select sku, currency, count(*)::integer as weeks, count(distinct round(price, 2))::integer as prices,
    stddev_samp(price) / avg(price) as variation, avg(price) as mean_price, regr_slope(ln(units), ln(price)) as elasticity,
    regr_r2(ln(units), ln(price)) as r_squared, regr_syy(ln(units), ln(price)) as syy, regr_sxx(ln(units), ln(price)) as sxx,
    max(week) as last_week
  from weekly group by sku, currency having count(*) >= 12 and count(distinct round(price, 2)) >= 3
),
judged as (
  select *, sqrt(greatest(0, (1 - r_squared) * syy) / (weeks - 2) / sxx) as standard_error from fitted where variation >= 0.05 and sxx > 0
)
select sku, currency, round(mean_price)::bigint as mean_price, weeks, prices, elasticity, standard_error,
  elasticity - 2 * standard_error as low, elasticity + 2 * standard_error as high, coalesce(r_squared, 0) as r_squared,
  elasticity + 2 * standard_error < 0 as is_clear, last_week
from judged where elasticity is not null order by currency, sku
