import type { Money } from '../api/types';
import { formatPrice } from '../lib/price';

interface SumProps {
  readonly figures: {
    readonly subtotal: Money;
    readonly discount: Money;
    readonly tax: Money;
    readonly total: Money;
    readonly taxIncluded: boolean;
  };
  /** "VAT 20 %", where it is known. */
  readonly taxName?: string | undefined;
}

/** Subtotal, discount, tax and total, as the shop worked them out. */
export function Sum({ figures, taxName }: SumProps) {
  const { subtotal, discount, tax, total, taxIncluded } = figures;
  return (
    <dl className="sum">
      <dt>Subtotal</dt>
      <dd>{formatPrice(subtotal)}</dd>
      {discount.amount > 0 && (
        <>
          <dt>Discount</dt>
          <dd>−{formatPrice(discount)}</dd>
        </>
      )}
      {!taxIncluded && (
        <>
          <dt>{taxName ?? 'Tax'}</dt>
          <dd>{formatPrice(tax)}</dd>
        </>
      )}
      <dt className="sum-total">Total</dt>
      <dd className="sum-total">{formatPrice(total)}</dd>
      {taxIncluded && (
        <>
          <dt className="text-sm text-muted">of which {taxName ?? 'tax'}</dt>
          <dd className="text-sm text-muted">{formatPrice(tax)}</dd>
        </>
      )}
    </dl>
  );
}
