import { ALTERNATIVE, planWords } from '../../../core/autocomplete/analysis';
import type { SearchableProduct } from '../../catalogue';
import type { Question, Selection } from './conditions';
import { ProductRows } from './product-rows';
import { Ranges } from './ranges';
import { scanMatches } from './scan';
import type { Matches, TextMatches } from './text-matches';
import { TextSearch, type PlannedWord } from './text-search';
import { WordIndex, wordsOf } from './word-index';

/** What is kept of a product beside its columns. */
type Indexed = Pick<SearchableProduct, 'id' | 'brand' | 'popularity' | 'price' | 'inStock'>;

/** A text is looked up anew only where it changed: paging and filters ask for the same one again and again. */
const TEXTS_KEPT = 16;

/** So many matches of a text are filtered and counted by the RangeIndex; fewer are looked at one by one here. */
const MANY = 512;

/**
 * All products that match a text and filters, with exact counts: a word index gives every row that matches the text, a
 * RangeIndex the rest; a scan over the columns of the rows, where these are few. Everything here is synchronous but for the build.
 */
export class ResultsIndex {
  readonly products = new ProductRows();
  readonly #words = new WordIndex();
  readonly #text = new TextSearch(this.#words);
  #ranges: Ranges | undefined;
  readonly #found = new Map<string, TextMatches>();
  #everything: Matches | undefined;

  constructor(private readonly currency: string) {}

  /** Adds or replaces a product. `before` is the text that it was found by until now, if it was in here. */
  put(product: Indexed, categoryId: string | null, text: string, before: string | undefined): void {
    const { id, brand, popularity, price, inStock } = product;
    const row = this.products.put(id, {
      price: price.currency === this.currency ? price.amount : null,
      popularity,
      createdAt: createdAtOf(id),
      category: categoryId,
      brand,
      inStock,
    });
    this.#ranges?.put(row);
    this.#everything = undefined;
    if (before === text) return;
    this.#forget();
    if (before !== undefined) this.#words.remove(row, wordsOf(before));
    this.#words.add(row, wordsOf(text));
  }

  /** Removes a product that was found by `text`. */
  remove(id: string, text: string): void {
    const row = this.products.rowOf(id);
    if (row === undefined) return;
    this.products.remove(row);
    this.#ranges?.remove(row);
    this.#words.remove(row, wordsOf(text));
    this.#forget();
    this.#everything = undefined;
  }

  /** Ends the bulk build. Rejects when `signal` is aborted. */
  async finish(signal: AbortSignal): Promise<void> {
    await this.#words.finish(signal);
    this.#ranges = await Ranges.build(this.products, signal);
  }

  /** Every row that matches the words of a text, in any order, the last one as a prefix. */
  find(text: string): TextMatches {
    const kept = this.#found.get(text);
    if (kept) return kept;
    const matches = this.#text.find(plan(text), this.products.size);
    if (this.#found.size === TEXTS_KEPT) this.#forget();
    this.#found.set(text, matches);
    return matches;
  }

  /** What the conditions leave of these matches; of all products, when there are none given. */
  select(matches: TextMatches | undefined, question: Question): Selection {
    if (matches && matches.size < MANY) return scanMatches(this.products, matches, question);
    const selection = this.#ranges?.select(question, matches);
    return selection ?? scanMatches(this.products, matches ?? this.#all(), question);
  }

  /** How many rows have the words of a text as they are spelt, the last one as a prefix. */
  countExactly(text: string): number {
    return this.#text.findExactly(plan(text), this.products.size).size;
  }

  /** The words that one was most likely meant to be, likeliest first: itself alone, where it is known; none, where none is. */
  spellings({ text, prefix }: PlannedWord): string[] {
    const known = this.#words.posting(text) ?? (prefix ? this.#words.beginningWith(text).next().value : undefined);
    return known ? [text] : this.#words.meantBy(text, prefix).map(({ word }) => word);
  }

  /** Whether every browse is a scan: there are more brands or categories than a RangeIndex holds. */
  get scansAll(): boolean {
    return this.#ranges?.usable === false;
  }

  close(): void {
    this.#words.close();
    this.#ranges?.close();
  }

  #forget(): void {
    for (const matches of this.#found.values()) matches.release();
    this.#found.clear();
  }

  #all(): Matches {
    if (this.#everything) return this.#everything;
    const rows = new Uint32Array(this.products.live);
    let at = 0;
    for (let row = 0; row < this.products.size; row++) if (this.products.holds(row)) rows[at++] = row;
    this.#everything = { rows, tiers: new Uint8Array(rows.length) };
    return this.#everything;
  }
}

/** Of a longer text the first words count: who pastes a page means its beginning, and every word costs a search of its own. */
export const MOST_WORDS = 32;

/** The first words of a query, none twice; a compound gives an alternative in parts. */
export function plan(text: string): PlannedWord[][] {
  const planned = planWords(text);
  if (planned === '') return [];
  return planned.split(ALTERNATIVE).map((alternative) =>
    [...new Set(alternative.split(' '))].slice(0, MOST_WORDS).map((word) => {
      const prefix = word.endsWith('*');
      return { text: prefix ? word.slice(0, -1) : word, prefix };
    }),
  );
}

/** When a product was made, in milliseconds since the epoch: its id says so (UUIDv7). 0 for an id of another kind. */
export function createdAtOf(id: string): number {
  const hex = /^prd_([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id);
  return hex ? parseInt(`${hex[1]}${hex[2]}`, 16) : 0;
}
