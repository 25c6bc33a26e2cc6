/**
 * Search: suggestions as you type, and results with filters and facets, answered from an index in this process. It owns no
 * table: the catalogue is the truth, and the index is built from it at the start and follows its events. A committed change
 * shows within a second.
 */
import { systemClock, type Clock } from '../../kernel/clock';
import type { Log } from '../../platform/log';
import { Answers } from './answers';
import { IndexFollower, type IndexDependencies, type IndexStatus } from './index-follower';
import { readTagged, type TaggedAnswer } from './results/tagged';
import { findResults, suggest } from './suggestions';

export { suggestionsFastPath, type FastPathOptions } from './fast-path';
export type { IndexStatus } from './index-follower';
export { searchRoutes } from './routes';
export {
  searchAnswerSchema,
  searchQuerySchema,
  type SearchAnswer,
  type SearchQuery,
  type SearchResult,
} from './results/schemas';
export { suggestionQuerySchema, suggestionsAnswerSchema, type Suggestion, type SuggestionQuery } from './schemas';

export interface SearchService {
  /** The answer to the query part of an address, as bytes of JSON. Throws Problem: `not-ready`, `validation-failed`, `malformed-request`. */
  answer(queryString: string): Buffer;
  /** A page of results to the query part of an address, likewise, with its ETag. */
  results(queryString: string): TaggedAnswer;
  /** How many answers were there already. */
  kept(): number;
  /** Whether the index holds the whole catalogue, up to the events published when that was last checked. */
  ready(): boolean;
  /** Resolves when ready, or when closed before that. */
  whenReady(): Promise<void>;
  status(): IndexStatus;
  close(): Promise<void>;
}

export interface SearchDependencies extends Pick<IndexDependencies, 'outbox' | 'products'> {
  /** The shop's: prices in it are filtered, sorted and counted. Default GBP. */
  readonly currency?: string;
  readonly log: Log;
  readonly clock?: Clock;
  /** Memory for answers that are asked for again. Default 0: none are kept. */
  readonly cacheBytes?: number;
}

const READY_POLL_MS = 10;

/** Begins to build the index; until `ready`, every answer is the problem `not-ready`. */
export function startSearch({
  outbox,
  products,
  log,
  clock = systemClock,
  cacheBytes = 0,
  currency = 'GBP',
}: SearchDependencies): SearchService {
  const follower = new IndexFollower({ outbox, products, clock, log, currency });
  const answers = new Answers(cacheBytes, { suggestions: suggest, results: findResults });
  const closing = new AbortController();
  return {
    answer: (queryString) => answers.to('suggestions', queryString, follower.current),
    results: (queryString) => readTagged(answers.to('results', queryString, follower.current)),
    kept: () => answers.hits(),
    ready: () => follower.current !== undefined,
    whenReady: async () => {
      while (follower.current === undefined && !closing.signal.aborted)
        await clock.sleep(READY_POLL_MS, closing.signal);
    },
    status: () => follower.status(),
    close: async () => {
      closing.abort();
      await follower.close();
      answers.close();
    },
  };
}
