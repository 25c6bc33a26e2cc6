import { Easy11Error } from '../errors';
import { show } from '../show';
import { ALTERNATIVE, planPhrase, planWords } from './analysis';
import type { Synonym } from './types';
import { isWellFormed, LIMITS } from './validate';

/** Most ways to read one query. Past it, later replacements are left out: no answer is wrong, one might be missing. */
const MOST_ALTERNATIVES = 32;

type Words = readonly string[];

interface Rule {
  readonly from: Words;
  readonly to: readonly Words[];
}

/**
 * Synonyms as further alternatives of a query's plan: wherever the words of a phrase stand side by side in the query, the
 * words of its synonyms may stand instead. The engines need not know of them, so both backends agree by construction.
 */
export class Synonyms {
  /** By first word. */
  readonly #rules = new Map<string, Rule[]>();

  /** Throws ERR_EASY11_INVALID_OPTION for what is no synonym. O(list). */
  constructor(list: readonly Synonym[]) {
    if (!Array.isArray(list)) refuse(`Synonyms must be an array, not ${show(list)}`);
    for (const synonym of list as readonly Synonym[]) {
      if (Array.isArray(synonym)) {
        const phrases = checkPhrases(synonym, 2);
        phrases.forEach((from, i) => this.#add(from, phrases.filter((_, j) => j !== i).flat()));
      } else if (typeof synonym === 'object' && synonym !== null && 'from' in synonym) {
        const { from, to } = synonym;
        const phrases = checkPhrases(typeof to === 'string' ? [to] : to, 1);
        this.#add(checkPhrase(from), phrases.flat());
      } else {
        refuse(`A synonym must be an array of phrases or { from, to }, not ${show(synonym)}`);
      }
    }
  }

  get empty(): boolean {
    return this.#rules.size === 0;
  }

  /** The plan of a query with its synonyms, null when it has none. O(words × rules of a word + what comes out). */
  plan(query: string): string | null {
    const plan = planWords(query);
    if (plan === '') return null;
    const alternatives = plan.split(ALTERNATIVE);
    const all = new Set(alternatives);
    for (const alternative of alternatives) this.#expand(alternative.split(' '), all);
    return all.size === alternatives.length ? null : [...all].join(ALTERNATIVE);
  }

  #add(ways: readonly Words[], to: readonly Words[]): void {
    for (const way of ways) {
      const from = way.map(withoutMark);
      const first = from[0] as string;
      const rules = this.#rules.get(first) ?? [];
      rules.push({ from, to });
      this.#rules.set(first, rules);
    }
  }

  /** Breadth first, so that what replaces least comes first. What was put in is not replaced again. */
  #expand(words: Words, all: Set<string>): void {
    let partial: { readonly done: Words; readonly next: number }[] = [{ done: [], next: 0 }];
    while (partial.length > 0) {
      const longer: typeof partial = [];
      for (const { done, next } of partial) {
        for (let at = next; at < words.length; at++) {
          for (const { from, to } of this.#rules.get(withoutMark(words[at] as string)) ?? []) {
            if (!from.every((word, i) => at + i < words.length && word === withoutMark(words[at + i] as string)))
              continue;
            for (const replacement of to) {
              const end = at + from.length;
              const start = [...done, ...words.slice(next, at), ...replacement];
              if (all.size >= MOST_ALTERNATIVES) return;
              all.add([...start, ...words.slice(end)].join(' '));
              longer.push({ done: start, next: end });
            }
          }
        }
      }
      partial = longer;
    }
  }
}

function withoutMark(word: string): string {
  return word.endsWith('*') ? word.slice(0, -1) : word;
}

function refuse(message: string): never {
  throw new Easy11Error('ERR_EASY11_INVALID_OPTION', message);
}

function checkPhrases(phrases: readonly string[], least: number): (readonly Words[])[] {
  if (!Array.isArray(phrases) || phrases.length < least) {
    refuse(`A synonym needs ${least === 1 ? 'a phrase' : 'two phrases or more'}, not ${show(phrases)}`);
  }
  return (phrases as readonly string[]).map(checkPhrase);
}

function checkPhrase(phrase: string): readonly Words[] {
  if (typeof phrase !== 'string' || phrase.length > LIMITS.QUERY || !isWellFormed(phrase)) {
    refuse(`A phrase must be a well-formed string of at most ${LIMITS.QUERY} UTF-16 units, not ${show(phrase)}`);
  }
  const ways = planPhrase(phrase);
  if (ways.length === 0) refuse(`A phrase needs a letter or a digit; ${show(phrase)} has none`);
  return ways;
}
