import type { Money } from '../../../src/kernel/money';
import { formatPrice } from '../lib/price';

/** Figures as a merchant reads them. */

export const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
/** With a space that no line breaks at. */
export const percent = (share: number, digits = 0): string => `${(share * 100).toFixed(digits)}\u00a0%`;
export const day = (date: string): string =>
  new Date(`${date.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
export const month = (date: string): string =>
  new Date(`${date.slice(0, 10)}T00:00:00Z`).toLocaleDateString('en-GB', {
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
export const moment = (time: string): string =>
  new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });

/** Without its pennies, where there is much of it. */
export function money(value: Money): string {
  const text = formatPrice(value);
  return Math.abs(value.amount) >= 100_000 ? text.replace(/\.\d\d$/, '') : text;
}

/** `cannot-lose` as "Cannot lose". */
export const words = (name: string): string => {
  const text = name.replaceAll(/[-_]/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
