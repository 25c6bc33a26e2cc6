import { Link } from 'react-router';
import type { CartLine } from '../api/cart';
import { Picture } from '../components/Picture';
import { productAddress } from '../lib/addresses';
import { formatPrice } from '../lib/price';
import { basket } from './basket';
import { Quantity } from './Quantity';

/** What stands between a line and its checkout, in words. */
export function problemInWords({ problem, available }: CartLine): string | undefined {
  switch (problem) {
    case 'not-for-sale':
      return 'This is not for sale any more.';
    case 'out-of-stock':
      return 'Sold out.';
    case 'short-of-stock':
      return `Only ${available} can be had right now.`;
    case 'other-currency':
      return 'Its price is in another currency: the checkout exchanges it.';
    case 'too-large':
      return 'This is more than a price can be.';
    case null:
      return undefined;
  }
}

export function BasketLine({ line, onRemove }: { readonly line: CartLine; readonly onRemove: () => void }) {
  const { sku, productId, quantity, unitPrice, total, available, problem } = line;
  const name = line.name ?? sku;
  const words = problemInWords(line);
  return (
    <li className="basket-line">
      <Picture source={line.image ?? ''} className="basket-picture" />
      <div className="min-w-0">
        {productId ? (
          <Link to={productAddress(productId)} className="basket-name">
            {name}
          </Link>
        ) : (
          <span className="basket-name">{name}</span>
        )}
        {unitPrice && <p className="text-sm text-muted">{formatPrice(unitPrice)} each</p>}
        {words && <p className="mt-1 text-sm font-semibold text-alert">{words}</p>}
        {problem === 'short-of-stock' && (
          <button type="button" className="link mt-1 py-1 text-sm" onClick={() => basket.want(sku, available)}>
            Take {available}
            <span className="sr-only"> of {name}</span>
          </button>
        )}
      </div>
      <div className="basket-controls">
        <Quantity
          name={name}
          quantity={quantity}
          onChoose={(chosen) => basket.want(sku, chosen)}
          onStep={(by) => basket.step(sku, by)}
        />
        <button type="button" className="link min-h-11 px-1 text-sm" onClick={onRemove}>
          Remove<span className="sr-only"> {name}</span>
        </button>
      </div>
      <p className="basket-total">{total ? formatPrice(total) : '–'}</p>
    </li>
  );
}
