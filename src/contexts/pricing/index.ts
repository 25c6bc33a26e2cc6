/**
 * Pricing: price lists, exchange rates, taxes by place, and quotes. It owns their tables, and promises that a stored quote never
 * changes, that every total in it is the exact sum of its lines, and that checkout charges what the quote says or nothing.
 */
export { pricingRoutes, type PricingRouteDependencies } from './routes';
export { createQuote, readQuote, readQuotes, readStoredQuote, type QuotedCoupon } from './quotes';
export { couponOff, type CouponOff } from './rules';
export { seedDemoRates } from './demo';
export type { StoredQuote } from './store';
export { quoteRequestSchema, quoteSchema, type QuoteView } from './schemas';
