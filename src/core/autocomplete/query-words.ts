import { ALTERNATIVE } from './analysis';
import { slipBudget, slipCost } from './slips';
import { WORD_LIMIT } from './tokens';

/** One word of a plan. */
export class QueryWord {
  readonly text: string;
  readonly prefix: boolean;
  #typed: readonly number[] | undefined;
  /** The hits of one search share most of their words. */
  #slips: Map<string, number> | undefined;

  constructor(text: string, prefix: boolean) {
    this.text = text;
    this.prefix = prefix;
  }

  /** The slip of this word if `target` was meant (slips.ts), Infinity when it cannot have been. */
  slipOf(target: string): number {
    this.#slips ??= new Map();
    let slip = this.#slips.get(target);
    if (slip === undefined) {
      this.#typed ??= codePoints(this.text);
      const budget = slipBudget(this.#typed.length);
      const codes = codePoints(target);
      slip = mayBeMeant(this.#typed, codes, budget, this.prefix)
        ? slipCost(this.#typed, codes, budget, this.prefix)
        : Infinity;
      this.#slips.set(target, slip);
    }
    return slip;
  }
}

/** Alternatives of a query; a text matches one when it matches every word of it. */
export type QueryWords = readonly (readonly QueryWord[])[];

/** Reads a plan of 'words' mode. O(n). */
export function parsePlan(plan: string): QueryWords {
  return plan.split(ALTERNATIVE).map((alternative) =>
    alternative.split(' ').map((word) => {
      const prefix = word.endsWith('*');
      return new QueryWord(prefix ? word.slice(0, -1) : word, prefix);
    }),
  );
}

/** The same for a plain query (see analysis.ts) without the way through a plan: this runs on every keystroke. O(n). */
export function plainQueryWords(query: string): QueryWords {
  const lower = query.toLowerCase();
  const words: QueryWord[] = [];
  let end = lower.length;
  // From the end, because the last word is the prefix.
  while (end > 0) {
    while (end > 0 && !isPlainWordCode(lower.charCodeAt(end - 1))) end--;
    let start = end;
    while (start > 0 && isPlainWordCode(lower.charCodeAt(start - 1))) start--;
    if (start < end) {
      words.push(new QueryWord(lower.slice(start, Math.min(end, start + WORD_LIMIT)), words.length === 0));
    }
    end = start;
  }
  return [words.reverse()];
}

/** a-z and 0-9. */
export function isPlainWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57);
}

const counts = new Int8Array(64);

/**
 * A cheap necessary condition, which spares nearly all words the measure itself: each edit accounts for one letter that
 * the target lacks, and for one of the difference in length. O(length of both).
 */
function mayBeMeant(typed: readonly number[], target: readonly number[], budget: number, prefix: boolean): boolean {
  const longer = typed.length - target.length;
  if (longer > budget || (!prefix && -longer > budget)) return false;
  // Of a longer word only its beginning can have been meant by a prefix.
  const end = Math.min(target.length, typed.length + budget);
  let missing = 0;
  // Letters that share a place are taken for the same, which errs on the side of the measure.
  for (let i = 0; i < end; i++) bump(target[i] as number, 1);
  for (const code of typed) if (bump(code, -1) < 0) missing++;
  counts.fill(0);
  return missing <= budget;
}

function bump(code: number, by: number): number {
  return (counts[code & 63] = (counts[code & 63] as number) + by);
}

function codePoints(word: string): number[] {
  const codes: number[] = [];
  for (const character of word) codes.push(character.codePointAt(0) as number);
  return codes;
}
