/**
 * Money is an integer count of minor units with an ISO 4217 currency: `{ amount: 1999, currency: 'GBP' }` is £19.99.
 * No float ever carries an amount.
 */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/** Digits after the decimal point, where they are not two (ISO 4217, List One). */
const EXPONENTS: Readonly<Record<string, number>> = {
  BHD: 3,
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  IQD: 3,
  JOD: 3,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  PYG: 0,
  RWF: 0,
  TND: 3,
  UGX: 0,
  UYI: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
};

/** Number of decimal digits of a currency's minor unit: GBP 2, JPY 0, KWD 3. */
export function minorUnitDigits(currency: string): number {
  return EXPONENTS[currency] ?? 2;
}

/** Makes a Money, refusing anything but a safe integer and a three-letter upper-case currency. Throws RangeError. */
export function money(amount: number, currency: string): Money {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`amount must be an integer of minor units, got ${amount}`);
  if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`currency must be an ISO 4217 code, got "${currency}"`);
  return { amount, currency };
}

/**
 * Reads a decimal text such as "2.55" or "-12" exactly, without passing through a float.
 * Returns undefined when the text is not a plain decimal or needs more digits than the currency has.
 */
export function parseMinorUnits(text: string, currency: string): number | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, sign, whole = '', fraction = ''] = match;
  const digits = minorUnitDigits(currency);
  if (/[1-9]/.test(fraction.slice(digits))) return undefined;
  const units = Number(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  if (!Number.isSafeInteger(units)) return undefined;
  return sign === '-' && units !== 0 ? -units : units;
}

/**
 * An amount as people read it, for sentences: "19.99 GBP", "1500 JPY", "-0.05 EUR". Exact, and the inverse of parseMinorUnits; for
 * a page, which knows its reader's language, see the storefront's own.
 */
export function formatMoney({ amount, currency }: Money): string {
  const digits = minorUnitDigits(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const whole = text.slice(0, text.length - digits);
  return `${amount < 0 ? '-' : ''}${whole}${digits > 0 ? `.${text.slice(-digits)}` : ''} ${currency}`;
}
