-- Coupons that were held back from a share of those who typed them in, as they were last heard of: the highest version holds.
-- @test unique(coupon_id)
-- @test not_null(coupon_id, version, code, name, holdout_percent, begun_at)
-- @test holds(holdout_percent > 0 and holdout_percent <= 50 and coalesce(ended_at >= begun_at, true))
select coupon_id, version, code, name, holdout_percent, begun_at, ended_at
from {{source.coupon_holdouts}}
qualify row_number() over (partition by coupon_id order by version desc) = 1
