import { keepPreviousData, QueryClient, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { fetchCategories, fetchProduct, fetchProducts, fetchResults, pauseAfter, type ProductQuery } from './client';

const PAUSE_MS = 400;

/** Asks once more when the shop was away; a refusal is final. Prices are fresh enough for half a minute. */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        retry: (failures, error) => failures < 1 && pauseAfter(error, PAUSE_MS) !== undefined,
        retryDelay: (_failures, error) => pauseAfter(error, PAUSE_MS) ?? PAUSE_MS,
        networkMode: 'always',
      },
    },
  });

export const useCategories = () =>
  useQuery({
    queryKey: ['categories'],
    queryFn: ({ signal }) => fetchCategories(signal),
    staleTime: 5 * 60_000,
  });

export const useProduct = (id: string) =>
  useQuery({ queryKey: ['product', id], queryFn: ({ signal }) => fetchProduct(id, signal) });

/** Products page by page, each after the last product of the one before. Another order replaces the list when it is there. */
export const useProducts = (query: Omit<ProductQuery, 'after'>) =>
  useInfiniteQuery({
    queryKey: ['products', query],
    queryFn: ({ signal, pageParam }) => fetchProducts({ ...query, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ page }) => (page.hasMore && page.next ? page.next : undefined),
    placeholderData: keepPreviousData,
  });

/** The words that a results page's address searches for. */
const wordsOf = (chosen: unknown): string => new URLSearchParams(String(chosen)).get('q') ?? '';

/**
 * Results page by page, for the query part of the results page's address. While another filter or order is on its way what was
 * there stays; the results of other words never stand under these.
 */
export const useResults = (chosen: string, limit: number) =>
  useInfiniteQuery({
    queryKey: ['results', chosen, limit],
    queryFn: ({ signal, pageParam }) => fetchResults(chosen, limit, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ page }) => (page.hasMore && page.next ? page.next : undefined),
    placeholderData: (previous, before) =>
      before && wordsOf(before.queryKey[1]) === wordsOf(chosen) ? previous : undefined,
  });
