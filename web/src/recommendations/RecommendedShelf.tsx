import { useId } from 'react';
import type { Recommendation } from '../api/recommendations';
import { EmptyShelf, Shelf } from '../components/Shelf';

interface RecommendedShelfProps {
  readonly title: string;
  /** The slot that clicks are told of with. */
  readonly slot: string;
  readonly products: readonly Recommendation[];
  /** The answer is on its way. */
  readonly pending?: boolean;
  readonly className?: string;
}

/** As many as stand side by side on a wide screen. */
export const ROW = 6;

/** Products with the reason why each stands there. Without products there is no shelf. */
export function RecommendedShelf({ title, slot, products, pending = false, className = '' }: RecommendedShelfProps) {
  const id = useId();
  if (products.length === 0 && !pending) return null;
  return (
    <section aria-labelledby={id} aria-busy={pending} className={className}>
      <h2 id={id} className="section-title">
        {title}
      </h2>
      {pending ? <EmptyShelf places={ROW} /> : <Shelf products={products} place={{ slot }} />}
    </section>
  );
}
