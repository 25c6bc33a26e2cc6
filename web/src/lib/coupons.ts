/** Why a coupon takes nothing off, in words; the shop's codes are stable. */
const PROBLEMS: Readonly<Record<string, string>> = {
  unknown: 'there is no such coupon.',
  'not-yet-valid': 'it is not valid yet.',
  expired: 'it is not valid any more.',
  ended: 'it is not valid any more.',
  'used-up': 'it has been used as often as it may be.',
  'other-group': 'it is for other customers.',
  'other-currency': 'it does not apply to what is paid in this currency.',
  'below-minimum': 'the basket is not large enough for it yet.',
};

export const couponProblem = (problem: string): string => PROBLEMS[problem] ?? 'it cannot be used.';
