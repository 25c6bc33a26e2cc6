/**
 * Promotions: coupons, and who has used them. It owns their tables, and promises that no coupon is used more often than its limits
 * allow, in all and by one customer, whatever runs at once, that an order that is cancelled gives its use back, and that who is held
 * out of a coupon, so that what it brings can be measured, is so wherever and however often they ask.
 */
export { findCoupon, lookUpCoupon, redeemCoupon, returnCoupon, type Redemption } from './coupons';
export {
  isMeasured,
  noteExposure,
  readExposureFacts,
  readHoldoutFacts,
  readRedemptionFacts,
  type ExposureFact,
  type HoldoutFact,
} from './holdouts';
export { judgeCoupons } from './store/coupons';
export { promotionRoutes, type PromotionRouteDependencies } from './routes';
export {
  assess,
  COUPON_PROBLEMS,
  holdoutVariant,
  type Assessment,
  type CouponProblem,
  type CouponTerms,
} from './rules';
