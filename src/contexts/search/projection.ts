import { Autocomplete, Easy11Error, type Entry, type Filter, type Hit } from '../../core';
import type { SearchableProduct } from '../catalogue';
import { furtherWordsFirst, LOOKED_OVER, repeatedBeginning } from './further-words';
import { answerSearch, type CategoryPlace, type Shelves } from './results/answer';
import { ResultsIndex } from './results/results-index';
import type { SearchQuery } from './results/schemas';
import type { SuggestionQuery } from './schemas';

/** A category as products refer to it. One object is shared by all products that have the same. */
interface Shelf extends CategoryPlace {
  /** Its id and its ancestors': a product is found by any of them. */
  readonly ids: readonly string[];
  readonly json: string;
}

/** What an answer needs of a product and the index does not hold. */
interface Listing {
  readonly version: number;
  readonly sku: string;
  readonly nameLength: number;
  readonly brand: string | null;
  readonly shelf: Shelf | undefined;
  readonly currency: string;
  readonly amount: number;
  readonly image: string;
  readonly inStock: boolean;
}

/** The two constant parts of a suggestion's JSON, around its highlights. */
interface Rendering {
  readonly head: string;
  readonly tail: string;
}

let revisions = 0;

/** Renderings kept: the best sellers are asked for again and again, and a million would cost 500 MB. */
const RENDERINGS = 20_000;

/**
 * The active products in memory: the index, what it does not hold of them, and their versions. Everything here is
 * synchronous: a search sees all of a change or nothing.
 */
export class Projection {
  readonly #index: Autocomplete;
  readonly #listings: Map<string, Listing>;
  readonly #draft: Draft;
  readonly #categoryIds: Map<string, string>;
  readonly #results: ResultsIndex;
  readonly #resultShelves: Shelves;
  readonly #renderings = new Map<string, Rendering>();
  /** Products that the index would not take, with the reason, since it was built. */
  readonly refused: Map<string, string>;
  #revision = ++revisions;

  private constructor(index: Autocomplete, draft: Draft) {
    this.#index = index;
    this.#listings = draft.listings;
    this.#draft = draft;
    this.#categoryIds = draft.categoryIds;
    this.#results = draft.results;
    this.refused = draft.refused;
    this.#resultShelves = {
      currency: draft.currency,
      categories: () => draft.places,
      idOf: (path) => this.#categoryIds.get(path),
      render: (id) => this.#renderResult(id),
    };
  }

  /**
   * Builds it from all products; those that are not active are left out, those that the index would not take are
   * `refused`: one bad row must not keep the whole shop from opening.
   */
  static async build(
    products: () => AsyncIterable<SearchableProduct>,
    signal: AbortSignal,
    currency = 'GBP',
  ): Promise<Projection> {
    try {
      return await Projection.#build(products(), signal, currency, false);
    } catch (error) {
      if (!(error instanceof Easy11Error && error.code.startsWith('ERR_EASY11_INVALID_'))) throw error;
      return await Projection.#build(products(), signal, currency, true);
    }
  }

  static async #build(
    products: AsyncIterable<SearchableProduct>,
    signal: AbortSignal,
    currency: string,
    carefully: boolean,
  ): Promise<Projection> {
    const draft = new Draft(currency);
    const trial = carefully ? new Autocomplete() : undefined;
    let index: Autocomplete | undefined;
    try {
      index = await Autocomplete.build(entries(products, draft, trial), { signal });
      await draft.results.finish(signal);
      return new Projection(index, draft);
    } catch (error) {
      index?.close();
      draft.results.close();
      throw error;
    } finally {
      trial?.close();
    }
  }

  get size(): number {
    return this.#listings.size;
  }

  /** Another number after each change, never one that any projection of this process had before. */
  get revision(): number {
    return this.#revision;
  }

  /** Whether browsing looks at every product: see ResultsIndex. */
  get scansAll(): boolean {
    return this.#results.scansAll;
  }

  /** The version of a product that is in here; 0 when it is not. */
  versionOf(id: string): number {
    return this.#listings.get(id)?.version ?? 0;
  }

  /** Adds or replaces a product, or removes it when it is not active. Throws Easy11Error when the index refuses it. */
  put(product: SearchableProduct): void {
    if (product.status !== 'active') return this.remove(product.id);
    this.#revision = ++revisions;
    const shelf = shelve(product, this.#draft);
    const before = this.#index.get(product.id)?.text;
    const entry = toEntry(product, shelf);
    this.#index.set(entry);
    this.#results.put(product, product.category?.id ?? null, entry.text, before);
    this.#listings.set(product.id, toListing(product, shelf));
    this.#renderings.delete(product.id);
    this.refused.delete(product.id);
  }

  remove(id: string): void {
    this.#revision = ++revisions;
    const before = this.#index.get(id)?.text;
    if (before !== undefined) this.#results.remove(id, before);
    this.#index.delete(id);
    this.#listings.delete(id);
    this.#renderings.delete(id);
  }

  /** The answer to a query, as JSON text. */
  answer(query: SuggestionQuery): string {
    let json = '{"data":[';
    let first = true;
    for (const hit of this.#find(query)) {
      const listing = this.#listings.get(hit.id);
      if (!listing) continue;
      const { head, tail } = this.#renderings.get(hit.id) ?? this.#render(hit, listing);
      json += `${first ? '' : ','}${head}${highlightsJson(hit, listing.nameLength)}${tail}`;
      first = false;
    }
    return `${json}]}`;
  }

  /** The answer to a search with filters, as JSON text. Throws `validation-failed` for a cursor of another list. */
  search(query: SearchQuery): string {
    return answerSearch(this.#results, this.#resultShelves, query);
  }

  close(): void {
    this.#index.close();
    this.#results.close();
  }

  #renderResult(id: string): string {
    const listing = this.#listings.get(id);
    const text = this.#index.get(id)?.text;
    // Both change together with the index that found it.
    if (!listing || text === undefined) throw new Error(`${id} is among the results and not in the index`);
    return (
      `{"id":${JSON.stringify(id)},"sku":${JSON.stringify(listing.sku)}` +
      `,"name":${JSON.stringify(text.slice(0, listing.nameLength))}${restOf(listing)}`
    );
  }

  #find(query: SuggestionQuery): Hit[] {
    const repeated = repeatedBeginning(query.q);
    const limit = repeated ? Math.max(LOOKED_OVER, query.limit) : query.limit;
    const hits = search(this.#index, query.q, { limit, ...this.#filter(query) });
    return repeated ? furtherWordsFirst(hits, repeated).slice(0, query.limit) : hits;
  }

  #filter(query: SuggestionQuery): { filter?: Filter } {
    const { category, 'price.gte': gte, 'price.lte': lte, inStock } = query;
    const priced = gte !== undefined || lte !== undefined;
    if (category === undefined && !priced && inStock === undefined) return {};
    const price = { ...(gte === undefined ? {} : { gte }), ...(lte === undefined ? {} : { lte }) };
    return {
      filter: {
        // Ids know no slash and paths no "cat_": what is neither finds nothing.
        ...(category === undefined ? {} : { category: this.#categoryIds.get(category) ?? category }),
        ...(priced ? { price } : {}),
        ...(inStock === undefined ? {} : { inStock }),
      },
    };
  }

  #render(hit: Hit, listing: Listing): Rendering {
    if (this.#renderings.size >= RENDERINGS) this.#renderings.clear();
    const text = JSON.stringify(hit.text.slice(0, listing.nameLength));
    const rendering = {
      head: `{"id":${JSON.stringify(hit.id)},"sku":${JSON.stringify(listing.sku)},"text":${text},"highlights":`,
      tail: restOf(listing),
    };
    this.#renderings.set(hit.id, rendering);
    return rendering;
  }
}

/** The tables of a projection that is being built. */
class Draft {
  readonly listings = new Map<string, Listing>();
  readonly shelves = new Map<string, Shelf>();
  readonly categoryIds = new Map<string, string>();
  /** Where each category with products stands, by its id: as its last product said. */
  readonly places = new Map<string, Shelf>();
  readonly refused = new Map<string, string>();
  readonly results: ResultsIndex;

  constructor(readonly currency: string) {
    this.results = new ResultsIndex(currency);
  }
}

/** The end of a product's JSON: what suggestions and results have in common. */
function restOf({ brand, shelf, amount, currency, image, inStock }: Listing): string {
  return (
    `,"brand":${JSON.stringify(brand)},"category":${shelf?.json ?? 'null'}` +
    `,"price":{"amount":${amount},"currency":${JSON.stringify(currency)}}` +
    `,"image":${JSON.stringify(image)},"inStock":${inStock}}`
  );
}

/** The entries of the active products, noted in the draft; with a `trial` index, only those that it takes. */
async function* entries(
  products: AsyncIterable<SearchableProduct>,
  draft: Draft,
  trial: Autocomplete | undefined,
): AsyncGenerator<Entry> {
  for await (const product of products) {
    if (product.status !== 'active' || draft.listings.has(product.id)) continue;
    const shelf = shelve(product, draft);
    const entry = toEntry(product, shelf);
    try {
      trial?.set(entry);
      trial?.delete(entry.id);
    } catch (error) {
      if (!(error instanceof Easy11Error)) throw error;
      draft.refused.set(product.id, error.message);
      continue;
    }
    draft.listings.set(product.id, toListing(product, shelf));
    draft.results.put(product, product.category?.id ?? null, entry.text, undefined);
    yield entry;
  }
}

/**
 * A product is found by its name and by its brand. The brand goes behind the name, where it cannot disturb what is
 * returned (the text up to nameLength), unless the name says it already.
 */
function toEntry(product: SearchableProduct, shelf: Shelf | undefined): Entry {
  const { id, name, brand, popularity, price, inStock } = product;
  const named = brand === null || name.toLowerCase().includes(brand.toLowerCase());
  const text = named ? name : `${name}\n${brand}`;
  return { id, text, weight: popularity, price: price.amount, inStock, ...(shelf ? { categories: shelf.ids } : {}) };
}

function toListing(product: SearchableProduct, shelf: Shelf | undefined): Listing {
  const { version, sku, name, brand, price, image, inStock } = product;
  const { amount, currency } = price;
  return { version, sku, nameLength: name.length, brand, shelf, currency, amount, image, inStock };
}

function shelve({ category }: SearchableProduct, { shelves, categoryIds, places }: Draft): Shelf | undefined {
  if (category === null) return undefined;
  const { id, path, name, ancestorIds } = category;
  const json = JSON.stringify({ id, path, name });
  const ids = [id, ...ancestorIds];
  const key = `${json}${ids.join()}`;
  let shelf = shelves.get(key);
  if (!shelf) {
    shelf = { ids, path, json };
    shelves.set(key, shelf);
    const slugs = path.split('/');
    [...ancestorIds, id].forEach((owner, depth) => categoryIds.set(slugs.slice(0, depth + 1).join('/'), owner));
  }
  places.set(id, shelf);
  return shelf;
}

function search(index: Autocomplete, query: string, options: Parameters<Autocomplete['search']>[1]): Hit[] {
  try {
    return index.search(query, options);
  } catch (error) {
    if (error instanceof Easy11Error && error.code === 'ERR_EASY11_EMPTY_QUERY') return [];
    throw error;
  }
}

/** Only what lies in the name: a match in the brand behind it has nothing to point at. */
function highlightsJson(hit: Hit, nameLength: number): string {
  let json = '[';
  for (const [start, end] of hit.highlights) {
    if (start >= nameLength) break;
    json += `${json.length > 1 ? ',' : ''}[${start},${Math.min(end, nameLength)}]`;
  }
  return `${json}]`;
}
