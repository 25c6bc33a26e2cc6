import { minorUnitDigits, type Money } from '../../../src/kernel/money';

const formatters = new Map<string, Intl.NumberFormat>();

function formatter(currency: string, digits: number): Intl.NumberFormat {
  let found = formatters.get(currency);
  if (!found) {
    found = new Intl.NumberFormat('en-GB', {
      style: 'currency',
      currency,
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    formatters.set(currency, found);
  }
  return found;
}

/** A price for people: `{ amount: 295, currency: 'GBP' }` is "£2.95", `{ amount: 295, currency: 'JPY' }` is "JP¥295". */
export function formatPrice({ amount, currency }: Money): string {
  const digits = minorUnitDigits(currency);
  return formatter(currency, digits).format(amount / 10 ** digits);
}
