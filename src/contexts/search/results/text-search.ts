import { BitPool } from './bit-pool';
import { countBits, type RowSet, setBit } from './row-set';
import {
  BEGUN,
  BegunMatches,
  ListedMatches,
  type Matches,
  NO_MATCHES,
  type TextMatches,
  WordMatches,
} from './text-matches';
import type { WordIndex } from './word-index';

/** A word of a query; the last one may be only begun. */
export interface PlannedWord {
  readonly text: string;
  readonly prefix: boolean;
}

/** With fewer exact matches than these, misspelt words are taken for others too. */
export const FEW = 12;
const LEAST_LIKELY = 200;
/** A word that is begun by one row in so many is matched as bits. */
const ROWS_PER_BIT = 64;
/** A row is looked up in a posting when the posting is so many times longer than the rows. */
const FAR_LONGER = 16;

/** One word of a query: the postings that would do, each with its tier, worst first. */
interface Term {
  readonly postings: readonly (readonly [tier: number, posting: RowSet])[];
  readonly size: number;
  /** Of a short beginning: all its rows, of which those in `postings` have the word whole. */
  readonly begun?: RowSet;
}

/** Finds all rows that have every word of a query, in one of its alternatives. */
export class TextSearch {
  /** Scratch: all zero between calls. */
  #bits = new Uint32Array(0);
  #marks = new Uint8Array(0);

  readonly #pool = new BitPool();

  constructor(private readonly words: WordIndex) {}

  /** `rows` is how many row numbers there are. O(postings of the words); O(1) for one or two letters. */
  find(alternatives: readonly (readonly PlannedWord[])[], rows: number): TextMatches {
    const exact = this.findExactly(alternatives, rows);
    if (exact.size >= FEW) return exact;
    const { rows: found, tiers } = this.#anyOf(alternatives, true);
    return found.length > exact.size ? new ListedMatches(found, tiers, exact.size) : exact;
  }

  /** The same without taking a word for another. */
  findExactly(alternatives: readonly (readonly PlannedWord[])[], rows: number): TextMatches {
    if (this.#marks.length < rows) {
      this.#marks = new Uint8Array(rows + (rows >>> 2));
      this.#bits = new Uint32Array((this.#marks.length >>> 5) + 1);
    }
    const [words, ...others] = alternatives;
    const alone = others.length === 0 && words?.length === 1 ? this.#oneWord(words[0] as PlannedWord, rows) : undefined;
    if (alone) return alone;
    const { rows: found, tiers } = this.#anyOf(alternatives, false);
    return found.length === 0 ? NO_MATCHES : new ListedMatches(found, tiers, found.length);
  }

  /** The matches of a single word: its rows as they are kept, or as bits, when many rows begin it. */
  #oneWord(word: PlannedWord, rows: number): TextMatches | undefined {
    const { begun, postings, size } = this.#term(word, false);
    const [only] = postings;
    if (!begun && only && postings.length === 1) return new WordMatches(only[1], only[0]);
    if (!word.prefix || size * ROWS_PER_BIT < rows) return undefined;
    const whole = this.words.posting(word.text);
    const ids = begun?.ids;
    if (ids) return 'bits' in ids ? new BegunMatches(this.#pool, ids.bits, whole, undefined, size) : undefined;
    if (postings.length === 0) return undefined;
    const bits = this.#pool.take(rows);
    for (const [, posting] of postings) posting.setIn(bits);
    return new BegunMatches(this.#pool, bits, whole, bits);
  }

  #anyOf(alternatives: readonly (readonly PlannedWord[])[], slips: boolean): Matches {
    const found = alternatives.map((words) => this.#allOf(words, slips)).filter(({ rows }) => rows.length > 0);
    if (found.length <= 1) return found[0] ?? NO_MATCHES;
    for (const { rows, tiers } of found) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number;
        const mark = (tiers[i] as number) + 1;
        const before = this.#marks[row] as number;
        if (before === 0 || mark < before) this.#mark(row, mark);
      }
    }
    return this.#collect();
  }

  #allOf(words: readonly PlannedWord[], slips: boolean): Matches {
    const terms: Term[] = [];
    // Words that no product has come first: a single one that stands for nothing spares looking the others up.
    for (const word of words.toSorted((a, b) => this.#sizeOf(a) - this.#sizeOf(b))) {
      const term = this.#term(word, slips);
      if (term.size === 0) return NO_MATCHES;
      terms.push(term);
    }
    const [rarest, ...others] = terms.sort((a, b) => a.size - b.size);
    if (!rarest) return NO_MATCHES;
    let matches = this.#rowsOf(rarest);
    for (const term of others) {
      if (matches.rows.length === 0) break;
      matches = this.#narrow(matches, term);
    }
    return matches;
  }

  #sizeOf({ text }: PlannedWord): number {
    return this.words.posting(text)?.size ?? 0;
  }

  #term({ text, prefix }: PlannedWord, slips: boolean): Term {
    const whole = this.words.posting(text);
    // Too short for a slip.
    if (prefix && this.words.isShort(text)) {
      const begun = this.words.startingWith(text);
      return begun ? { postings: whole ? [[0, whole]] : [], size: begun.size, begun } : { postings: [], size: 0 };
    }
    const postings: [number, RowSet][] = [];
    if (slips) {
      for (const { slip, posting } of this.words.meantBy(text, prefix))
        postings.push([Math.min(BEGUN + slip, LEAST_LIKELY), posting]);
      // Worst first: what is written later counts.
      postings.reverse();
    }
    if (prefix) {
      for (const [word, posting] of this.words.beginningWith(text)) if (word !== text) postings.push([BEGUN, posting]);
    }
    if (whole) postings.push([0, whole]);
    return { postings, size: postings.reduce((sum, [, { size }]) => sum + size, 0) };
  }

  #rowsOf({ postings, begun }: Term): Matches {
    const [only] = postings;
    if (begun) {
      const rows = begun.toList();
      const tiers = new Uint8Array(rows.length);
      for (let i = 0; i < rows.length; i++) tiers[i] = only?.[1].has(rows[i] as number) ? 0 : BEGUN;
      return { rows, tiers };
    }
    if (postings.length === 1 && only) {
      const rows = only[1].toList();
      return { rows, tiers: new Uint8Array(rows.length).fill(only[0]) };
    }
    for (const [tier, posting] of postings) {
      posting.markIn(this.#marks, tier + 1);
      posting.setIn(this.#bits);
    }
    return this.#collect();
  }

  #narrow({ rows, tiers }: Matches, { postings, size, begun }: Term): Matches {
    const kept = new Uint32Array(rows.length);
    const keptTiers = new Uint8Array(rows.length);
    let count = 0;
    const keep = (i: number, tier: number): void => {
      kept[count] = rows[i] as number;
      keptTiers[count++] = Math.max(tiers[i] as number, tier);
    };
    const [only] = postings;
    if (begun) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number;
        if (begun.has(row)) keep(i, only?.[1].has(row) ? 0 : BEGUN);
      }
    } else if (postings.length === 1 && only && (only[1].isDense || size > FAR_LONGER * rows.length)) {
      for (let i = 0; i < rows.length; i++) if (only[1].has(rows[i] as number)) keep(i, only[0]);
    } else {
      // Lists are marked; what has a bit for each row is asked.
      const marks = this.#marks;
      const dense = postings.filter(([, posting]) => posting.isDense);
      const lists = postings.filter(([, posting]) => !posting.isDense);
      for (const [tier, posting] of lists) posting.markIn(marks, tier + 1);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i] as number;
        let mark = marks[row] as number;
        for (const [tier, posting] of dense) if ((mark === 0 || tier + 1 < mark) && posting.has(row)) mark = tier + 1;
        if (mark > 0) keep(i, mark - 1);
      }
      for (const [, posting] of lists) posting.markIn(marks, 0);
    }
    return { rows: kept.subarray(0, count), tiers: keptTiers.subarray(0, count) };
  }

  #mark(row: number, mark: number): void {
    this.#marks[row] = mark;
    setBit(this.#bits, row);
  }

  /** The marked rows in order; leaves the scratch as it was. */
  #collect(): Matches {
    const bits = this.#bits;
    const marks = this.#marks;
    const count = countBits(bits);
    const rows = new Uint32Array(count);
    const tiers = new Uint8Array(count);
    let next = 0;
    for (let at = 0; next < count; at++) {
      let word = bits[at] as number;
      if (word === 0) continue;
      bits[at] = 0;
      while (word !== 0) {
        const row = at * 32 + 31 - Math.clz32(word & -word);
        word &= word - 1;
        rows[next] = row;
        tiers[next++] = (marks[row] as number) - 1;
        marks[row] = 0;
      }
    }
    return { rows, tiers };
  }
}
