/**
 * How likely a slip of the keyboard is, as an integer cost: the smaller, the likelier. The native twin is
 * native/include/easy11/slips.hpp; the conformance suite holds the two together.
 *
 * The measure is a weighted optimal string alignment (restricted Damerau–Levenshtein: an adjacent transposition counts
 * as one edit and its letters are not edited again; Damerau 1964, Boytsov 2011) with at most `slipBudget` edits.
 * The order of the weights follows the confusion counts of Kernighan, Church and Gale (1990) in kind, not in number:
 * doubled letters and transpositions are the commonest slips, the first letter is the rarest to be wrong.
 */

/** Edits allowed in a query word of `length` code points. */
export function slipBudget(length: number): 0 | 1 | 2 {
  return length < 4 ? 0 : length < 8 ? 1 : 2;
}

export const SLIP = {
  /** Any letter for any other. */
  SUBSTITUTION: 8,
  /** A vowel for a vowel, or letters that sound alike. */
  SUBSTITUTION_ALIKE: 6,
  /** A neighbour on the QWERTY keyboard. */
  SUBSTITUTION_NEIGHBOUR: 5,
  TRANSPOSITION: 4,
  /** A letter typed that is not there. */
  EXTRA: 7,
  /** ... which repeats the letter typed before it. */
  EXTRA_DOUBLED: 3,
  /** A letter of the word that was not typed. */
  MISSING: 6,
  /** ... which repeats the letter of the word before it. */
  MISSING_DOUBLED: 3,
  /** Added when the edit touches the first letter of the query word or of the target. */
  FIRST: 4,
  /** Added to an extra letter at the very end of a prefix: its writer is probably on the way to another word. */
  EXTRA_AT_END_OF_PREFIX: 3,
} as const;

const NEIGHBOURS: Readonly<Record<string, string>> = {
  q: 'wa',
  w: 'qesa',
  e: 'wrds',
  r: 'etfd',
  t: 'rygf',
  y: 'tuhg',
  u: 'yijh',
  i: 'uokj',
  o: 'iplk',
  p: 'ol',
  a: 'qwsz',
  s: 'awedxz',
  d: 'serfcx',
  f: 'drtgvc',
  g: 'ftyhbv',
  h: 'gyujnb',
  j: 'huikmn',
  k: 'jiolm',
  l: 'kop',
  z: 'asx',
  x: 'zsdc',
  c: 'xdfv',
  v: 'cfgb',
  b: 'vghn',
  n: 'bhjm',
  m: 'njk',
};
const ALIKE = ['aeiouy', 'ckqsxz', 'fvp', 'gj', 'mn', 'dt', 'bp'];

/** Cost by `(target letter - 'a') * 26 + (typed letter - 'a')`. */
const substitutionTable = ((): Uint8Array => {
  const table = new Uint8Array(26 * 26).fill(SLIP.SUBSTITUTION);
  const set = (a: string, b: string, cost: number): void => {
    const cell = (a.charCodeAt(0) - 97) * 26 + b.charCodeAt(0) - 97;
    table[cell] = Math.min(table[cell] ?? cost, cost);
  };
  for (const group of ALIKE)
    for (const a of group) for (const b of group) if (a !== b) set(a, b, SLIP.SUBSTITUTION_ALIKE);
  for (const [a, near] of Object.entries(NEIGHBOURS)) {
    for (const b of near) {
      set(a, b, SLIP.SUBSTITUTION_NEIGHBOUR);
      set(b, a, SLIP.SUBSTITUTION_NEIGHBOUR);
    }
  }
  return table;
})();

/** Cost of typing code point `typed` where the word has `target` (they differ), without FIRST. */
export function substitutionCost(target: number, typed: number): number {
  const a = target - 97;
  const b = typed - 97;
  return a >= 0 && a < 26 && b >= 0 && b < 26
    ? (substitutionTable[a * 26 + b] ?? SLIP.SUBSTITUTION)
    : SLIP.SUBSTITUTION;
}

// Module constants, because a sandbox such as Jest's looks globals up slowly and the loops below are hot.
const { min } = Math;
const NEVER = Infinity;

function first(involved: boolean): number {
  return involved ? SLIP.FIRST : 0;
}

/**
 * The reference measure: the least cost of typing `typed` for `target` (code points) within `budget` edits, or Infinity.
 * With `prefix`, the least over every prefix of the target, the empty one included. O(|typed| × budget²): a
 * place in the one and a place in the other are at most as far apart as there are edits (Ukkonen 1985), and no more is looked at.
 * Engines prune with a trie and must agree with it.
 */
export function slipCost(typed: readonly number[], target: readonly number[], budget: number, prefix: boolean): number {
  const L = typed.length;
  const width = (L + 1) * (budget + 1);
  const at = (j: number, e: number): number => j * (budget + 1) + e;
  let rowBefore = new Float64Array(width).fill(NEVER);
  let previous = new Float64Array(width).fill(NEVER);
  let row = new Float64Array(width);
  let best = NEVER;
  const rows = min(target.length, L + budget);
  for (let i = 0; i <= rows; i++) {
    row.fill(NEVER);
    const end = min(L, i + budget);
    for (let j = i > budget ? i - budget : 0; j <= end; j++) {
      for (let e = 0; e <= budget; e++) {
        let cost = i === 0 && j === 0 && e === 0 ? 0 : NEVER;
        const t = i > 0 ? (target[i - 1] as number) : -1;
        const q = j > 0 ? (typed[j - 1] as number) : -1;
        if (i > 0 && j > 0 && t === q) cost = min(cost, previous[at(j - 1, e)] as number);
        if (e > 0) {
          if (i > 0 && j > 0 && t !== q) {
            cost = min(
              cost,
              (previous[at(j - 1, e - 1)] as number) + substitutionCost(t, q) + first(i === 1 || j === 1),
            );
          }
          if (j > 0) {
            const doubled = j > 1 && typed[j - 2] === q;
            const extra =
              (doubled ? SLIP.EXTRA_DOUBLED : SLIP.EXTRA) + (prefix && j === L ? SLIP.EXTRA_AT_END_OF_PREFIX : 0);
            cost = min(cost, (row[at(j - 1, e - 1)] as number) + extra + first(j === 1));
          }
          if (i > 0) {
            const doubled = i > 1 && target[i - 2] === t;
            const missing = doubled ? SLIP.MISSING_DOUBLED : SLIP.MISSING;
            cost = min(cost, (previous[at(j, e - 1)] as number) + missing + first(i === 1));
          }
          if (i > 1 && j > 1 && t !== q && t === typed[j - 2] && q === target[i - 2]) {
            cost = min(cost, (rowBefore[at(j - 2, e - 1)] as number) + SLIP.TRANSPOSITION + first(i === 2 || j === 2));
          }
        }
        row[at(j, e)] = cost;
      }
    }
    if (prefix || i === target.length) for (let e = 0; e <= budget; e++) best = min(best, row[at(L, e)] as number);
    const free = rowBefore;
    rowBefore = previous;
    previous = row;
    row = free;
  }
  return best;
}
