import { allocate, roundedQuotient, toSafe, type RoundingMode } from '../../kernel/exact';
import { minorUnitDigits } from '../../kernel/money';

/** Pure decisions of pricing: no I/O, no clock, no randomness. Amounts are minor units, rates are millionths. */

/**
 * How a tax relates to the prices. `exclusive`: it comes on top. `inclusive`: prices hold it, as a share of the net price
 * (VAT). `inside`: prices hold it, as a share of themselves (Brazil's ICMS, "por dentro").
 */
export type TaxTreatment = 'exclusive' | 'inclusive' | 'inside';

/** Where and how fractions of a minor unit are rounded. */
export interface RoundingPolicy {
  /** `line`: the tax of each line. `order`: the tax of the sum, which is then shared out among the lines. */
  readonly level: 'line' | 'order';
  readonly mode: RoundingMode;
}

export interface TaxRule {
  readonly treatment: TaxTreatment;
  readonly ratePpm: number;
  readonly rounding: RoundingPolicy;
}

export interface PricedLine {
  readonly subtotal: number;
  /** All that is taken off. */
  readonly discount: number;
  /** What of it a coupon takes off. */
  readonly coupon: number;
  readonly tax: number;
  readonly total: number;
}

export interface PricedBasket extends PricedLine {
  readonly lines: readonly PricedLine[];
  /** What of the tax comes on top: total = subtotal - discount + taxAdded. */
  readonly taxAdded: number;
}

/** What a coupon takes off an order: a share of it, or an amount, of which never more than there is. */
export type CouponOff = { readonly percentPpm: number } | { readonly amount: number };

const MILLION = 1_000_000n;

/** What a coupon takes off what is left to pay after other discounts. */
export function couponOff(off: CouponOff, left: number, mode: RoundingMode): number {
  if ('amount' in off) return Math.min(off.amount, left);
  return toSafe(roundedQuotient(BigInt(left) * BigInt(off.percentPpm), MILLION, mode));
}

/** The tax in, or on top of, an amount. */
export function taxOf(amount: number, { treatment, ratePpm, rounding }: TaxRule): number {
  const rate = BigInt(ratePpm);
  const whole = treatment === 'inclusive' ? MILLION + rate : MILLION;
  return toSafe(roundedQuotient(BigInt(amount) * rate, whole, rounding.mode));
}

/**
 * Prices a basket: subtotal, the discount on all of it, the coupon on what that leaves, tax. Every figure of the order is the exact sum of its lines'.
 * Throws RangeError when an amount would be more than a number can carry.
 */
export function priceBasket(
  items: readonly { readonly unitAmount: number; readonly quantity: number }[],
  discountPpm: number,
  tax: TaxRule,
  coupon?: CouponOff,
): PricedBasket {
  const subtotals = items.map(({ unitAmount, quantity }) => toSafe(BigInt(unitAmount) * BigInt(quantity)));
  const subtotal = sum(subtotals);
  const off = toSafe(roundedQuotient(BigInt(subtotal) * BigInt(discountPpm), MILLION, tax.rounding.mode));
  const reductions = allocate(off, subtotals);
  const reduced = subtotals.map((amount, index) => amount - (reductions[index] ?? 0));
  const byCoupon = coupon === undefined ? 0 : couponOff(coupon, subtotal - off, tax.rounding.mode);
  const coupons = allocate(byCoupon, reduced);
  const taxable = reduced.map((amount, index) => amount - (coupons[index] ?? 0));
  const left = subtotal - off - byCoupon;
  const taxes =
    tax.rounding.level === 'line' ? taxable.map((amount) => taxOf(amount, tax)) : allocate(taxOf(left, tax), taxable);
  const added = tax.treatment === 'exclusive';
  const lines = subtotals.map((amount, index): PricedLine => {
    const [after, lineCoupon, lineTax] = [taxable[index] ?? 0, coupons[index] ?? 0, taxes[index] ?? 0];
    const total = after + (added ? lineTax : 0);
    return { subtotal: amount, discount: amount - after, coupon: lineCoupon, tax: lineTax, total };
  });
  const taxSum = sum(taxes);
  const taxAdded = added ? taxSum : 0;
  const total = sum([left, taxAdded]);
  return { lines, subtotal, discount: off + byCoupon, coupon: byCoupon, tax: taxSum, taxAdded, total };
}

const sum = (amounts: readonly number[]): number => toSafe(amounts.reduce((total, one) => total + BigInt(one), 0n));

/** A decimal text such as "1.0389" as a fraction. */
function fraction(decimal: string): { readonly over: bigint; readonly under: bigint } {
  const [whole = '0', digits = ''] = decimal.split('.');
  return { over: BigInt(whole + digits), under: 10n ** BigInt(digits.length) };
}

/**
 * An amount in another currency: once rounded, half up. `rates` are decimal texts, units of each currency for one of the
 * base. Undefined where a rate is missing.
 */
export function exchange(
  amount: number,
  from: string,
  to: string,
  rates: Readonly<Record<string, string>>,
): number | undefined {
  if (from === to) return amount;
  const [rateFrom, rateTo] = [rates[from], rates[to]];
  if (rateFrom === undefined || rateTo === undefined) return undefined;
  const [f, t] = [fraction(rateFrom), fraction(rateTo)];
  const [digitsFrom, digitsTo] = [10n ** BigInt(minorUnitDigits(from)), 10n ** BigInt(minorUnitDigits(to))];
  const over = BigInt(amount) * t.over * f.under * digitsTo;
  return toSafe(roundedQuotient(over, t.under * f.over * digitsFrom, 'half-up'));
}

/** "12.5" becomes 125000 millionths. Undefined for what is no percentage from 0 to 100 with at most four decimals. */
export function percentToPpm(text: string): number | undefined {
  const match = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(text);
  if (!match) return undefined;
  const ppm = Number(match[1]) * 10_000 + Number((match[2] ?? '').padEnd(4, '0'));
  return ppm <= 1_000_000 ? ppm : undefined;
}

/** 68750 becomes "6.875". */
export const ppmToPercent = (ppm: number): string => String(ppm / 10_000);
