import { useProducts } from '../api/queries';
import type { CategoryLink, Product } from '../api/types';
import { Shelf } from '../components/Shelf';
import { useRecommendations } from './queries';
import { RecommendedShelf, ROW } from './RecommendedShelf';

/**
 * Below a product: what is bought with it, and what is like it; where nothing is like it, what else the shop recommends, each with
 * its reason. Where no answer comes, what is popular in its category. All of it is an extra: while it is not there, nothing is missing.
 */
export function ProductShelves({ product }: { readonly product: Product }) {
  const { data = [], isLoading } = useRecommendations({ slot: 'product', product: product.id, limit: 4 * ROW });
  const together = data.filter(({ reason }) => reason.code === 'bought-together').slice(0, ROW);
  const similar = data.filter(({ reason }) => reason.code === 'similar').slice(0, ROW);
  const others = similar.length > 0 ? [] : data.filter((one) => !together.includes(one)).slice(0, ROW);
  return (
    <>
      <RecommendedShelf title="Goes well with this" slot="recs-together" products={together} className="mt-16" />
      <RecommendedShelf title="Similar" slot="recs-similar" products={similar} pending={isLoading} className="mt-16" />
      <RecommendedShelf title="You may also like" slot="recs-more" products={others} className="mt-16" />
      {!isLoading && data.length === 0 && product.category && (
        <Neighbours product={product} category={product.category} />
      )}
    </>
  );
}

/** The popular products of the same category. */
function Neighbours({ product, category }: { readonly product: Product; readonly category: CategoryLink }) {
  const { data } = useProducts({ sort: '-popularity', category: category.path, limit: ROW + 1 });
  const others = data?.pages[0]?.data.filter(({ id }) => id !== product.id).slice(0, ROW) ?? [];
  if (others.length === 0) return null;
  return (
    <section aria-labelledby="neighbours" className="mt-16">
      <h2 id="neighbours" className="section-title">
        On the same shelf: {category.name}
      </h2>
      <Shelf products={others} place={{ slot: 'same-shelf' }} />
    </section>
  );
}
