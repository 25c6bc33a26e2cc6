import { variantFor } from '../../kernel/variants';

/** Pure decisions of promotions: no I/O, no clock, no randomness. Amounts are minor units of a currency, rates millionths. */

/**
 * Why a coupon takes nothing off. `below-minimum` and `other-currency` depend on the basket, `held-out` on the shopper, the others on
 * neither.
 */
export const COUPON_PROBLEMS = [
  'unknown',
  'not-yet-valid',
  'expired',
  'ended',
  'used-up',
  'other-group',
  'held-out',
  'other-currency',
  'below-minimum',
] as const;
export type CouponProblem = (typeof COUPON_PROBLEMS)[number];

/** What a coupon gives, and to whom: as much of it as deciding needs. */
export interface CouponTerms {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  /** Off the whole order, in millionths; null for one of fixed amounts. */
  readonly percentPpm: number | null;
  /** Fixed amounts off, by currency: where there is none, the coupon takes nothing off. */
  readonly amounts: Readonly<Record<string, number>>;
  /** What the basket must come to, by currency. Where there is none, anything will do. */
  readonly minimums: Readonly<Record<string, number>>;
  readonly customerGroup: string | null;
  readonly state: 'active' | 'ended';
  /** By the database's clock, when it was read. */
  readonly begun: boolean;
  readonly over: boolean;
  /** Whether all uses are taken; null limits never are. */
  readonly usedUp: boolean;
  /** How many of all shoppers do not get it, in millionths: 0 where it is not measured, or not any more. */
  readonly holdoutPpm: number;
}

/** What of a coupon is the same for every basket. Null: nothing is wrong with it. */
export function problemOf(coupon: CouponTerms, group: string | null): CouponProblem | null {
  if (coupon.state === 'ended') return 'ended';
  if (!coupon.begun) return 'not-yet-valid';
  if (coupon.over) return 'expired';
  if (coupon.usedUp) return 'used-up';
  return coupon.customerGroup !== null && coupon.customerGroup !== group ? 'other-group' : null;
}

export type HoldoutVariant = 'treated' | 'holdout';

/**
 * Whether a shopper gets a coupon that is held back from some: the same each time, in every process, and of each coupon as if drawn
 * anew. Which of them they are must not change between the cart and the order: it is for the caller to keep.
 */
export function holdoutVariant(
  { id, holdoutPpm }: Pick<CouponTerms, 'id' | 'holdoutPpm'>,
  shopper: string,
): HoldoutVariant {
  if (holdoutPpm === 0) return 'treated';
  const variants = [
    { key: 'treated', weight: 1_000_000 - holdoutPpm },
    { key: 'holdout', weight: holdoutPpm },
  ];
  // No experiment's key has a space: the two never draw the same.
  return variantFor(`coupon ${id}`, variants, shopper) as HoldoutVariant;
}

/** What a coupon does for a basket: what it takes off, or why it takes nothing off. */
export type Assessment =
  | { readonly problem: null; readonly off: { readonly percentPpm: number } | { readonly amount: number } }
  | { readonly problem: CouponProblem };

/** Holds a coupon against a basket that comes to `subtotal` in a currency, for a shopper of a group. */
export function assess(
  coupon: CouponTerms,
  basket: {
    readonly currency: string;
    readonly subtotal: number;
    readonly group: string | null;
    readonly shopper: string;
  },
): Assessment {
  const { currency, subtotal, group, shopper } = basket;
  const problem = problemOf(coupon, group);
  if (problem) return { problem };
  // Before what depends on the basket: nobody is told to fill it for a coupon that they do not get then.
  if (holdoutVariant(coupon, shopper) === 'holdout') return { problem: 'held-out' };
  if (subtotal < (coupon.minimums[currency] ?? 0)) return { problem: 'below-minimum' };
  if (coupon.percentPpm !== null) return { problem: null, off: { percentPpm: coupon.percentPpm } };
  const amount = coupon.amounts[currency];
  return amount === undefined ? { problem: 'other-currency' } : { problem: null, off: { amount } };
}

const SENTENCES: Readonly<Record<CouponProblem, string>> = {
  unknown: 'There is no such coupon',
  'not-yet-valid': 'This coupon is not valid yet',
  expired: 'This coupon is not valid any more',
  ended: 'This coupon is not valid any more',
  'used-up': 'This coupon has been used as often as it may be',
  'other-group': 'This coupon is for other customers',
  'held-out': 'This coupon is not available for you',
  'other-currency': 'This coupon takes nothing off in this currency',
  'below-minimum': 'This coupon needs a larger basket',
};
export const sentenceOf = (problem: CouponProblem): string => SENTENCES[problem];
