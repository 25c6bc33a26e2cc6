import { Link } from 'react-router';
import type { ShelfItem } from '../api/types';
import { productAddress } from '../lib/addresses';
import { formatPrice } from '../lib/price';
import { Picture } from './Picture';

/** Products standing on shelves: the rail runs through under each row, and the price hangs from it. */
export function Shelf({ products }: { readonly products: readonly ShelfItem[] }) {
  return (
    <ul className="shelf">
      {products.map((product) => (
        <ShelfProduct key={product.id} product={product} />
      ))}
    </ul>
  );
}

function ShelfProduct({ product }: { readonly product: ShelfItem }) {
  const { id, name, brand, price, image, inStock } = product;
  return (
    <li className="shelf-place">
      <Link to={productAddress(id)} className="shelf-product">
        <span className="shelf-picture">
          <Picture source={image} />
        </span>
        <span className="shelf-rail">
          <span className="price-tag">{formatPrice(price)}</span>
        </span>
        <span className="shelf-words">
          <span className="shelf-name">{name}</span>
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
