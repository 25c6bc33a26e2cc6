import { useState } from 'react';
import { Link } from 'react-router';
import type { Product } from '../api/types';
import { basket, useBasket } from '../cart/basket';
import { sentOrder } from '../checkout/sent';
import { explain } from '../lib/explain';
import { addedToCart } from '../tracking/tracker';

/** Puts one into the basket with each press, and says how many are in it then. */
export function AddToBasket({ product }: { readonly product: Product }) {
  const { shown } = useBasket();
  const [onTheWay, setOnTheWay] = useState(0);
  const [added, setAdded] = useState(false);
  const [trouble, setTrouble] = useState<string>();
  const add = async (): Promise<void> => {
    // The basket may have been ordered: what is put in now would be taken away with it.
    if (sentOrder.read()) return setTrouble('an order that you sent has no answer yet. See first what became of it.');
    setTrouble(undefined);
    setOnTheWay((count) => count + 1);
    try {
      await basket.add(product.sku);
      setAdded(true);
      addedToCart(product.id);
    } catch (error) {
      setTrouble(explain(error));
    } finally {
      setOnTheWay((count) => count - 1);
    }
  };
  const line = shown?.lines.find(({ sku }) => sku === product.sku);
  const short = line?.problem === 'short-of-stock' || line?.problem === 'out-of-stock';
  return (
    <div className="mt-6 grid justify-items-start gap-3">
      <button
        type="button"
        className="button button-large"
        aria-disabled={!product.inStock}
        onClick={() => {
          // A press during another is another one: each is sent.
          if (product.inStock) void add();
        }}
      >
        {product.inStock ? 'Add to basket' : 'Not to be had right now'}
      </button>
      <div role="status" className="min-h-6">
        {onTheWay > 0 && <p className="text-muted">Putting it into the basket…</p>}
        {onTheWay === 0 && added && line && !trouble && (
          <p>
            <strong>Added.</strong> {line.quantity.toLocaleString('en-GB')} of this in your{' '}
            <Link to="/basket" className="link font-semibold">
              basket
            </Link>
            .{short && <span className="font-semibold text-alert"> Only {line.available} can be had right now.</span>}
          </p>
        )}
      </div>
      {trouble && (
        <p role="alert" className="font-semibold text-alert">
          It could not be added: {trouble}
        </p>
      )}
    </div>
  );
}
