import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { fetchRecommendations, type RecommendationQuery } from '../api/recommendations';
import { useConsent } from '../tracking/consent';
import { visitorId } from '../tracking/visitor';

/** So long the shop itself works at one answer: nobody waits longer for an extra. */
const PATIENCE_MS = 10_000;

/**
 * What may please this visitor; anybody, without consent. Asked for once: whatever is the matter, the page goes on without. What
 * was there stays while the next answer is on its way, so that a basket's shelf does not blink with every change.
 */
export const useRecommendations = (query: RecommendationQuery, enabled = true) => {
  const visitor = useConsent() === 'granted' ? visitorId() : undefined;
  return useQuery({
    queryKey: ['recommendations', query, visitor],
    queryFn: ({ signal }) =>
      fetchRecommendations(query, visitor, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])),
    enabled,
    retry: false,
    retryOnMount: false, // who goes back finds the page as it was, at once
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });
};
