/**
 * Folding: what makes "Crème BRÛLÉE", "creme brulee" and the full-width form of either the same words.
 * It works code point by code point (fold(a + b) = fold(a) + fold(b)), so that a position in folded text can always be led
 * back to the characters it came from: NFKD, lower case, a table of letters that do not decompose, and the removal of
 * marks and invisible characters. Sources: Unicode TR15 (normalisation), TR10 and CLDR root collation for the table.
 */

/** What a folded code point is to the tokeniser. */
export const Kind = {
  /** Between words. */
  SEPARATOR: 0,
  /** A letter, digit or mark of a script that puts spaces between words. */
  LETTER: 1,
  /** A letter of a script without spaces between words. */
  UNSPACED: 2,
  /** Belongs to the character before it: a mark that is kept, or a vowel or final consonant of a Hangul syllable. */
  ATTACHED: 3,
  APOSTROPHE: 4,
  HYPHEN: 5,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export interface Folded {
  readonly codes: readonly number[];
  /** The kind of each of `codes`. */
  readonly kinds: readonly Kind[];
}

const APOSTROPHES = new Set(["'", '’', '‘', 'ʼ', '`', '´', '′', '＇'].map((character) => character.codePointAt(0)));
const HYPHENS = new Set(['-', '‐', '‑', '－'].map((character) => character.codePointAt(0)));

const LETTERS_WITHOUT_DECOMPOSITION = new Map([
  ['ß', 'ss'],
  ['ø', 'o'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['ł', 'l'],
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['þ', 'th'],
  ['ħ', 'h'],
  ['ı', 'i'],
  ['ŧ', 't'],
  ['ς', 'σ'],
]);

/** Marks that only decorate a letter, and characters that a reader does not see or type. Inclusive ranges. */
const DROPPED: readonly (readonly [number, number])[] = [
  [0xa9, 0xa9], // ©
  [0xad, 0xad], // soft hyphen
  [0xae, 0xae], // ®
  [0x300, 0x36f],
  [0x591, 0x5c7], // Hebrew points and accents
  [0x64b, 0x65f], // Arabic vowel signs
  [0x670, 0x670],
  [0x180b, 0x180d], // Mongolian variation selectors
  [0x180f, 0x180f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200c, 0x200d], // joiners that shape, not separate
  [0x20d0, 0x20ff],
  [0x2120, 0x2120], // ℠
  [0x2122, 0x2122], // ™
  [0xfe00, 0xfe0f], // variation selectors
  [0xfe20, 0xfe2f],
  [0xfeff, 0xfeff], // byte order mark
  [0xe0100, 0xe01ef],
];

const WORD = /[\p{L}\p{N}\p{M}]/u;
const MARK = /\p{M}/u;
const UNSPACED_SCRIPT =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

const NOTHING: Folded = { codes: [], kinds: [] };
const ASCII: readonly Folded[] = Array.from({ length: 128 }, (_, code) => foldAfresh(code));

/** The memo of characters beyond ASCII; it is emptied when it grows past this, so that hostile text cannot fill memory. */
const MEMO_LIMIT = 32_768;
const memo = new Map<number, Folded>();

/** Folds one code point. O(1) once it has been seen. */
export function foldCodePoint(code: number): Folded {
  if (code < 128) return ASCII[code] as Folded;
  let folded = memo.get(code);
  if (folded === undefined) {
    if (memo.size >= MEMO_LIMIT) memo.clear();
    folded = foldAfresh(code);
    memo.set(code, folded);
  }
  return folded;
}

/** Folds a text, separators kept as they are. Idempotent. */
export function fold(text: string): string {
  let result = '';
  for (const character of text)
    result += String.fromCodePoint(...foldCodePoint(character.codePointAt(0) as number).codes);
  return result;
}

/** Whether a reader takes this code point and the one before it for one character: it extends a highlight. */
export function extendsCharacter(code: number): boolean {
  if (code < 0x300) return false;
  if (code === 0x200c || code === 0x200d) return true;
  return isInsideSyllable(code) || MARK.test(String.fromCodePoint(code));
}

function foldAfresh(code: number): Folded {
  if (isDropped(code)) return NOTHING;
  // NFKD would take the apostrophe-like acute accent apart into a space and a mark.
  if (code === 0xb4 || code === 0x1ffd) return { codes: [0x27], kinds: [Kind.APOSTROPHE] };
  const codes: number[] = [];
  for (const part of String.fromCodePoint(code).normalize('NFKD')) {
    for (const lower of part.toLowerCase()) {
      for (const letter of LETTERS_WITHOUT_DECOMPOSITION.get(lower) ?? lower) {
        const folded = letter.codePointAt(0) as number;
        if (!isDropped(folded)) codes.push(folded);
      }
    }
  }
  return codes.length === 0 ? NOTHING : { codes, kinds: codes.map(kindOf) };
}

function kindOf(code: number): Kind {
  if (APOSTROPHES.has(code)) return Kind.APOSTROPHE;
  if (HYPHENS.has(code)) return Kind.HYPHEN;
  const character = String.fromCodePoint(code);
  if (!WORD.test(character)) return Kind.SEPARATOR;
  if (MARK.test(character) || isInsideSyllable(code)) return Kind.ATTACHED;
  return UNSPACED_SCRIPT.test(character) ? Kind.UNSPACED : Kind.LETTER;
}

/** Conjoining vowels and final consonants of Hangul. */
function isInsideSyllable(code: number): boolean {
  return (code >= 0x1160 && code <= 0x11ff) || (code >= 0xd7b0 && code <= 0xd7ff);
}

function isDropped(code: number): boolean {
  return DROPPED.some(([first, last]) => code >= first && code <= last);
}
