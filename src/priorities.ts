import type { Priority } from './platform/http/admission';

/** What a buyer needs between basket and payment, where it is inside of something that is worth less. */
const OF_A_CHECKOUT = /^\/v1\/carts\/[^/]+\/quotes\/?$/;

/** What each part of the address space is worth under overload. The longest beginning that fits decides. */
const PRIORITIES: readonly (readonly [string, Priority])[] = [
  ['/healthz', 'vital'],
  ['/readyz', 'vital'],
  ['/metrics', 'vital'],
  ['/v1/checkout', 'vital'],
  ['/v1/orders', 'vital'],
  ['/v1/payments', 'vital'],
  ['/v1/webhooks/payments', 'vital'],
  ['/v1/quotes', 'vital'],
  ['/v1/markets', 'vital'],
  ['/v1/payment-methods', 'vital'],
  ['/v1/admin/reservations', 'vital'],
  ['/v1/carts', 'important'],
  ['/v1/admin', 'important'],
  ['/v1/admin/analytics', 'optional'],
  ['/v1/recommendations', 'optional'],
  ['/v1/events', 'optional'],
];
const BY_LENGTH = [...PRIORITIES].sort(([left], [right]) => right.length - left.length);

/** Browsing, unless the list says otherwise. */
export function priorityOf(path: string): Priority {
  if (OF_A_CHECKOUT.test(path)) return 'vital';
  return BY_LENGTH.find(([beginning]) => path.startsWith(beginning))?.[1] ?? 'normal';
}

/** What lasts as long as it does: a file that may take minutes to arrive, and news of an order for as long as there are any. */
const ENDLESS = /^\/v1\/(admin\/products\/import|orders\/[^/]+\/events)$/;

/** Everything else is over in ten seconds, or given up. */
export function deadlineOf(path: string): number | undefined {
  return ENDLESS.test(path) ? undefined : 10_000;
}
