import { useRef, useState } from 'react';
import { Link } from 'react-router';
import type { Cart, CartLine } from '../api/cart';
import { basket, useBasket, useFreshBasket } from '../cart/basket';
import { BasketLine } from '../cart/BasketLine';
import { CouponField } from '../cart/CouponField';
import { useSentOrder } from '../checkout/sent';
import { Away, Message } from '../components/Message';
import { PageHeading } from '../components/PageHeading';
import { explain } from '../lib/explain';
import { formatPrice } from '../lib/price';
import { itemsInWords } from '../lib/words';
import { BasketShelf } from '../recommendations/BasketShelf';

/** Prices and stock move while a basket is looked at. */
const FRESH_MS = 10_000;

export function BasketPage() {
  const { isError, refetch } = useFreshBasket(FRESH_MS);
  const { shown, forgotten } = useBasket();
  const unanswered = useSentOrder() !== undefined;
  return (
    <div className="column pt-8">
      <PageHeading title="Your basket" className="product-name">
        Your basket
      </PageHeading>
      <div className="mt-6">
        {unanswered ? (
          <Message>
            <p>What is in your basket was sent as an order. It can be changed when it is known what became of that.</p>
          </Message>
        ) : shown && shown.lines.length > 0 ? (
          <>
            <Filled cart={shown} />
            <BasketShelf cart={shown} />
          </>
        ) : shown !== undefined ? (
          <Empty forgotten={forgotten} />
        ) : isError ? (
          <Away what="Your basket" onRetry={() => void refetch()} />
        ) : (
          <Waiting />
        )}
      </div>
    </div>
  );
}

function Filled({ cart }: { readonly cart: Cart }) {
  const { wanted, trouble } = useBasket();
  const [removed, setRemoved] = useState<string>();
  const list = useRef<HTMLUListElement>(null);
  const remove = (line: CartLine, index: number): void => {
    setRemoved(line.name ?? line.sku);
    // The next line, or else the one before, or the page: the pressed button is about to be gone.
    const lines = [...(list.current?.children ?? [])];
    const next = (lines[index + 1] ?? lines[index - 1])?.querySelector<HTMLElement>('a, button');
    (next ?? document.querySelector<HTMLElement>('h1'))?.focus();
    basket.want(line.sku, 0);
  };
  return (
    <div className="basket">
      <ul ref={list} className="basket-lines">
        {cart.lines.map((line, index) => (
          <BasketLine key={line.sku} line={line} onRemove={() => remove(line, index)} />
        ))}
      </ul>
      <section aria-labelledby="sum" className="basket-sum" aria-busy={wanted.size > 0}>
        <h2 id="sum" className="sr-only">
          Sum
        </h2>
        <p className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span>{itemsInWords(cart.units)}</span>
          <strong className="text-2xl font-extrabold tabular-nums">{formatPrice(cart.subtotal)}</strong>
        </p>
        <p className="mt-1 text-sm text-muted">Discounts and tax are worked out at the checkout.</p>
        <CouponField coupon={cart.coupon} />
        {trouble && (
          <div role="alert" className="mt-4">
            <p className="font-semibold text-alert">Your change is not saved yet: {explain(trouble)}</p>
            <button type="button" className="link mt-1 min-h-11" onClick={() => void basket.flush()}>
              Save again
            </button>
          </div>
        )}
        <ToCheckout cart={cart} />
        <p role="status" className="sr-only">
          {removed ? `${removed} removed. ` : ''}
          {itemsInWords(cart.units)}, {formatPrice(cart.subtotal)}
        </p>
      </section>
    </div>
  );
}

function ToCheckout({ cart }: { readonly cart: Cart }) {
  // What is priced in another currency is exchanged there.
  const stopped = cart.lines.filter(({ problem }) => problem !== null && problem !== 'other-currency');
  if (stopped.length === 0)
    return (
      <Link to="/checkout" className="button button-large mt-5 w-full justify-center">
        To the checkout
      </Link>
    );
  return (
    <p className="mt-5 font-semibold text-alert">
      {stopped.length === 1 ? 'One line has' : `${stopped.length} lines have`} a problem: change the quantity or take it
      out, then go on to the checkout.
    </p>
  );
}

function Empty({ forgotten }: { readonly forgotten: boolean }) {
  return (
    <Message>
      <p>
        {forgotten
          ? 'Your basket is empty: what was in it has not been touched for a day.'
          : 'There is nothing in your basket yet.'}
      </p>
      <Link to="/" className="button">
        Find something
      </Link>
    </Message>
  );
}

function Waiting() {
  return (
    <div className="grid gap-4" aria-busy="true">
      <p className="sr-only">Loading your basket…</p>
      <span className="waiting h-24" />
      <span className="waiting h-24" />
    </div>
  );
}
