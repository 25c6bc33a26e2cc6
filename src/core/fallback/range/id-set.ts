import { LEAF } from './sizes';
import type { Table } from './table';

/** Rows that the caller names, as one more condition of a query. */
export class IdSet {
  /** The ids of its rows, ascending. */
  ids = new Uint32Array(0);
  #bits = new Uint32Array(0);

  get size(): number {
    return this.ids.length;
  }

  has(id: number): boolean {
    return (((this.#bits[id >>> 5] ?? 0) >>> (id & 31)) & 1) === 1;
  }

  /** How many blocks of 512 ids have a row of the set. */
  get blocks(): number {
    let blocks = 0;
    let last = -1;
    for (const id of this.ids) {
      const block = Math.floor(id / LEAF);
      if (block !== last) blocks++;
      last = block;
    }
    return blocks;
  }

  /** Takes the rows of an ascending list of ids that the table has. False, and the set is empty, when they do not ascend. */
  takeList(table: Table, ids: Uint32Array): boolean {
    this.#begin(table);
    const kept = new Uint32Array(ids.length);
    let size = 0;
    let last = -1;
    for (const id of ids) {
      if (id <= last) return false;
      last = id;
      if (table.has(id)) kept[size++] = id;
    }
    this.#keep(kept.subarray(0, size));
    return true;
  }

  /** Takes the rows of a bitmap that the table has. */
  takeBits(table: Table, words: Uint32Array): void {
    this.#begin(table);
    const kept = new Uint32Array(table.rows);
    const end = Math.min(words.length, this.#bits.length);
    let size = 0;
    for (let at = 0; at < end; at++) {
      for (let word = words[at] as number; word !== 0; word &= word - 1) {
        const id = at * 32 + 31 - Math.clz32(word & -word);
        if (table.has(id)) kept[size++] = id;
      }
    }
    this.#keep(kept.subarray(0, size));
  }

  #begin(table: Table): void {
    for (const id of this.ids) this.#bits[id >>> 5] = 0;
    this.ids = this.ids.subarray(0, 0);
    const words = (table.present.length + 31) >>> 5;
    if (this.#bits.length !== words) this.#bits = new Uint32Array(words);
  }

  #keep(ids: Uint32Array<ArrayBuffer>): void {
    this.ids = ids;
    const bits = this.#bits;
    for (const id of ids) bits[id >>> 5] = (bits[id >>> 5] as number) | (1 << (id & 31));
  }
}
