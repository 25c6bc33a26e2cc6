import { useEffect, useRef } from 'react';
import type { ShelfItem } from '../api/types';
import type { Place } from '../tracking/tracker';
import { Shelf } from './Shelf';

interface GrowingShelfProps {
  readonly products: readonly ShelfItem[];
  readonly place: Place;
  /** How many there are on all pages, where that is known. */
  readonly total?: number | undefined;
  /** The pages as their query knows them. */
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly isFetchNextPageError: boolean;
    readonly isPlaceholderData: boolean;
    fetchNextPage(): unknown;
  };
}

/** Products page by page: "Show more" until all are there. */
export function GrowingShelf({ products, place, total, query }: GrowingShelfProps) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, isPlaceholderData } = query;
  const list = useRef<HTMLDivElement>(null);
  const wanted = useRef<number>(undefined);

  // The first of the new products takes the focus: the button may be gone, and reading goes on where it stopped.
  useEffect(() => {
    if (wanted.current === undefined || products.length <= wanted.current) return;
    list.current?.querySelectorAll('a')[wanted.current]?.focus({ preventScroll: true });
    wanted.current = undefined;
  }, [products.length]);

  const soFar = total === undefined ? `${products.length} products so far` : `${products.length} of ${total} products`;
  const all = products.length === 1 ? 'The only product shown' : `All ${products.length} products shown`;
  return (
    <div ref={list} aria-busy={isPlaceholderData}>
      <Shelf products={products} place={place} />
      <p role="status" className="mt-8 text-center text-muted">
        {hasNextPage ? soFar : all}
      </p>
      {isFetchNextPageError && (
        <p role="alert" className="mt-2 text-center font-semibold text-alert">
          The next products could not be loaded.
        </p>
      )}
      {hasNextPage && (
        <div className="mt-4 text-center">
          <button
            type="button"
            className="button"
            aria-disabled={isFetchingNextPage || isPlaceholderData}
            onClick={() => {
              if (isFetchingNextPage || isPlaceholderData) return;
              wanted.current = products.length;
              query.fetchNextPage();
            }}
          >
            {isFetchingNextPage ? 'Loading more…' : isFetchNextPageError ? 'Try again' : 'Show more'}
          </button>
        </div>
      )}
    </div>
  );
}
