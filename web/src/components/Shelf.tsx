import { Link } from 'react-router';
import type { ShelfItem } from '../api/types';
import { productAddress } from '../lib/addresses';
import { formatPrice } from '../lib/price';
import { clicked, type Place } from '../tracking/tracker';
import { Picture } from './Picture';

/** Products standing on shelves: the rail runs through under each row, and the price hangs from it. */
export function Shelf({ products, place }: { readonly products: readonly ShelfItem[]; readonly place: Place }) {
  return (
    <ul className="shelf">
      {products.map((product, position) => (
        <ShelfProduct key={product.id} product={product} onFollow={() => clicked(product.id, place, position)} />
      ))}
    </ul>
  );
}

function ShelfProduct({ product, onFollow }: { readonly product: ShelfItem; readonly onFollow: () => void }) {
  const { id, name, brand, price, image, inStock, reason } = product;
  return (
    <li className="shelf-place">
      <Link
        to={productAddress(id)}
        className="shelf-product"
        onClick={onFollow}
        onAuxClick={({ button }) => {
          if (button === 1) onFollow(); // in a new tab
        }}
      >
        <span className="shelf-picture">
          <Picture source={image} />
        </span>
        <span className="shelf-rail">
          <span className="price-tag">{formatPrice(price)}</span>
        </span>
        <span className="shelf-words">
          <span className="shelf-name">{name}</span>
          {reason && <span className="shelf-reason">{reason.text}</span>}
          {brand && <span className="text-sm text-muted">{brand.name}</span>}
          {!inStock && <span className="text-sm font-semibold text-alert">Out of stock</span>}
        </span>
      </Link>
    </li>
  );
}

/** Empty shelves while the products are on their way. */
export function EmptyShelf({ places }: { readonly places: number }) {
  return (
    <div className="shelf" aria-hidden="true">
      {Array.from({ length: places }, (_, place) => (
        <div key={place} className="shelf-place">
          <span className="shelf-picture">
            <span className="waiting" />
          </span>
          <span className="shelf-rail" />
          <span className="shelf-words">
            <span className="waiting h-4 w-4/5" />
            <span className="waiting h-4 w-2/5" />
          </span>
        </div>
      ))}
    </div>
  );
}
