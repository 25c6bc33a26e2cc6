import { useProducts } from '../api/queries';
import { useExposure, useVariant } from '../experiments/variant';
import { Away, Message } from '../components/Message';
import { EmptyShelf, Shelf } from '../components/Shelf';
import { useRecommendations } from './queries';
import { RecommendedShelf } from './RecommendedShelf';

export const POPULAR = { sort: '-popularity', limit: 12 } as const;

/** Compares the shelves of this visitor ("recommended") with what is popular with everybody ("popular"). */
const EXPERIMENT = 'home-shelf';

/**
 * The shelves of the start page. Of somebody of whom something is known: what follows from that, and below it what is popular. Of
 * anybody else what is wanted now, in place of what is popular. Where nothing can be recommended: what is popular.
 */
export function StartShelves() {
  const { variant, pending: choosing } = useVariant(EXPERIMENT);
  const recommending = !choosing && variant !== 'popular';
  const { data = [], isLoading } = useRecommendations({ slot: 'home', limit: POPULAR.limit }, recommending);
  const waiting = choosing || isLoading;
  useExposure(EXPERIMENT, waiting ? undefined : variant);
  if (waiting || !recommending || data.length === 0) return <Popular waiting={waiting} />;
  const personal = data.some(({ reason }) => !['popular', 'trending', 'new'].includes(reason.code));
  return (
    <>
      <RecommendedShelf
        title={personal ? 'For you' : 'Popular now'}
        slot="recs-home"
        products={data}
        className="column mt-12"
      />
      {personal && <Popular />}
    </>
  );
}

function Popular({ waiting = false }: { readonly waiting?: boolean }) {
  const { data, isPending, isError, refetch } = useProducts(POPULAR);
  const products = data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <section aria-labelledby="popular" className="column mt-12">
      <h2 id="popular" className="section-title">
        What others carry home
      </h2>
      {waiting || isPending ? (
        <EmptyShelf places={POPULAR.limit} />
      ) : isError ? (
        <Away what="The popular products" onRetry={() => void refetch()} />
      ) : products.length === 0 ? (
        <Message>The shelves are empty: this shop has no products yet.</Message>
      ) : (
        <Shelf products={products} place={{ slot: 'popular' }} />
      )}
    </section>
  );
}
