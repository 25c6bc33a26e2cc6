/** The ways to pay, and where each is offered. */

export const PAYMENT_METHODS = ['card', 'upi', 'pix', 'sepa_debit'] as const;
export type PaymentMethod = (typeof PAYMENT_METHODS)[number];

export interface MethodRule {
  readonly method: PaymentMethod;
  readonly name: string;
  /** Undefined: every country. */
  readonly countries: readonly string[] | undefined;
  /** Undefined: every currency. */
  readonly currencies: readonly string[] | undefined;
  /** `at-once`: the answer says whether it is authorised, and capturing is a second step. `later`: the payer confirms it elsewhere, and the money is then taken. */
  readonly confirms: 'at-once' | 'later';
}

const EUROPEAN_UNION = 'AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE'.split(' ');

export const METHOD_RULES: readonly MethodRule[] = [
  { method: 'card', name: 'Card', countries: undefined, currencies: undefined, confirms: 'at-once' },
  { method: 'upi', name: 'UPI', countries: ['IN'], currencies: ['INR'], confirms: 'later' },
  { method: 'pix', name: 'Pix', countries: ['BR'], currencies: ['BRL'], confirms: 'later' },
  {
    method: 'sepa_debit',
    name: 'SEPA Direct Debit',
    countries: EUROPEAN_UNION,
    currencies: ['EUR'],
    confirms: 'later',
  },
];

/** The ways to pay in this currency from this country (ISO 3166 alpha-2), of those that the provider can carry out. */
export function methodsFor(country: string, currency: string, possible: readonly PaymentMethod[]): MethodRule[] {
  return METHOD_RULES.filter(
    ({ method, countries, currencies }) =>
      possible.includes(method) && (countries?.includes(country) ?? true) && (currencies?.includes(currency) ?? true),
  );
}

/** Whether the payer confirms it elsewhere and later. */
export const confirmsLater = (method: PaymentMethod): boolean =>
  METHOD_RULES.some((rule) => rule.method === method && rule.confirms === 'later');
