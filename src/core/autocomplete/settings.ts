import { Easy11Error } from '../errors';
import { type AutocompleteEngine, SearchFlag } from './engine';
import type { Filter, SearchOptions } from './types';
import { show } from '../show';
import { checkCategories, LIMITS } from './validate';

/** Search options after checks, as the engines take them. */
export interface SearchSettings {
  readonly limit: number;
  /** A sum of SearchFlag values. */
  readonly flags: number;
  readonly highlight: boolean;
}

const OPTIONS: ReadonlySet<string> = new Set([
  'limit',
  'filter',
  'fuzzy',
  'match',
  'highlight',
] satisfies (keyof SearchOptions)[]);
const CONDITIONS: ReadonlySet<string> = new Set(['category', 'price', 'inStock'] satisfies (keyof Filter)[]);

const DEFAULT_SETTINGS: SearchSettings = { limit: 10, flags: SearchFlag.FUZZY, highlight: true };

/**
 * Checks search options and tells the engine of the filter. It remembers the filter that the engine has, because the next
 * keystroke usually comes with the same one.
 */
export class SettingsReader {
  readonly #engine: AutocompleteEngine;
  #categories = '';
  #priceGte = -Infinity;
  #priceLte = Infinity;
  #inStock = -1;

  constructor(engine: AutocompleteEngine) {
    this.#engine = engine;
  }

  read(options: SearchOptions | undefined): SearchSettings {
    if (options === undefined) return DEFAULT_SETTINGS;
    if (typeof options !== 'object' || options === null) {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `Search options must be an object, not ${show(options)}`);
    }
    for (const name in options) {
      if (!OPTIONS.has(name)) {
        throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `There is no search option ${show(name)}`);
      }
    }
    const { limit = DEFAULT_SETTINGS.limit, fuzzy = true, match = 'words', highlight = true, filter } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > LIMITS.RESULTS) {
      throw new Easy11Error(
        'ERR_EASY11_INVALID_LIMIT',
        `limit must be an integer from 1 to ${LIMITS.RESULTS}, not ${show(limit)}`,
      );
    }
    if (typeof fuzzy !== 'boolean') {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `fuzzy must be a boolean, not ${show(fuzzy)}`);
    }
    if (match !== 'words' && match !== 'prefix') {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `match must be 'words' or 'prefix', not ${show(match)}`);
    }
    if (typeof highlight !== 'boolean') {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `highlight must be a boolean, not ${show(highlight)}`);
    }
    let flags: number = match === 'prefix' ? SearchFlag.PREFIX : fuzzy ? SearchFlag.FUZZY : 0;
    if (filter !== undefined && this.#applyFilter(filter)) flags += SearchFlag.FILTER;
    return { limit, flags, highlight };
  }

  /** Returns false when the filter has no condition. */
  #applyFilter(filter: Filter): boolean {
    if (typeof filter !== 'object' || filter === null) {
      throw new Easy11Error('ERR_EASY11_INVALID_FILTER', `filter must be an object, not ${show(filter)}`);
    }
    // A misspelt condition that is passed over would show what was to be hidden.
    for (const name in filter) {
      if (!CONDITIONS.has(name)) {
        throw new Easy11Error('ERR_EASY11_INVALID_FILTER', `There is no filter condition ${show(name)}`);
      }
    }
    const { category, price, inStock } = filter;
    const categories = category === undefined ? '' : checkFilterCategories(category);
    if (price !== undefined && (typeof price !== 'object' || price === null)) {
      throw new Easy11Error('ERR_EASY11_INVALID_FILTER', `price must be an object with gte or lte, not ${show(price)}`);
    }
    const priceGte = checkBound(price?.gte, -Infinity);
    const priceLte = checkBound(price?.lte, Infinity);
    if (inStock !== undefined && typeof inStock !== 'boolean') {
      throw new Easy11Error('ERR_EASY11_INVALID_FILTER', `inStock must be a boolean, not ${show(inStock)}`);
    }
    const stock = inStock === undefined ? -1 : Number(inStock);
    if (categories === '' && priceGte === -Infinity && priceLte === Infinity && stock === -1) return false;
    if (
      categories !== this.#categories ||
      priceGte !== this.#priceGte ||
      priceLte !== this.#priceLte ||
      stock !== this.#inStock
    ) {
      this.#engine.setFilter(categories, priceGte, priceLte, stock);
      this.#categories = categories;
      this.#priceGte = priceGte;
      this.#priceLte = priceLte;
      this.#inStock = stock;
    }
    return true;
  }
}

/** An empty list is refused: to one caller it means "anything", to another "nothing". */
function checkFilterCategories(category: string | readonly string[]): string {
  const list = typeof category === 'string' ? [category] : category;
  const categories = checkCategories(list, 'ERR_EASY11_INVALID_FILTER');
  if (categories === '') throw new Easy11Error('ERR_EASY11_INVALID_FILTER', 'category must name at least one category');
  return categories;
}

function checkBound(bound: number | undefined, absent: number): number {
  if (bound === undefined) return absent;
  if (typeof bound !== 'number' || !Number.isFinite(bound)) {
    throw new Easy11Error('ERR_EASY11_INVALID_FILTER', `A price bound must be a finite number, not ${show(bound)}`);
  }
  return bound;
}
