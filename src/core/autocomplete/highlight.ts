import { isPlain } from './analysis';
import { extendsCharacter, type Kind } from './fold';
import { isPlainWordCode, type QueryWord, type QueryWords } from './query-words';
import {
  type FoldedText,
  foldText,
  innerStarts,
  isJoiner,
  tokenise,
  WORD_LIMIT,
  wordBetween,
  wordParts,
} from './tokens';
import type { HighlightRange } from './types';

/** A word that a text is found by, and where it stands: source positions of a plain text, else folded ones. */
interface Place {
  readonly word: string;
  /** The first UTF-16 unit of `word`: comparing it first spares most comparisons of strings. */
  readonly first: number;
  readonly from: number;
  readonly to: number;
}

/** A text made ready for highlighting; worth keeping for texts that are often among the results. */
export interface Highlightable {
  readonly text: string;
  /** The words in order, then the extra words. */
  readonly places: readonly Place[];
  /** Null for a plain text, whose folded form has the same positions as itself. */
  readonly folded: FoldedText | null;
}

/** Finds the words of a text and where they stand. O(n). */
export function highlightable(text: string): Highlightable {
  if (isPlain(text)) return { text, places: plainPlaces(text), folded: null };
  const folded = foldText(text);
  const tokens = tokenise(folded);
  const place = (from: number, to: number): Place => placeOf(wordBetween(folded, from, to), from, to);
  const places = tokens.map((token) => place(token.from, token.to));
  for (const token of tokens) {
    for (const part of wordParts(token)) places.push(place(part.from, part.to));
    for (const inner of innerStarts(folded, token)) places.push(place(inner, token.to));
  }
  return { text, places, folded };
}

/**
 * What a query in 'words' mode matched in a text that it is known to match, in UTF-16 units: whole words for whole words,
 * the typed part for a prefix, and the whole of the likeliest word where it was misspelt. O(words of both), misspelt
 * words aside.
 */
export function highlightWords(target: Highlightable, query: QueryWords, slip: number): HighlightRange[] {
  const ranges: number[] = [];
  if (slip === 0) {
    for (const alternative of query) {
      if (markAll(target, alternative, ranges)) break;
      ranges.length = 0;
    }
  } else {
    for (const word of query.length === 1 ? (query[0] ?? []) : likeliest(target, query)) {
      if (!markExact(target, word, ranges)) markMisspelt(target, word, ranges);
    }
  }
  return merge(ranges);
}

/** What a query in 'prefix' mode matched: from the first word to the end of the typed part of the last, as one range. */
export function highlightPrefix(target: Highlightable, plan: string): HighlightRange[] {
  const words = plan.split(' ');
  const first = target.places[0];
  const last = target.places[words.length - 1];
  if (first === undefined || last === undefined) return [];
  return [[sourceStart(target, first), sourceEnd(target, last, (words[words.length - 1] as string).length)]];
}

function placeOf(word: string, from: number, to: number): Place {
  return { word, first: word.charCodeAt(0), from, to };
}

function plainPlaces(text: string): Place[] {
  const lower = text.toLowerCase();
  const places: Place[] = [];
  for (let at = 0; at < lower.length;) {
    if (!isPlainWordCode(lower.charCodeAt(at))) {
      at++;
      continue;
    }
    const from = at;
    while (at < lower.length && isPlainWordCode(lower.charCodeAt(at))) at++;
    places.push(placeOf(lower.slice(from, Math.min(at, from + WORD_LIMIT)), from, at));
  }
  return places;
}

function markAll(target: Highlightable, words: readonly QueryWord[], ranges: number[]): boolean {
  for (const word of words) if (!markExact(target, word, ranges)) return false;
  return true;
}

/** Marks every word of the text that the query word matches without a slip; false when there is none. */
function markExact(target: Highlightable, word: QueryWord, ranges: number[]): boolean {
  const { text, prefix } = word;
  const first = text.charCodeAt(0);
  let found = false;
  for (const place of target.places) {
    if (place.first !== first) continue;
    if (prefix ? !place.word.startsWith(text) : place.word !== text) continue;
    ranges.push(sourceStart(target, place), sourceEnd(target, place, text.length));
    found = true;
  }
  return found;
}

function markMisspelt(target: Highlightable, word: QueryWord, ranges: number[]): void {
  let best: Place | undefined;
  let least = Infinity;
  for (const place of target.places) {
    const slip = word.slipOf(place.word);
    if (slip >= least) continue;
    best = place;
    least = slip;
  }
  if (best !== undefined) ranges.push(sourceStart(target, best), sourceEnd(target, best, best.word.length));
}

/** The alternative that the text matches with the least slip. */
function likeliest({ places }: Highlightable, query: QueryWords): readonly QueryWord[] {
  let best: readonly QueryWord[] = [];
  let least = Infinity;
  for (const alternative of query) {
    let slip = 0;
    for (const word of alternative) slip += Math.min(...places.map((place) => word.slipOf(place.word)));
    if (slip >= least) continue;
    best = alternative;
    least = slip;
  }
  return best;
}

function sourceStart({ folded }: Highlightable, { from }: Place): number {
  return folded === null ? from : (folded.starts[from] as number);
}

/** Where the first `length` UTF-16 units of a word end in the source, whole characters with their marks. */
function sourceEnd({ folded, text }: Highlightable, place: Place, length: number): number {
  const whole = length >= place.word.length;
  if (folded === null) return whole ? place.to : place.from + length;
  let last = place.to - 1;
  if (!whole) {
    last = place.from;
    for (let rest = length; ; last++) {
      if (isJoiner(folded.kinds[last] as Kind)) continue;
      rest -= (folded.codes[last] as number) > 0xffff ? 2 : 1;
      if (rest <= 0) break;
    }
  }
  let end = folded.ends[last] as number;
  while (end < text.length && extendsCharacter(text.codePointAt(end) as number)) {
    end += (text.codePointAt(end) as number) > 0xffff ? 2 : 1;
  }
  return end;
}

/** Flat pairs in any order to ranges that ascend and neither overlap nor touch. Sorts in place: there are few. */
function merge(flat: number[]): HighlightRange[] {
  if (flat.length === 2) return [[flat[0] as number, flat[1] as number]];
  for (let i = 2; i < flat.length; i += 2) {
    const start = flat[i] as number;
    const end = flat[i + 1] as number;
    let at = i;
    for (; at > 0 && (flat[at - 2] as number) > start; at -= 2) {
      flat[at] = flat[at - 2] as number;
      flat[at + 1] = flat[at - 1] as number;
    }
    flat[at] = start;
    flat[at + 1] = end;
  }
  const result: HighlightRange[] = [];
  for (let i = 0; i < flat.length;) {
    const start = flat[i] as number;
    let end = flat[i + 1] as number;
    for (i += 2; i < flat.length && (flat[i] as number) <= end; i += 2) end = Math.max(end, flat[i + 1] as number);
    result.push([start, end]);
  }
  return result;
}
