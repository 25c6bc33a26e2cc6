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
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
}

export interface PricedBasket extends PricedLine {
  readonly lines: readonly PricedLine[];
  /** What of the tax comes on top: total = subtotal - discount + taxAdded. */
  readonly taxAdded: number;
}

const MILLION = 1_000_000n;

/** The tax in, or on top of, an amount. */
export function taxOf(amount: number, { treatment, ratePpm, rounding }: TaxRule): number {
  const rate = BigInt(ratePpm);
  const whole = treatment === 'inclusive' ? MILLION + rate : MILLION;
  return toSafe(roundedQuotient(BigInt(amount) * rate, whole, rounding.mode));
}

/**
 * Prices a basket: subtotal, the discount on all of it, tax. Every figure of the order is the exact sum of its lines'.
 * Throws RangeError when an amount would be more than a number can carry.
 */
export function priceBasket(
  items: readonly { readonly unitAmount: number; readonly quantity: number }[],
  discountPpm: number,
  tax: TaxRule,
): PricedBasket {
  const subtotals = items.map(({ unitAmount, quantity }) => toSafe(BigInt(unitAmount) * BigInt(quantity)));
  const subtotal = sum(subtotals);
  const off = toSafe(roundedQuotient(BigInt(subtotal) * BigInt(discountPpm), MILLION, tax.rounding.mode));
  const discounts = allocate(off, subtotals);
  const taxable = subtotals.map((amount, index) => amount - (discounts[index] ?? 0));
  const taxes =
    tax.rounding.level === 'line'
      ? taxable.map((amount) => taxOf(amount, tax))
      : allocate(taxOf(subtotal - off, tax), taxable);
  const added = tax.treatment === 'exclusive';
  const lines = subtotals.map((amount, index): PricedLine => {
    const [discount, lineTax] = [discounts[index] ?? 0, taxes[index] ?? 0];
    return { subtotal: amount, discount, tax: lineTax, total: amount - discount + (added ? lineTax : 0) };
  });
  const taxSum = sum(taxes);
  const taxAdded = added ? taxSum : 0;
  return { lines, subtotal, discount: off, tax: taxSum, taxAdded, total: sum([subtotal - off, taxAdded]) };
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
