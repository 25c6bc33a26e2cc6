import type { Cart } from '../api/cart';
import { useRecommendations } from './queries';
import { RecommendedShelf, ROW } from './RecommendedShelf';

/** Below the basket: what goes with it. */
export function BasketShelf({ cart }: { readonly cart: Cart }) {
  // In one order, whatever order the lines have: the same basket is the same question.
  const products = cart.lines.flatMap(({ productId }) => productId ?? []).sort();
  const { data = [], isLoading } = useRecommendations({ slot: 'cart', products, limit: ROW });
  return (
    <RecommendedShelf
      title="You may also need"
      slot="recs-cart"
      products={data}
      pending={isLoading}
      className="mt-12"
    />
  );
}
