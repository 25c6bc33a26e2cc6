import type { ResultsIndex } from './results-index';
import { plan } from './results-index';
import type { TextMatches } from './text-search';

/** Another text to search for, and how many products it finds without filters. */
export interface OtherWords {
  readonly q: string;
  readonly reason: 'spelling' | 'fewer-words';
  readonly total: number;
}

const MOST = 3;
/** Words beyond these are not left out one by one: who pasted a page is not helped that way. */
const MOST_WORDS = 8;

/**
 * What to search for instead: the spelling that found something, when only misspelt words did; the same with a word less,
 * when nothing did. Only what finds something, most first.
 */
export function otherWords(index: ResultsIndex, text: string, matches: TextMatches): OtherWords[] {
  if (matches.rows.length > 0 && !matches.slips) return [];
  const words = (plan(text)[0] ?? []).slice(0, MOST_WORDS);
  const spelt = words.map(({ text: word, prefix }) => index.spell(word, prefix));
  const asked = words.map(({ text: word }) => word).join(' ');
  const spelling = found(index, spelt, 'spelling', asked);
  if (matches.rows.length > 0 || spelling.length > 0) return spelling;
  const shorter = spelt.flatMap((_, left) =>
    found(
      index,
      spelt.filter((_word, at) => at !== left),
      'fewer-words',
      asked,
    ),
  );
  const single = shorter.length > 0 ? shorter : spelt.flatMap((word) => found(index, [word], 'fewer-words', asked));
  const unlike = new Map(single.map((one) => [one.q, one]));
  return [...unlike.values()].sort((a, b) => b.total - a.total).slice(0, MOST);
}

function found(
  index: ResultsIndex,
  words: readonly string[],
  reason: OtherWords['reason'],
  asked: string,
): OtherWords[] {
  const q = words.join(' ');
  if (q === '' || q === asked) return [];
  const { rows, slips } = index.find(q);
  return rows.length > 0 && !slips ? [{ q, reason, total: rows.length }] : [];
}
