import type { ReactNode } from 'react';
import type { Cart, Quote } from '../api/cart';
import { couponProblem } from '../lib/coupons';
import { formatPrice } from '../lib/price';
import { Sum } from './Sum';

interface SummaryProps {
  readonly cart: Cart;
  readonly quote: Quote | undefined;
  readonly waiting: boolean;
  readonly failed: string | undefined;
  readonly onRetry: () => void;
  readonly children: ReactNode;
}

/** What is ordered and what it costs there: the subtotal until the destination is known, then the quote. */
export function Summary({ cart, quote, waiting, failed, onRetry, children }: SummaryProps) {
  const names = new Map(cart.lines.map(({ sku, name }) => [sku, name ?? sku]));
  const taxName = quote?.taxes.map(({ name, percent }) => `${name} ${percent} %`).join(' + ');
  return (
    <section aria-labelledby="summary" className="basket-sum" aria-busy={waiting}>
      <h2 id="summary" className="section-title">
        Your order
      </h2>
      <ul className="sum-lines">
        {(quote ?? cart).lines.map(({ sku, quantity, ...line }) => (
          <li key={sku}>
            <span>
              {quantity.toLocaleString('en-GB')} × {names.get(sku) ?? sku}
            </span>
            <span>{quote ? formatPrice((line as Quote['lines'][number]).subtotal) : ''}</span>
          </li>
        ))}
      </ul>
      {quote ? (
        <Sum figures={quote} taxName={taxName || undefined} />
      ) : (
        <>
          <p className="flex justify-between gap-4">
            <span>Subtotal</span>
            <strong className="tabular-nums">{formatPrice(cart.subtotal)}</strong>
          </p>
          <p className="mt-2 text-sm text-muted">
            {waiting ? 'Working out the total…' : 'Choose where it goes to see the total with tax.'}
          </p>
        </>
      )}
      <p role="status" className="sr-only">
        {quote && !waiting ? `Total ${formatPrice(quote.total)}` : ''}
      </p>
      {quote?.coupon && quote.coupon.problem !== null && (
        <p role="status" className="mt-3 font-semibold text-alert">
          The coupon {quote.coupon.code} takes nothing off: {couponProblem(quote.coupon.problem)}
        </p>
      )}
      {failed !== undefined && (
        <div role="alert" className="mt-3">
          <p className="font-semibold text-alert">The total could not be worked out: {failed}</p>
          <button type="button" className="link mt-1 min-h-11" onClick={onRetry}>
            Try again
          </button>
        </div>
      )}
      {children}
    </section>
  );
}
