import { analyseFully, planPrefix, planWords } from '../../src/core/autocomplete/analysis';
import { slipBudget, slipCost } from '../../src/core/autocomplete/slips';
import type { Entry, Filter, SearchOptions } from '../../src/core/autocomplete/types';

/** Jest looks globals up slowly, and the loops below ask for this one millions of times. */
const NO_MATCH = Infinity;

/** The part of a hit that says whether an answer is right. */
export interface Answer {
  readonly id: string;
  readonly slip: number;
}

interface Known {
  readonly entry: Entry;
  /** The words of the text in order, joined by spaces. */
  readonly start: string;
  /** Every word that the text is found by. */
  readonly words: readonly string[];
}

/**
 * What an Autocomplete must answer, by looking at every entry: plain, slow and short enough to be checked by eye. It
 * shares the analysis of texts with the library (which the table tests in unicode.test.ts hold to its promises) and
 * the measure of slips (held by slips.test.ts), and nothing else.
 */
export class BruteForce {
  readonly #known = new Map<string, Known>();
  /** By rank; undefined when it must be sorted again. */
  #ranked: readonly Known[] | undefined;

  constructor(entries: Iterable<Entry> = []) {
    for (const entry of entries) this.set(entry);
  }

  get size(): number {
    return this.#known.size;
  }

  get(id: string): Entry | undefined {
    return this.#known.get(id)?.entry;
  }

  set(entry: Entry): boolean {
    const [start = '', extra = ''] = analyseFully(entry.text).split('\u0001');
    const words = [...new Set(`${start} ${extra}`.split(' ').filter((word) => word !== ''))];
    const isNew = !this.#known.has(entry.id);
    this.#known.set(entry.id, { entry, start, words });
    this.#ranked = undefined;
    return isNew;
  }

  setWeight(id: string, weight: number): boolean {
    const known = this.#known.get(id);
    if (known === undefined) return false;
    this.#known.set(id, { ...known, entry: { ...known.entry, weight } });
    this.#ranked = undefined;
    return true;
  }

  delete(id: string): boolean {
    this.#ranked = undefined;
    return this.#known.delete(id);
  }

  search(query: string, options: SearchOptions = {}): Answer[] {
    const { limit = 10, fuzzy = true, match = 'words', filter = {} } = options;
    this.#ranked ??= [...this.#known.values()].sort((a, b) => byRank(a.entry, b.entry));
    const slipOf = match === 'prefix' ? prefixMatcher(query) : wordsMatcher(query, fuzzy);
    const exactOnly = match === 'prefix' || !fuzzy;
    const answers: Answer[] = [];
    for (const known of this.#ranked) {
      if (!passes(known.entry, filter)) continue;
      const slip = slipOf(known);
      if (slip < NO_MATCH) answers.push({ id: known.entry.id, slip });
      // The entries come by rank, so without misspelt ones the first found are the answer.
      if (exactOnly && answers.length === limit) return answers;
    }
    // Sorting is stable: entries of one slip stay in order of rank.
    return answers.sort((a, b) => a.slip - b.slip).slice(0, limit);
  }
}

/** Larger weight first, then smaller id by code points. */
export function byRank(a: Entry, b: Entry): number {
  return b.weight - a.weight || compareCodePoints(a.id, b.id);
}

export function compareCodePoints(a: string, b: string): number {
  const [left, right] = [codePoints(a), codePoints(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return (left[i] as number) - (right[i] as number);
  }
  return left.length - right.length;
}

export function passes(entry: Entry, filter: Filter): boolean {
  const { category, price, inStock } = filter;
  if (category !== undefined) {
    const wanted = typeof category === 'string' ? [category] : category;
    if (!(entry.categories ?? []).some((has) => wanted.includes(has))) return false;
  }
  if (price?.gte !== undefined && !((entry.price ?? NaN) >= price.gte)) return false;
  if (price?.lte !== undefined && !((entry.price ?? NaN) <= price.lte)) return false;
  return inStock === undefined || (entry.inStock ?? false) === inStock;
}

function prefixMatcher(query: string): (known: Known) => number {
  const plan = planPrefix(query);
  return ({ start }) => (start.startsWith(plan) ? 0 : NO_MATCH);
}

function wordsMatcher(query: string, fuzzy: boolean): (known: Known) => number {
  const alternatives = planWords(query)
    .split('\u0001')
    .map((alternative) => alternative.split(' ').map((word) => wordMatcher(word, fuzzy)));
  return ({ words }) => {
    let least = NO_MATCH;
    for (const matchers of alternatives) {
      const slip = slipOfAll(matchers, words);
      if (slip < least) least = slip;
    }
    return least;
  };
}

/** The sum, over the words of a query, of the least slip against any word of a text. */
function slipOfAll(matchers: readonly ((word: string) => number)[], words: readonly string[]): number {
  let sum = 0;
  for (const matcher of matchers) {
    let least = NO_MATCH;
    for (const word of words) {
      const slip = matcher(word);
      if (slip < least) least = slip;
    }
    if (least === NO_MATCH) return NO_MATCH;
    sum += least;
  }
  return sum;
}

/** The slip of a plan's word against a word of a text, remembered by the latter. */
function wordMatcher(planned: string, fuzzy: boolean): (word: string) => number {
  const prefix = planned.endsWith('*');
  const text = prefix ? planned.slice(0, -1) : planned;
  const exact = prefix ? (word: string) => word.startsWith(text) : (word: string) => word === text;
  const typed = codePoints(text);
  const budget = fuzzy ? slipBudget(typed.length) : 0;
  if (budget === 0) return (word) => (exact(word) ? 0 : NO_MATCH);
  const remembered = new Map<string, number>();
  return (word) => {
    let slip = remembered.get(word);
    if (slip === undefined) {
      const target = codePoints(word);
      const tooShort = typed.length - target.length > budget;
      const tooLong = !prefix && target.length - typed.length > budget;
      slip = tooShort || tooLong ? NO_MATCH : slipCost(typed, target, budget, prefix);
      remembered.set(word, slip);
    }
    return slip;
  };
}

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0) as number);
}
