-- Who was counted for a coupon of which some were held out, and what each of them bought: of the orders that count as sold, those
-- that were placed from the moment on when they typed the coupon in, for 30 days and while the measurement lasted, with the coupon or
-- without it. A row for each currency that somebody paid in for the coupon's sake, with 0 for who did not; one without a currency
-- where nobody has bought yet.
-- @test unique(coupon_id, shopper, currency)
-- @test not_null(coupon_id, shopper, variant, exposed_at, converted, revenue, discount)
-- @test holds(revenue >= 0 and discount >= 0)
-- @test holds(variant = 'treated' or discount = 0)
with counted as (
  select coupon_id, shopper, variant, exposed_at, least(exposed_at + interval 30 days, coalesce(ended_at, 'infinity'::timestamp)) as counted_until
  from {{stg_coupon_exposures}} join {{stg_coupon_holdouts}} using (coupon_id)
  where coalesce(exposed_at < ended_at, true)
),
orders as (
  select order_id, shopper, min(placed_at) as placed_at, any_value(currency) as currency, sum(total - tax)::bigint as amount,
    any_value(coupon_id) as used_coupon_id, any_value(coupon_discount) as coupon_discount
  from {{stg_order_lines}} where state in ('confirmed', 'dispatching', 'dispatched') and shopper is not null group by order_id, shopper
),
bought as (
  select coupon_id, shopper, currency, sum(amount)::bigint as revenue,
    coalesce(sum(coupon_discount) filter (where used_coupon_id = coupon_id), 0)::bigint as discount
  from counted join orders using (shopper) where placed_at >= exposed_at and placed_at < counted_until
  group by coupon_id, shopper, currency
),
currencies as (select distinct coupon_id, currency from bought),
converted as (select distinct coupon_id, shopper, true as converted from bought)
select coupon_id, shopper, variant, exposed_at, currency, coalesce(converted, false) as converted,
  coalesce(revenue, 0) as revenue, coalesce(discount, 0) as discount
from counted left join currencies using (coupon_id) left join bought using (coupon_id, shopper, currency)
left join converted using (coupon_id, shopper)
