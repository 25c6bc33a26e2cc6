-- What a coupon brought, against those who were held out of it: shoppers are counted from the moment on when they typed it in, those
-- who got it beside those who did not, whatever they did with it then. The interval of the difference of conversions is Newcombe's
-- (Statistics in Medicine 17:873-890, 1998, method 10), that of revenue per shopper Welch's with the normal quantile, both at 95 %.
-- `net` is what those who got it brought beyond what as many held-out shoppers did: after the discount, which is in neither's revenue.
-- Amounts are minor units of the currency, net of tax; `discount` is what the customers saw taken off.
-- @until last_exposed_at
-- @test unique(coupon_id, currency)
-- @test holds(treated >= treated_converted and held_out >= held_out_converted)
-- @test holds(coalesce(uplift_low <= uplift and uplift <= uplift_high, true))
-- @test holds(coalesce(net_low <= net and net <= net_high, true))
with counted as (
  select coupon_id, currency, max(exposed_at) as last_exposed_at,
    count(*) filter (where variant = 'treated')::integer as treated, count(*) filter (where variant = 'holdout')::integer as held_out,
    count(*) filter (where variant = 'treated' and converted)::integer as treated_converted,
    count(*) filter (where variant = 'holdout' and converted)::integer as held_out_converted,
    coalesce(sum(revenue) filter (where variant = 'treated'), 0)::bigint as treated_revenue,
    coalesce(sum(revenue) filter (where variant = 'holdout'), 0)::bigint as held_out_revenue,
    avg(revenue) filter (where variant = 'treated') as treated_mean, avg(revenue) filter (where variant = 'holdout') as held_out_mean,
    var_samp(revenue) filter (where variant = 'treated') as treated_variance,
    var_samp(revenue) filter (where variant = 'holdout') as held_out_variance,
    coalesce(sum(discount), 0)::bigint as discount
  from {{int_coupon_shoppers}} group by coupon_id, currency
),
rated as (
  select *, treated_converted / nullif(treated, 0) as p, held_out_converted / nullif(held_out, 0) as q, 1.959963984540054 as z,
    holdout_percent::double / 100 as held_share, treated + held_out as everybody
  from counted join {{stg_coupon_holdouts}} using (coupon_id)
),
bounded as (
  select *,
    (p + z * z / (2 * treated) - z * sqrt(p * (1 - p) / treated + z * z / (4 * treated ** 2))) / (1 + z * z / treated) as p_low,
    (p + z * z / (2 * treated) + z * sqrt(p * (1 - p) / treated + z * z / (4 * treated ** 2))) / (1 + z * z / treated) as p_high,
    (q + z * z / (2 * held_out) - z * sqrt(q * (1 - q) / held_out + z * z / (4 * held_out ** 2))) / (1 + z * z / held_out) as q_low,
    (q + z * z / (2 * held_out) + z * sqrt(q * (1 - q) / held_out + z * z / (4 * held_out ** 2))) / (1 + z * z / held_out) as q_high,
    treated_mean - held_out_mean as more, z * sqrt(treated_variance / treated + held_out_variance / held_out) as spread
  from rated
)
select coupon_id, code, name, holdout_percent::double as holdout_percent, begun_at, ended_at, currency, treated, held_out,
  treated_converted, held_out_converted, p as treated_conversion, q as held_out_conversion, p - q as uplift,
  p - q - sqrt((p - p_low) ** 2 + (q_high - q) ** 2) as uplift_low, p - q + sqrt((p_high - p) ** 2 + (q - q_low) ** 2) as uplift_high,
  p / nullif(q, 0) - 1 as relative_uplift, treated_revenue, held_out_revenue, treated_mean as treated_revenue_per_shopper,
  held_out_mean as held_out_revenue_per_shopper, more as revenue_uplift, more - spread as revenue_uplift_low,
  more + spread as revenue_uplift_high, discount, treated * more as net, treated * (more - spread) as net_low,
  treated * (more + spread) as net_high,
  -- Pearson's chi-square test of the shares, one degree of freedom: beyond this value p is below 0.001.
  coalesce(everybody * held_share >= 5 and (held_out - everybody * held_share) ** 2 / (everybody * held_share * (1 - held_share)) > 10.8276, false)
    as sample_ratio_mismatch,
  last_exposed_at
from bounded order by code, coupon_id, currency
