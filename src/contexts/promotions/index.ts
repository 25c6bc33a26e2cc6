/**
 * Promotions: coupons, and who has used them. It owns their tables, and promises that no coupon is used more often than its limits
 * allow, in all and by one customer, whatever runs at once, and that an order that is cancelled gives its use back.
 */
export { findCoupon, lookUpCoupon, redeemCoupon, returnCoupon, type Redemption } from './coupons';
export { judgeCoupons } from './store';
export { promotionRoutes, type PromotionRouteDependencies } from './routes';
export { assess, COUPON_PROBLEMS, type Assessment, type CouponProblem, type CouponTerms } from './rules';
