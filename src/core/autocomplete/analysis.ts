import { foldText, innerStarts, tokenise, WORD_LIMIT, wordBetween, wordParts } from './tokens';

/** ASCII without apostrophe, backtick, hyphen and DEL: text whose words the engines derive by themselves. */
const PLAIN = /^[\x00-&(-,.-_a-~]*$/; // eslint-disable-line no-control-regex -- control characters are plain separators

export const ALTERNATIVE = '\u0001';

/** Whether the engines derive this text's words by themselves. */
export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * What an engine needs to know of a text (the vocabulary is in engine.ts), or null when it is plain. O(n), except that a
 * run of n characters of an unspaced script gives n words of up to 64.
 */
export function analyse(text: string): string | null {
  return isPlain(text) ? null : analyseFully(text);
}

/** The analysis spelt out, for plain text too. */
export function analyseFully(text: string): string {
  const start: string[] = [];
  const extra = new Set<string>();
  for (const { whole, parts, inner } of wordsOf(text, true)) {
    start.push(whole);
    for (const part of parts) extra.add(part);
    for (const word of inner) extra.add(word);
  }
  if (extra.size > 0) for (const word of start) extra.delete(word);
  return start.join(' ') + ALTERNATIVE + [...extra].join(' ');
}

/**
 * The plan of a query in 'words' mode, '' when it has no word. The last word is a prefix, and so is every word of an
 * unspaced script, which is how it is found inside a longer run. A query with compounds has two alternatives: every
 * compound joined, and every compound split.
 */
export function planWords(query: string): string {
  const joined: string[] = [];
  const split: string[] = [];
  for (const { whole, parts, unspaced } of wordsOf(query, false)) {
    const mark = unspaced ? '*' : '';
    joined.push(whole + mark);
    if (parts.length === 0) split.push(whole + mark);
    for (const part of parts) split.push(part + mark);
  }
  if (joined.length === 0) return '';
  const first = lastAsPrefix(joined);
  const second = lastAsPrefix(split);
  return first === second ? first : first + ALTERNATIVE + second;
}

/** The plan of a query in 'prefix' mode, '' when it has no word: its words joined by spaces. */
export function planPrefix(query: string): string {
  return wordsOf(query, false)
    .map(({ whole }) => whole)
    .join(' ');
}

/**
 * The ways in which a phrase may be written in a plan of 'words' mode, none when it has no word: compounds joined, and
 * compounds split. Words of unspaced scripts have their '*'; no other has.
 */
export function planPhrase(phrase: string): readonly (readonly string[])[] {
  const joined: string[] = [];
  const split: string[] = [];
  for (const { whole, parts, unspaced } of wordsOf(phrase, false)) {
    const mark = unspaced ? '*' : '';
    joined.push(whole + mark);
    if (parts.length === 0) split.push(whole + mark);
    for (const part of parts) split.push(part + mark);
  }
  if (joined.length === 0) return [];
  return joined.length === split.length ? [joined] : [joined, split];
}

/** A word, its parts where it is a compound, and what begins inside it where its script puts no spaces between words. */
interface Word {
  readonly whole: string;
  readonly unspaced: boolean;
  readonly parts: readonly string[];
  readonly inner: readonly string[];
}

const SIMPLE = /^[A-Za-z0-9]+$/;
const NONE: readonly string[] = [];

/** No word reaches across a space, so most pieces between spaces are words as they stand and need no folding. */
function wordsOf(text: string, withInner: boolean): Word[] {
  const words: Word[] = [];
  for (const piece of text.split(' ')) {
    if (piece === '') continue;
    if (SIMPLE.test(piece)) {
      words.push({ whole: piece.toLowerCase().slice(0, WORD_LIMIT), unspaced: false, parts: NONE, inner: NONE });
      continue;
    }
    const folded = foldText(piece);
    for (const token of tokenise(folded)) {
      words.push({
        whole: wordBetween(folded, token.from, token.to),
        unspaced: token.unspaced,
        parts: wordParts(token).map((part) => wordBetween(folded, part.from, part.to)),
        inner: withInner ? innerStarts(folded, token).map((from) => wordBetween(folded, from, token.to)) : NONE,
      });
    }
  }
  return words;
}

function lastAsPrefix(words: readonly string[]): string {
  const plan = words.join(' ');
  return plan.endsWith('*') ? plan : plan + '*';
}
