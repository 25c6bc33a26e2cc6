import { Autocomplete } from '../../../core';
import { ALTERNATIVE, analyseFully } from '../../../core/autocomplete/analysis';
import { QueryWord } from '../../../core/autocomplete/query-words';
import { slipBudget } from '../../../core/autocomplete/slips';
import { RowSet } from './row-set';

/** A word that somebody may have meant: how unlikely the slip is (src/core/autocomplete/slips.ts), and who has the word. */
export interface Meant {
  readonly word: string;
  readonly slip: number;
  readonly posting: RowSet;
}

/** Most words that one misspelt word is taken for. */
const MOST_MEANT = 20;
/** Words that begin with what was typed come before misspelt ones: so many are looked through. */
const LOOKED_THROUGH = 200;

/** Beginnings of at most so many letters have their rows ready: what begins so are thousands of words. */
const SHORT = 2;

/** The words of a text as suggestions know them too: folded, compounds whole and in parts. */
export const wordsOf = (text: string): string[] => [
  ...new Set(analyseFully(text).replace(ALTERNATIVE, ' ').split(' ').filter(Boolean)),
];

/**
 * An inverted index over rows: every word with its rows, the vocabulary in order for prefixes, the rows of every beginning of
 * one or two letters, and an index of the words themselves that knows about slips of the keyboard. A change of a text costs its
 * words times a copy of their postings.
 */
export class WordIndex {
  readonly #postings = new Map<string, RowSet>();
  readonly #beginnings = new Map<string, RowSet>();
  /** In order of UTF-16 units. */
  #vocabulary: string[] = [];
  #spelling = new Autocomplete();
  #building = true;

  /** Takes all words of a row. Rows may be added out of order only after `finish`. */
  add(row: number, words: readonly string[]): void {
    for (const beginning of beginningsOf(words)) {
      let rows = this.#beginnings.get(beginning);
      if (!rows) this.#beginnings.set(beginning, (rows = new RowSet()));
      rows.add(row);
    }
    for (const word of words) {
      let posting = this.#postings.get(word);
      if (!posting) {
        posting = new RowSet();
        this.#postings.set(word, posting);
        if (!this.#building) this.#learn(word);
      }
      posting.add(row);
    }
  }

  /** Forgets a row, with all words that it was added with. */
  remove(row: number, words: readonly string[]): void {
    for (const beginning of beginningsOf(words)) {
      const rows = this.#beginnings.get(beginning);
      rows?.remove(row);
      if (rows?.size === 0) this.#beginnings.delete(beginning);
    }
    for (const word of words) {
      const posting = this.#postings.get(word);
      posting?.remove(row);
      if (posting?.size === 0) this.#forget(word);
    }
  }

  /** Ends the bulk build: puts the vocabulary in order and learns its spelling. Rejects when `signal` is aborted. */
  async finish(signal: AbortSignal): Promise<void> {
    this.#vocabulary = [...this.#postings.keys()].sort();
    const entries = Array.from(this.#postings, ([word, { size }]) => ({ id: word, text: word, weight: size }));
    const spelling = await Autocomplete.build(entries, { signal });
    this.#spelling.close();
    this.#spelling = spelling;
    this.#building = false;
  }

  posting(word: string): RowSet | undefined {
    return this.#postings.get(word);
  }

  /** Every word that begins so, the prefix itself among them. O(log vocabulary + words found). */
  *beginningWith(prefix: string): Generator<readonly [string, RowSet]> {
    for (let at = this.#place(prefix); at < this.#vocabulary.length; at++) {
      const word = this.#vocabulary[at] as string;
      if (!word.startsWith(prefix)) return;
      const posting = this.#postings.get(word);
      if (posting) yield [word, posting];
    }
  }

  /** Whether `startingWith` answers for a beginning. */
  isShort(beginning: string): boolean {
    return beginning.length <= SHORT;
  }

  /** The rows that have a word with a short beginning; undefined when there are none. O(1). */
  startingWith(beginning: string): RowSet | undefined {
    return this.#beginnings.get(beginning);
  }

  /** Words that may have been meant by a misspelt one, likeliest first; with `prefix`, by the beginning of one. */
  meantBy(typed: string, prefix: boolean): Meant[] {
    if (slipBudget([...typed].length) === 0) return [];
    const measure = new QueryWord(typed, prefix);
    return this.#spelling
      .search(typed, { limit: LOOKED_THROUGH, highlight: false })
      .flatMap(({ id, slip: asBeginning }): Meant[] => {
        const posting = this.#postings.get(id);
        // A search takes its last word for a beginning: what it says of that need not be worked out again.
        const slip = prefix ? asBeginning : measure.slipOf(id);
        return posting && slip > 0 && slip < Infinity ? [{ word: id, slip, posting }] : [];
      })
      .sort((a, b) => a.slip - b.slip || b.posting.size - a.posting.size || (a.word < b.word ? -1 : 1))
      .slice(0, MOST_MEANT);
  }

  close(): void {
    this.#spelling.close();
  }

  #learn(word: string): void {
    this.#vocabulary.splice(this.#place(word), 0, word);
    this.#spelling.set({ id: word, text: word, weight: 1 });
  }

  #forget(word: string): void {
    this.#postings.delete(word);
    if (this.#building) return;
    const at = this.#place(word);
    if (this.#vocabulary[at] === word) this.#vocabulary.splice(at, 1);
    this.#spelling.delete(word);
  }

  /** The first place in the vocabulary whose word is not before `word`. */
  #place(word: string): number {
    let low = 0;
    let high = this.#vocabulary.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#vocabulary[middle] as string) < word) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function beginningsOf(words: readonly string[]): Set<string> {
  const all = new Set<string>();
  for (const word of words)
    for (let length = 1; length <= Math.min(SHORT, word.length); length++) all.add(word.slice(0, length));
  return all;
}
