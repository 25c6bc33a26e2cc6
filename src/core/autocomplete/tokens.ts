import { foldCodePoint, Kind } from './fold';

/** Words are cut to this many code points, in texts and in queries alike. */
export const WORD_LIMIT = 64;

/** A text after folding: its code points, and for each of them the UTF-16 span of the character that it came from. */
export interface FoldedText {
  readonly source: string;
  readonly codes: readonly number[];
  readonly kinds: readonly Kind[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** Part of a compound: "shirt" in "t-shirt". Positions are indices into the folded text. */
export interface Part {
  readonly from: number;
  readonly to: number;
  /** One side of it is an apostrophe: a single letter there ("women's") is no word of its own. */
  readonly atApostrophe: boolean;
}

/** A word of a text or query: a run of word characters of one class, or a compound of such runs. */
export interface Token {
  readonly from: number;
  readonly to: number;
  /** Its script puts no spaces between words. */
  readonly unspaced: boolean;
  /** Of a compound; empty for a simple word. */
  readonly parts: readonly Part[];
}

/** Folds a text and remembers where everything came from. O(n). */
export function foldText(source: string): FoldedText {
  const codes: number[] = [];
  const kinds: Kind[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (let start = 0; start < source.length;) {
    const code = source.codePointAt(start) as number;
    const end = start + (code > 0xffff ? 2 : 1);
    const folded = foldCodePoint(code);
    for (let i = 0; i < folded.codes.length; i++) {
      codes.push(folded.codes[i] as number);
      kinds.push(folded.kinds[i] as Kind);
      starts.push(start);
      ends.push(end);
    }
    start = end;
  }
  return { source, codes, kinds, starts, ends };
}

/**
 * The words of a folded text in order. A joiner (apostrophe or hyphen) strictly between two word characters of one class
 * makes a compound; a change between spaced and unspaced scripts splits; everything else separates. O(n).
 */
export function tokenise(text: FoldedText): Token[] {
  const { kinds } = text;
  const tokens: Token[] = [];
  let at = 0;
  while (at < kinds.length) {
    if (!isWord(kinds[at])) {
      at++;
      continue;
    }
    const from = at;
    const unspaced = kinds[at] === Kind.UNSPACED;
    const parts: Part[] = [];
    let partFrom = at;
    let leftApostrophe = false;
    for (at++; at < kinds.length; at++) {
      const kind = kinds[at] as Kind;
      if (continues(kind, unspaced)) continue;
      if (!isJoiner(kind) || !continues(kinds[at + 1], unspaced)) break;
      const apostrophe = kind === Kind.APOSTROPHE;
      parts.push({ from: partFrom, to: at, atApostrophe: leftApostrophe || apostrophe });
      leftApostrophe = apostrophe;
      partFrom = at + 1;
    }
    if (parts.length > 0) parts.push({ from: partFrom, to: at, atApostrophe: leftApostrophe });
    tokens.push({ from, to: at, unspaced, parts });
  }
  return tokens;
}

/** The word between two folded positions: joiners left out, cut to the limit. */
export function wordBetween(text: FoldedText, from: number, to: number): string {
  let word = '';
  let length = 0;
  for (let i = from; i < to && length < WORD_LIMIT; i++) {
    if (isJoiner(text.kinds[i] as Kind)) continue;
    word += String.fromCodePoint(text.codes[i] as number);
    length++;
  }
  return word;
}

/** The parts of a compound that are words of their own. */
export function wordParts(token: Token): Part[] {
  return token.parts.filter((part) => !part.atApostrophe || part.to - part.from >= 2);
}

/** Where, inside a run of an unspaced script, a word may begin: at every letter but the first. */
export function innerStarts(text: FoldedText, token: Token): number[] {
  const starts: number[] = [];
  if (!token.unspaced) return starts;
  for (let i = token.from + 1; i < token.to; i++) if (text.kinds[i] === Kind.UNSPACED) starts.push(i);
  return starts;
}

export function isJoiner(kind: Kind): boolean {
  return kind === Kind.APOSTROPHE || kind === Kind.HYPHEN;
}

function isWord(kind: Kind | undefined): boolean {
  return kind === Kind.LETTER || kind === Kind.UNSPACED || kind === Kind.ATTACHED;
}

function continues(kind: Kind | undefined, unspaced: boolean): boolean {
  return kind === Kind.ATTACHED || kind === (unspaced ? Kind.UNSPACED : Kind.LETTER);
}
