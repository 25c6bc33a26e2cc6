import type { Category, Facets, Product, ProductPage, ResultPage, ShelfItem, Suggestion } from './types';

/** What kept an answer from coming: the shop's own refusal has a status, a shop that is away has none. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    message: string,
    readonly status: number | undefined,
    options?: ErrorOptions,
    /** What the shop says is the matter (its error catalogue), and with which parts of the request. */
    readonly code?: string,
    readonly violations: readonly Violation[] = [],
    /** Before this the shop does not want to be asked again: its Retry-After. */
    readonly retryAfterMs: number = 0,
  ) {
    super(message, options);
  }
}

export interface Violation {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/**
 * Whether it is worth asking again: the shop was away, overloaded, asked too often, or is still at the same request, rather than
 * sure of its refusal.
 */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.status === undefined) return true;
  return error.status >= 500 || error.status === 429 || error.code === 'idempotency-key-in-flight';
}

/** Nobody is kept waiting for longer than this without being told. */
const LONGEST_PAUSE_MS = 10_000;

/** How long to wait before asking again, at least `leastMs`; undefined when that is not worth it, or the shop wants too long a pause. */
export function pauseAfter(error: unknown, leastMs: number): number | undefined {
  if (!isPassing(error)) return undefined;
  const pause = Math.max(leastMs, error instanceof ApiError ? error.retryAfterMs : 0);
  return pause > LONGEST_PAUSE_MS ? undefined : pause;
}

export async function get<T>(path: string, signal: AbortSignal, headers: Record<string, string> = {}): Promise<T> {
  return (await ask(path, { signal, headers })).json() as Promise<T>;
}

/** Asks the shop. Throws ApiError for a refusal, and when there is no answer. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { Accept: 'application/json', ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError('The shop does not answer', undefined, { cause: error });
  }
  if (response.ok) return response;
  const problem = await readProblem(response);
  const message = problem.detail ?? `The shop answered ${response.status} to ${path}`;
  throw new ApiError(message, response.status, {}, problem.code, problem.errors, retryAfterOf(response));
}

/** The shop sends seconds; a proxy before it may send a date. */
function retryAfterOf(response: Response): number {
  const value = response.headers.get('retry-after');
  if (value === null) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

interface ProblemBody {
  readonly code?: string;
  readonly detail?: string;
  readonly errors?: readonly Violation[];
}

async function readProblem(response: Response): Promise<ProblemBody> {
  if (!response.headers.get('content-type')?.includes('problem+json')) return {};
  const text = await response.text();
  return JSON.parse(text) as ProblemBody;
}

const RETRY_PAUSES_MS = [300, 900];

/**
 * Sends a change. While the shop is away it is sent again, twice, as the same request: whoever calls makes sure, by an
 * Idempotency-Key or If-Match, that this changes things only once.
 */
export const send = (method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<unknown> =>
  sendText(method, path, headers, body === undefined ? undefined : JSON.stringify(body));

/** Like `send`, of JSON that is text already: what is sent again after a reload is then the same to the byte. */
export async function sendText(
  method: string,
  path: string,
  headers: Record<string, string>,
  text: string | undefined,
): Promise<unknown> {
  const json = text === undefined ? {} : { body: text };
  const type: Record<string, string> = text === undefined ? {} : { 'Content-Type': 'application/json' };
  for (let attempt = 0; ; attempt++) {
    try {
      const response = await ask(path, { method, headers: { ...type, ...headers }, ...json });
      return await response.json();
    } catch (error) {
      const least = RETRY_PAUSES_MS[attempt];
      const pause = least === undefined ? undefined : pauseAfter(error, least);
      if (pause === undefined) throw error;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/** A new key for a request that may be sent again. Not crypto.randomUUID: that is only there over HTTPS. */
export const newRequestKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export interface SuggestionQuery {
  readonly text: string;
  /** A category path; empty for the whole shop. */
  readonly category: string;
}

export const SUGGESTION_LIMIT = 8;

export async function fetchSuggestions(query: SuggestionQuery, signal: AbortSignal): Promise<readonly Suggestion[]> {
  // URLSearchParams, not encodeURIComponent: half of a surrogate pair must not throw while somebody types an emoji.
  const parameters = new URLSearchParams({ q: query.text, limit: String(SUGGESTION_LIMIT) });
  if (query.category) parameters.set('category', query.category);
  const answer = await get<{ data: readonly Suggestion[] }>(`/v1/suggestions?${parameters}`, signal);
  return answer.data;
}

export const SORTS = {
  '-popularity': 'Most popular',
  price: 'Price, low to high',
  '-price': 'Price, high to low',
  name: 'Name, A to Z',
  '-createdAt': 'Newest',
} as const;
export type Sort = keyof typeof SORTS;

export interface ProductQuery {
  readonly sort: Sort;
  readonly limit: number;
  readonly category?: string;
  readonly inStock?: boolean;
  readonly after?: string | undefined;
}

export async function fetchProducts(query: ProductQuery, signal: AbortSignal): Promise<ProductPage> {
  const parameters = new URLSearchParams({ sort: query.sort, limit: String(query.limit) });
  if (query.category) parameters.set('category', query.category);
  if (query.inStock) parameters.set('inStock', 'true');
  if (query.after) parameters.set('after', query.after);
  return get<ProductPage>(`/v1/products?${parameters}`, signal);
}

export const RESULT_SORTS = {
  relevance: 'Best match',
  '-popularity': 'Most popular',
  price: 'Price, low to high',
  '-price': 'Price, high to low',
  '-createdAt': 'Newest',
} as const;
export type ResultSort = keyof typeof RESULT_SORTS;

/** One page of results; `chosen` is the query of the page's own address, which has the names of the API. */
export async function fetchResults(
  chosen: string,
  limit: number,
  after: string | undefined,
  signal: AbortSignal,
): Promise<ResultPage> {
  const parameters = new URLSearchParams(chosen);
  parameters.set('limit', String(limit));
  if (after === undefined) parameters.set('facets', 'category,brand,inStock,price');
  else parameters.set('after', after);
  type Item = Omit<ShelfItem, 'brand'> & { readonly brand: string | null };
  type Answer = Omit<ResultPage, 'data' | 'facets'> & { readonly data: readonly Item[]; readonly facets: Facets };
  const answer = await get<Answer>(`/v1/search?${parameters}`, signal);
  return {
    ...answer,
    data: answer.data.map((item) => ({ ...item, brand: item.brand === null ? null : { name: item.brand } })),
    facets: after === undefined ? answer.facets : undefined,
  };
}

export async function fetchProduct(id: string, signal: AbortSignal): Promise<Product> {
  return get<Product>(`/v1/products/${encodeURIComponent(id)}`, signal);
}

export async function fetchCategories(signal: AbortSignal): Promise<readonly Category[]> {
  const answer = await get<{ data: readonly Category[] }>('/v1/categories', signal);
  return answer.data;
}
