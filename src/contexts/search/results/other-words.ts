import { plan, type ResultsIndex } from './results-index';
import type { TextMatches } from './text-matches';

/** Another text to search for, and how many products it finds without filters. */
export interface OtherWords {
  readonly q: string;
  readonly reason: 'spelling' | 'fewer-words';
  readonly total: number;
}

const MOST = 3;
/** Who pasted a page is not helped by leaving out one word of it. */
const MOST_WORDS = 8;
/** Words that one misspelt word is replaced by in turn: the likeliest need not stand beside the other words of the text. */
const MOST_SPELLINGS = 3;
/** Spellings of a text that are looked for. */
const MOST_TRIES = 16;

/**
 * What to search for instead, when no product has the words as they are spelt: the likeliest spelling that some product has;
 * where there is none, the same with a word less. Only what finds something as it is spelt, most first.
 */
export function otherWords(index: ResultsIndex, text: string, matches: TextMatches): OtherWords[] {
  if (matches.exact > 0) return [];
  const offers = new Map<string, Offer>();
  const alternatives = plan(text).map((words) => ({
    asked: words.map((word) => word.text),
    meant: words.map((word) => index.spellings(word).slice(0, MOST_SPELLINGS)),
  }));
  for (const { asked, meant } of alternatives)
    for (const offer of respelt(index, asked, meant)) offers.set(offer.q, offer);
  // Where misspelt words found something, a text with a word less would find other things than were asked for.
  if (offers.size === 0 && matches.size === 0) {
    for (const { asked, meant } of alternatives)
      for (const offer of shortened(index, asked, meant)) offers.set(offer.q, offer);
  }
  return [...offers.values()]
    .sort((a, b) => b.exact - a.exact)
    .slice(0, MOST)
    .map(({ q, reason }) => ({ q, reason, total: index.find(q).size }))
    .sort((a, b) => b.total - a.total);
}

/** A text and how many products have its words as they are spelt. */
interface Offer {
  readonly q: string;
  readonly reason: OtherWords['reason'];
  readonly exact: number;
}

/** The first spelling that some product has: of each word the likeliest, then one of them replaced by its next. */
function respelt(index: ResultsIndex, asked: readonly string[], meant: readonly (readonly string[])[]): Offer[] {
  if (meant.some(({ length }) => length === 0)) return [];
  const likeliest = meant.map(([first]) => first as string);
  const others = meant.flatMap((words, at) => words.slice(1).map((word) => likeliest.with(at, word)));
  for (const words of [likeliest, ...others].slice(0, MOST_TRIES)) {
    const offer = words.join(' ') === asked.join(' ') ? undefined : offered(index, words, 'spelling');
    if (offer) return [offer];
  }
  return [];
}

/** The text without each of its words, at their likeliest; where that finds nothing either, each word alone. */
function shortened(index: ResultsIndex, asked: readonly string[], meant: readonly (readonly string[])[]): Offer[] {
  if (asked.length < 2) return [];
  const words = asked.map((word, at) => meant[at]?.[0] ?? word);
  const some = words.slice(0, MOST_WORDS);
  const without = some.flatMap((_, at) => offered(index, words.toSpliced(at, 1), 'fewer-words') ?? []);
  return without.length > 0 ? without : some.flatMap((word) => offered(index, [word], 'fewer-words') ?? []);
}

function offered(index: ResultsIndex, words: readonly string[], reason: OtherWords['reason']): Offer | undefined {
  const q = words.join(' ');
  const exact = index.countExactly(q);
  return exact > 0 ? { q, reason, exact } : undefined;
}
