import { minorUnitDigits, parseMinorUnits, type Money } from '../../../src/kernel/money';

/** Amounts as they are typed, and what is reckoned from them. */

/** `{ amount: 295, currency: 'GBP' }` is "2.95". */
export function decimalOf({ amount, currency }: Money): string {
  const digits = minorUnitDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** What was typed, as money; undefined for what is no amount. */
export function typedMoney(text: string, currency: string): Money | undefined {
  const amount = parseMinorUnits(text, currency);
  return amount === undefined || amount < 0 ? undefined : { amount, currency };
}

/** The share of the price that the shop keeps: below 0 where it costs more. Undefined where that cannot be said. */
export const marginOf = (price: Money | undefined, cost: Money | null | undefined): number | undefined =>
  price && cost && price.amount > 0 ? (price.amount - cost.amount) / price.amount : undefined;
