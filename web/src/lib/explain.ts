import { ApiError, isPassing } from '../api/client';

/** An error in words for a shopper. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return 'something went wrong on this page.';
  if (error.status === undefined) return 'the shop does not answer. Check your connection and try again.';
  if (isPassing(error)) return 'the shop is busy right now. Try again in a moment.';
  if (error.code === 'cart-full') return 'the basket is full.';
  if (error.violations.some(({ code }) => code === 'no-rate')) return 'there is no price in this currency yet.';
  if (error.violations.some(({ code }) => code === 'unknown-sku')) return 'it is not for sale any more.';
  return `${error.message}.`;
}
