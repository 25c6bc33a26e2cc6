import { formatMoney, minorUnitDigits, type Money } from '../../kernel/money';
import { GatewayRefused } from './gateway';

/**
 * Amounts as Stripe counts them, which is not always as ISO 4217 does: https://docs.stripe.com/currencies (minor units, special
 * cases). The forint and the Taiwan dollar are special there for payouts alone.
 */

/** No decimals at Stripe. The ariary has two of ISO 4217: whole ones alone can be paid. */
const NONE = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '));
/** Three decimals, of which the last must be 0: the card networks move no more than two. */
const THREE = new Set('BHD JOD KWD OMR TND'.split(' '));

/** Two for all others; also for ISK and UGX, which have none and are counted in hundredths for the sake of old callers. */
const digitsOf = (currency: string): number => (NONE.has(currency) ? 0 : THREE.has(currency) ? 3 : 2);

/** What an amount is multiplied by, a power of ten (below 1 where Stripe has fewer decimals), as a fraction. */
function factor(currency: string): { readonly by: number; readonly over: number } {
  const shift = digitsOf(currency) - minorUnitDigits(currency);
  return { by: 10 ** Math.max(0, shift), over: 10 ** Math.max(0, -shift) };
}

/** The amount as Stripe has it; undefined where Stripe cannot move exactly as much. */
function exact({ amount, currency }: Money): number | undefined {
  const { by, over } = factor(currency);
  const there = (amount * by) / over;
  const representable = Number.isSafeInteger(there) && !(THREE.has(currency) && there % 10 !== 0);
  return representable ? there : undefined;
}

/** Whether Stripe can move exactly this amount. */
export const isPayable = (money: Money): boolean => exact(money) !== undefined;

/** Our minor units as Stripe counts. Throws GatewayRefused `amount-not-payable`: nothing is ever rounded. */
export function toStripe(money: Money): number {
  const there = exact(money);
  if (there !== undefined) return there;
  throw new GatewayRefused('amount-not-payable', `Stripe cannot move exactly ${formatMoney(money)}`);
}

/** Stripe's amount in our minor units. Its currencies are in lower case. */
export function fromStripe(amount: number, currency: string): number {
  const { by, over } = factor(currency.toUpperCase());
  return (amount * over) / by;
}
