-- Who typed in a coupon that some are held out of, the first time that they did, and whether they got it.
-- @view
-- @test unique(id)
-- @test unique(coupon_id, shopper)
-- @test not_null(id, coupon_id, shopper, variant, exposed_at)
-- @test accepted_values(variant, treated, holdout)
select id, coupon_id, shopper, variant, exposed_at from {{source.coupon_exposures}}
