import type { IdSet } from '../../../core';
import { Posting } from './posting';

const NO_BITS = new Uint32Array(0);
/** A list of so many rows may become bits. */
const MANY = 2048;
const ROWS_PER_WORD = 32;

/**
 * Rows that change: a list while they are few, a bit for each row number from one row in 32 on, which is then shorter, and
 * changed in O(1).
 */
export class RowSet {
  #list: Posting | undefined = new Posting();
  #bits = NO_BITS;
  #size = 0;

  get size(): number {
    return this.#list?.size ?? this.#size;
  }

  /** The rows themselves: they hold until the next change. */
  get ids(): IdSet {
    return this.#list?.rows ?? { bits: this.#bits };
  }

  /** Whether looking a row up is O(1). */
  get isDense(): boolean {
    return this.#list === undefined;
  }

  /** A copy of the rows, ascending. */
  toList(): Uint32Array {
    if (this.#list) return this.#list.rows.slice();
    const rows = new Uint32Array(this.#size);
    let at = 0;
    eachRow(this.#bits, (row) => (rows[at++] = row));
    return rows;
  }

  has(row: number): boolean {
    return this.#list?.has(row) ?? hasBit(this.#bits, row);
  }

  /** Writes `mark` at each row. */
  markIn(marks: Uint8Array, mark: number): void {
    if (this.#list) this.#list.markIn(marks, mark);
    else eachRow(this.#bits, (row) => (marks[row] = mark));
  }

  /** Sets the bit of each row. */
  setIn(bits: Uint32Array): void {
    if (this.#list) return this.#list.setIn(bits);
    const own = this.#bits;
    const words = Math.min(own.length, bits.length);
    for (let at = 0; at < words; at++) bits[at] = (bits[at] as number) | (own[at] as number);
  }

  /** Clears the bit of each row. */
  clearIn(bits: Uint32Array): void {
    if (this.#list) {
      for (const row of this.#list.rows) clearBit(bits, row);
      return;
    }
    const own = this.#bits;
    const words = Math.min(own.length, bits.length);
    for (let at = 0; at < words; at++) bits[at] = (bits[at] as number) & ~(own[at] as number);
  }

  add(row: number): void {
    const list = this.#list;
    if (!list) {
      if (hasBit(this.#bits, row)) return;
      if (row >>> 5 >= this.#bits.length) this.#bits = grown(this.#bits, row);
      setBit(this.#bits, row);
      this.#size++;
      return;
    }
    list.add(row);
    const { rows } = list;
    if (rows.length < MANY || rows.length * ROWS_PER_WORD < (rows.at(-1) as number)) return;
    this.#bits = grown(this.#bits, rows.at(-1) as number);
    for (const one of rows) setBit(this.#bits, one);
    this.#size = rows.length;
    this.#list = undefined;
  }

  remove(row: number): void {
    if (this.#list) return this.#list.remove(row);
    if (!hasBit(this.#bits, row)) return;
    clearBit(this.#bits, row);
    this.#size--;
  }
}

export const hasBit = (bits: Uint32Array, row: number): boolean => (((bits[row >>> 5] ?? 0) >>> (row & 31)) & 1) === 1;

export function setBit(bits: Uint32Array, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] as number) | (1 << (row & 31));
}
export function clearBit(bits: Uint32Array, row: number): void {
  bits[row >>> 5] = (bits[row >>> 5] as number) & ~(1 << (row & 31));
}

export function countBits(bits: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < bits.length; at++) {
    let word = bits[at] as number;
    if (word === 0) continue;
    word -= (word >>> 1) & 0x55555555;
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333);
    count += Math.imul((word + (word >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** Calls body(row) for every bit, ascending. */
export function eachRow(bits: Uint32Array, body: (row: number) => void): void {
  for (let at = 0; at < bits.length; at++) {
    for (let word = bits[at] as number; word !== 0; word &= word - 1) body(at * 32 + 31 - Math.clz32(word & -word));
  }
}

/** A copy with room for the row, and for some behind it. */
function grown(bits: Uint32Array<ArrayBuffer>, row: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max((row >>> 5) + 1, bits.length + (bits.length >>> 2)));
  larger.set(bits);
  return larger;
}
