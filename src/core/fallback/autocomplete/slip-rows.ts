import { SLIP, substitutionCost } from '../../autocomplete/slips';
import { pointBit } from './trie';

/** No way within the budget. Above any cost, and low enough that adding costs to it stays within a byte. */
export const NO_WAY = 200;
/** Longest word. */
export const LONGEST_TYPED = 64;
const MOST_EDITS = 2;

const ROW_CELLS = (LONGEST_TYPED + 1) * (MOST_EDITS + 1);
const LETTERS = 26;

/** `substitutionCost` of letters a-z, by target and typed. */
const substitutions = Uint8Array.from({ length: LETTERS * LETTERS }, (_, i) =>
  substitutionCost(97 + Math.floor(i / LETTERS), 97 + (i % LETTERS)),
);

function substitution(target: number, typed: number): number {
  const a = target - 97;
  const b = typed - 97;
  return a >= 0 && a < LETTERS && b >= 0 && b < LETTERS
    ? (substitutions[a * LETTERS + b] as number)
    : SLIP.SUBSTITUTION;
}

/**
 * The table of `slipCost` row by row, so that words with a common beginning share its rows: row i stands for the first
 * i code points of the target. Cells are [typed][edits]; only those within `budget` of the diagonal can be reached,
 * since every step off it is an edit.
 */
export class SlipRows {
  private readonly cells = new Uint8Array((LONGEST_TYPED + 4) * ROW_CELLS);
  /** The fewest edits of the cells [row][typed]. */
  private readonly fewestAt = new Uint8Array((LONGEST_TYPED + 4) * (LONGEST_TYPED + 1));
  private readonly target = new Uint32Array(LONGEST_TYPED + 4);
  /** Of the code point j - 1 typed, should it be an extra one. */
  private readonly extras = new Uint8Array(LONGEST_TYPED + 1);
  private typed: Uint32Array = new Uint32Array(0);
  private length = 0;
  private budget = 0;
  private rowSize = 0;

  /** Begins with what was typed: makes row 0. */
  begin(typed: Uint32Array, budget: number, prefix: boolean): void {
    const { cells, extras } = this;
    const edits = budget + 1;
    this.typed = typed;
    this.length = typed.length;
    this.budget = budget;
    this.rowSize = (this.length + 1) * edits;
    for (let j = 1; j <= this.length; j++) {
      const doubled = j > 1 && typed[j - 2] === typed[j - 1];
      extras[j] =
        (doubled ? SLIP.EXTRA_DOUBLED : SLIP.EXTRA) +
        (prefix && j === this.length ? SLIP.EXTRA_AT_END_OF_PREFIX : 0) +
        (j === 1 ? SLIP.FIRST : 0);
    }
    cells.fill(NO_WAY, 0, this.rowSize);
    cells[0] = 0;
    this.fewestAt.fill(edits, 0, this.length + 1);
    this.fewestAt[0] = 0;
    for (let j = 1; j <= Math.min(budget, this.length); j++) {
      const cost = (cells[(j - 1) * edits + j - 1] as number) + (extras[j] as number);
      cells[j * edits + j] = cost;
      this.fewestAt[j] = j;
    }
  }

  /**
   * Makes row `i` for the target's code point `i - 1`, given the rows before. Returns the fewest edits with which the row
   * is reached, or -1 when nothing from here on can be.
   */
  step(i: number, point: number): number {
    const { cells, fewestAt, typed, extras, budget, length, rowSize, target } = this;
    const edits = budget + 1;
    target[i - 1] = point;
    const before = i > 1 ? (target[i - 2] as number) : -1;
    const missing = (before === point ? SLIP.MISSING_DOUBLED : SLIP.MISSING) + (i === 1 ? SLIP.FIRST : 0);
    const row = i * rowSize;
    const from = Math.max(0, i - budget);
    const to = Math.min(length, i + budget);
    if (from > 0) cells.fill(NO_WAY, row + (from - 1) * edits, row + from * edits);
    if (to < length) cells.fill(NO_WAY, row + (to + 1) * edits, row + (to + 2) * edits);
    let fewest = edits;
    for (let j = from; j <= to; j++) {
      const here = row + j * edits;
      const up = here - rowSize;
      const letter = j > 0 ? (typed[j - 1] as number) : -1;
      const same = letter === point;
      const extra = extras[j] as number;
      const other = j === 0 || same ? 0 : substitution(point, letter) + (i === 1 || j === 1 ? SLIP.FIRST : 0);
      const swap = i > 1 && j > 1 && !same && point === typed[j - 2] && letter === before;
      let fewestHere = edits;
      for (let e = 0; e < edits; e++) {
        let cost = same ? (cells[up - edits + e] as number) : NO_WAY;
        if (e > 0) {
          let way = (cells[up + e - 1] as number) + missing;
          if (way < cost) cost = way;
          if (j > 0) {
            way = (cells[here - edits + e - 1] as number) + extra;
            if (way < cost) cost = way;
            if (!same) {
              way = (cells[up - edits + e - 1] as number) + other;
              if (way < cost) cost = way;
            }
          }
          if (swap) {
            const first = i === 2 || j === 2 ? SLIP.FIRST : 0;
            way = (cells[up - rowSize - 2 * edits + e - 1] as number) + SLIP.TRANSPOSITION + first;
            if (way < cost) cost = way;
          }
        }
        if (cost >= NO_WAY) cost = NO_WAY;
        else if (e < fewestHere) fewestHere = e;
        cells[here + e] = cost;
      }
      fewestAt[i * (length + 1) + j] = fewestHere;
      if (fewestHere < fewest) fewest = fewestHere;
    }
    return fewest === edits ? -1 : fewest;
  }

  /**
   * Whether row `i` can lead to a match among targets whose further code points are all in `mask`: each one typed that is
   * not in it costs an edit.
   */
  canReach(i: number, mask: number): boolean {
    const { typed, budget, length, fewestAt } = this;
    // The first letter of a transposition is matched by the row it passes over.
    const all = i > 0 ? mask | pointBit(this.target[i - 1] as number) : mask;
    const from = Math.max(0, i - budget);
    const to = i + budget;
    let missing = 0;
    for (let j = length; j >= from; j--) {
      if (j < length && (all & pointBit(typed[j] as number)) === 0 && ++missing > budget) return false;
      if (j <= to && (fewestAt[i * (length + 1) + j] as number) + missing <= budget) return true;
    }
    return false;
  }

  /**
   * The code points that can follow row `i` when it is reached only with all edits spent: those typed next, or swapped
   * before. Puts them into `points`, with repetitions; returns how many.
   */
  nextPoints(i: number, points: Uint32Array): number {
    const { cells, typed, budget, length, rowSize } = this;
    const edits = budget + 1;
    const row = i * rowSize;
    const to = Math.min(length, i + budget);
    let count = 0;
    for (let j = Math.max(0, i - budget); j <= to; j++) {
      if (j < length && (cells[row + j * edits + budget] as number) < NO_WAY) points[count++] = typed[j] as number;
      // A transposition that ends in the next row began in the one before this: its first letter is this row's.
      if (i === 0 || j === 0 || j >= length || typed[j] !== this.target[i - 1]) continue;
      if ((cells[row - rowSize + (j - 1) * edits + budget - 1] as number) < NO_WAY)
        points[count++] = typed[j - 1] as number;
    }
    return count;
  }

  /** The cost of having typed everything for the first `i` code points of the target; NO_WAY or more if none. */
  costAt(i: number): number {
    if (i + this.budget < this.length || i > this.length + this.budget) return NO_WAY;
    let least = NO_WAY;
    const end = i * this.rowSize + this.length * (this.budget + 1);
    for (let e = 0; e <= this.budget; e++) least = Math.min(least, this.cells[end + e] as number);
    return least;
  }
}
