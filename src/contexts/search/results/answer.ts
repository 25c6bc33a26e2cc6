import { wrongCursor } from '../../../kernel/pages';
import type { Conditions, Counts, Order, Place } from './conditions';
import { cursorOf, keyOf } from './cursor';
import { otherWords } from './other-words';
import { histogramOf } from './price-ladder';
import type { ResultsIndex } from './results-index';
import type { ResultSort, SearchAnswer, SearchQuery } from './schemas';

/** A category that products are in, with its ancestors: [itself, root, …, parent]. */
export interface CategoryPlace {
  readonly ids: readonly string[];
  readonly path: string;
}

/** What an answer needs to know beside the index. */
export interface Shelves {
  readonly currency: string;
  /** The categories that products are in, by id. */
  categories(): Iterable<readonly [id: string, place: CategoryPlace]>;
  /** A category's id by its path. */
  idOf(path: string): string | undefined;
  /** A product of the index as JSON text. */
  render(id: string): string;
}

const MOST_CATEGORIES = 200;
const MOST_BRANDS = 50;

/** The answer to GET /v1/search as JSON text. Throws `validation-failed` for a cursor of another list. */
export function answerSearch(index: ResultsIndex, shelves: Shelves, query: SearchQuery): string {
  const browsing = query.q.trim() === '';
  const sort = sortOf(query, browsing);
  const order = ORDERS[sort];
  // What has no word in it, such as "!?", is about no product: nothing matches it.
  const matches = browsing ? undefined : index.find(query.q);
  const { total, rows, tiers, counts } = index.select(matches, {
    conditions: conditionsOf(index, shelves, query, order),
    order,
    after: query.after === undefined ? undefined : placeOf(index, query.after, sort),
    // One more only says that there is more.
    limit: query.limit + 1,
    count: query.facets.length > 0,
  });
  const ids = index.products.ids;
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const more = last !== undefined && rows.length > query.limit;
  const next = more
    ? cursorOf(sort, {
        tier: tiers[shown.length - 1] as number,
        value: index.products.read(last)[order.by] ?? 0,
        id: ids[last] as string,
      })
    : null;
  const rest = {
    page: { next, hasMore: more },
    total,
    facets: counts ? facetsOf(index, shelves, query, counts) : {},
    suggestions: matches ? otherWords(index, query.q, matches) : [],
  } satisfies Omit<SearchAnswer, 'data'>;
  const data = shown.map((row) => shelves.render(ids[row] as string)).join();
  return `${JSON.stringify(rest).slice(0, -1)},"data":[${data}]}`;
}

/** The cursor that an answer offers, from its bytes: it comes first there. */
export function nextOf(answer: Buffer): string | undefined {
  return /^\{"page":\{"next":"([\w-]+)"/.exec(answer.toString('latin1', 0, 4096))?.[1];
}

const ORDERS: Readonly<Record<ResultSort, Order>> = {
  relevance: { by: 'popularity', descending: true, tiers: true },
  price: { by: 'price', descending: false, tiers: false },
  '-price': { by: 'price', descending: true, tiers: false },
  '-popularity': { by: 'popularity', descending: true, tiers: false },
  '-createdAt': { by: 'createdAt', descending: true, tiers: false },
};

/** Without a text nothing is more relevant than what sells. */
function sortOf({ sort = 'relevance' }: SearchQuery, browsing: boolean): ResultSort {
  return browsing && sort === 'relevance' ? '-popularity' : sort;
}

function conditionsOf(index: ResultsIndex, shelves: Shelves, query: SearchQuery, order: Order): Conditions {
  const { 'price.gte': gte, 'price.lte': lte } = query;
  return {
    categories: query.category && codesOf(index, shelves, query.category),
    brands: query.brand?.flatMap((name) => index.products.brands.find(name) ?? []),
    price: gte === undefined && lte === undefined ? undefined : { gte: gte ?? 0, lte: lte ?? Number.MAX_SAFE_INTEGER },
    inStock: query.inStock,
    comparable: order.by === 'price',
  };
}

/** The codes of categories and of all below them. Ids know no slash and paths no "cat_": what is neither finds nothing. */
function codesOf(index: ResultsIndex, shelves: Shelves, wanted: readonly string[]): number[] {
  const ids = new Set(wanted.map((one) => shelves.idOf(one) ?? one));
  const codes: number[] = [];
  for (const [id, place] of shelves.categories()) {
    const code = place.ids.some((one) => ids.has(one)) ? index.products.categories.find(id) : undefined;
    if (code !== undefined) codes.push(code);
  }
  return codes;
}

function placeOf(index: ResultsIndex, cursor: string, sort: ResultSort): Place {
  const key = keyOf(cursor, sort);
  if (!key) throw wrongCursor('is no cursor of a list in this order');
  return { ...key, row: index.products.placeOf(key.id) };
}

function facetsOf(index: ResultsIndex, shelves: Shelves, query: SearchQuery, counts: Counts): SearchAnswer['facets'] {
  const [out, available] = counts.inStock;
  const all = {
    category: () => categoryCounts(index, shelves, counts.category),
    brand: () => brandCounts(index.products.brands.values, counts.brand, new Set(query.brand)),
    inStock: () => [
      { value: true, count: available },
      { value: false, count: out },
    ],
    price: () => ({ currency: shelves.currency, ...histogramOf(counts.price) }),
  };
  return Object.fromEntries([...new Set(query.facets)].map((name) => [name, all[name]()]));
}

/** Each category with everything below it: a product counts for its category and for each of the ancestors. */
function categoryCounts(
  index: ResultsIndex,
  shelves: Shelves,
  counts: ArrayLike<number>,
): NonNullable<SearchAnswer['facets']['category']> {
  const sums = new Map<string, { value: string; id: string; count: number }>();
  for (const [id, { ids, path }] of shelves.categories()) {
    const code = index.products.categories.find(id);
    const count = code === undefined ? 0 : (counts[code] ?? 0);
    if (count === 0) continue;
    const slugs = path.split('/');
    [...ids.slice(1), id].forEach((owner, depth) => {
      const value = slugs.slice(0, depth + 1).join('/');
      const sum = sums.get(owner) ?? { value, id: owner, count: 0 };
      sum.count += count;
      sums.set(owner, sum);
    });
  }
  return [...sums.values()].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1)).slice(0, MOST_CATEGORIES);
}

function brandCounts(
  names: readonly (string | null)[],
  counts: ArrayLike<number>,
  chosen: ReadonlySet<string>,
): NonNullable<SearchAnswer['facets']['brand']> {
  const found: { value: string; count: number }[] = [];
  names.forEach((value, code) => {
    const count = counts[code] ?? 0;
    if (value !== null && (count > 0 || chosen.has(value))) found.push({ value, count });
  });
  found.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  return found.filter(({ value }, place) => place < MOST_BRANDS || chosen.has(value));
}
