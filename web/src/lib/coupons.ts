/** Why a coupon takes nothing off, in words; the shop's codes are stable. */
const PROBLEMS: Readonly<Record<string, string>> = {
  unknown: 'there is no such coupon.',
  'not-yet-valid': 'it is not valid yet.',
  expired: 'it is not valid any more.',
  ended: 'it is not valid any more.',
  'used-up': 'it has been used as often as it may be.',
  'other-group': 'it is for other customers.',
  'held-out': 'it is not available for you.',
  'other-currency': 'it does not apply to what is paid in this currency.',
  'below-minimum': 'the basket is not large enough for it yet.',
};

/** Problems that may be gone later, by what the shopper does or as time goes by. */
const PASSING: readonly string[] = ['not-yet-valid', 'below-minimum', 'other-currency'];

export const couponProblem = (problem: string): string => PROBLEMS[problem] ?? 'it cannot be used.';

/** What a coupon that is in the basket and takes nothing off is said to do. */
export const couponTakesNothing = (code: string, problem: string): string =>
  `Coupon ${code} takes nothing off${PASSING.includes(problem) ? ' yet' : ''}: ${couponProblem(problem)}`;
