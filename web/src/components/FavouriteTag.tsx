import { Link } from 'react-router';
import type { Product } from '../api/types';
import { productAddress } from '../lib/addresses';
import { formatPrice } from '../lib/price';
import { clicked } from '../tracking/tracker';
import { Picture } from './Picture';

/** The shop's most popular product on a price tag, where the screen is wide enough to hang one. */
export function FavouriteTag({ product }: { readonly product: Product }) {
  return (
    <Link
      to={productAddress(product.id)}
      className="favourite"
      onClick={() => clicked(product.id, { slot: 'favourite' }, 0)}
    >
      <Picture source={product.image} className="size-24 shrink-0" eager />
      <span className="min-w-0">
        <span className="block text-sm font-semibold">Everybody’s favourite</span>
        <span className="mt-1 line-clamp-3 text-lg leading-snug font-extrabold break-words">{product.name}</span>
        <span className="mt-1 block text-2xl font-extrabold tabular-nums">{formatPrice(product.price)}</span>
      </span>
    </Link>
  );
}
