import type { Steps } from '../steps';
import { Nodes } from './nodes';
import * as sizes from './sizes';
import { newNumbers, noneOf, type NumberArray, type Table } from './table';

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { FAN, LEAF } = sizes;

/** A place between two rows. */
export interface Point {
  readonly leaf: number;
  readonly at: number;
}

/**
 * The rows in order of one attribute, in leaves of 512, with what is known of every 512, 8,192, … of them. The same tree
 * as in native/src/range: see native/include/easy11/range_index.hpp for its description.
 */
export class Tree {
  leaves = 1;
  keys: NumberArray;
  ids = new Uint32Array(LEAF);
  carried: NumberArray[];
  facets: Uint16Array[];
  nodes: Nodes;
  #firstKey = new Float64Array(1);
  #firstId = new Uint32Array(1);

  constructor(
    readonly table: Table,
    readonly number: number,
    readonly aggregates: readonly number[],
  ) {
    const { numbers } = table.schema;
    this.keys = newNumbers(numbers[number] as number, LEAF);
    this.carried = aggregates.map((n) => newNumbers(numbers[n] as number, LEAF));
    this.facets = table.facets.map(() => new Uint16Array(LEAF));
    this.nodes = new Nodes(this);
    this.#layOut(1);
  }

  /** The measure that an attribute is, or -1. */
  measureOf(number: number): number {
    return number === this.number ? 0 : this.aggregates.indexOf(number) + 1 || -1;
  }
  measure(m: number): NumberArray {
    return m === 0 ? this.keys : (this.carried[m - 1] as NumberArray);
  }
  measureNone(m: number): number {
    return this.table.nones[m === 0 ? this.number : (this.aggregates[m - 1] as number)] as number;
  }

  countOf(leaf: number): number {
    return this.nodes.countOf(leaf);
  }

  /** Rows in `order` (by value, then id), `fill` a leaf. */
  *fill(order: Uint32Array, fill: number): Steps<void> {
    const rows = order.length;
    this.#layOut(Math.max(1, Math.ceil(rows / fill)));
    for (let leaf = 0; leaf < this.leaves; leaf++) {
      if (leaf % 4 === 0) yield;
      const begin = Math.floor((rows * leaf) / this.leaves);
      const end = Math.floor((rows * (leaf + 1)) / this.leaves);
      for (let i = begin; i < end; i++) this.#writeRow(leaf * LEAF + i - begin, order[i] as number);
      this.nodes.setCount(leaf, end - begin);
      this.#setFirst(leaf);
    }
    for (let level = 0; level < this.nodes.levels.length; level++) {
      const size = this.nodes.sizeOf(level);
      for (let node = 0; node < size; node++) {
        if (node % 8 === 0) yield;
        this.nodes.refresh(level, node);
      }
    }
  }

  order(): Uint32Array {
    const all = new Uint32Array(this.table.rows + 1);
    let size = 0;
    for (let leaf = 0; leaf < this.leaves; leaf++) {
      const count = this.countOf(leaf);
      all.set(this.ids.subarray(leaf * LEAF, leaf * LEAF + count), size);
      size += count;
    }
    return all.subarray(0, size);
  }

  /** False, and nothing is changed, when every leaf is full: then all trees are to be filled anew. */
  insert(id: number): boolean {
    const key = this.#keyOf(id);
    let leaf = this.#locate(key, id);
    if (this.countOf(leaf) === LEAF) {
      if (!this.#makeRoom(leaf)) return false;
      leaf = this.#locate(key, id);
    }
    const at = leaf * LEAF + this.#placeIn(leaf, key, id);
    const end = leaf * LEAF + this.countOf(leaf);
    for (const column of this.#columns()) column.copyWithin(at + 1, at, end);
    this.#writeRow(at, id);
    this.nodes.climb(leaf, id, 1);
    this.nodes.addTops(leaf, id);
    return true;
  }

  /** The table still has the row. */
  erase(id: number): void {
    const key = this.#keyOf(id);
    const leaf = this.#locate(key, id);
    const at = leaf * LEAF + this.#placeIn(leaf, key, id);
    const end = leaf * LEAF + this.countOf(leaf);
    for (const column of this.#columns()) column.copyWithin(at, at + 1, end);
    this.nodes.climb(leaf, id, -1);
    this.nodes.dropTops(leaf, id);
  }

  /** Before the first row with at least that key. */
  lower(key: number): Point {
    const leaf = this.#leafBelow(key, false);
    return { leaf, at: this.#rowsBelow(leaf, key, false) };
  }
  /** Behind the last row with at most that key. */
  upper(key: number): Point {
    const leaf = this.#leafBelow(key, true);
    return { leaf, at: this.#rowsBelow(leaf, key, true) };
  }
  placeOf(key: number, id: number): Point {
    const leaf = this.#locate(key, id);
    return { leaf, at: this.#placeIn(leaf, key, id) };
  }

  bytes(): number {
    const columns = [...this.#columns(), this.#firstKey, this.#firstId];
    return columns.reduce((sum, column) => sum + column.byteLength, this.nodes.bytes());
  }

  #keyOf(id: number): number {
    return (this.table.numbers[this.number] as NumberArray)[id] as number;
  }

  #columns(): (NumberArray | Uint16Array | Uint32Array)[] {
    return [this.keys, this.ids, ...this.carried, ...this.facets];
  }

  #layOut(leaves: number): void {
    const { numbers } = this.table.schema;
    const size = leaves * LEAF;
    this.leaves = leaves;
    this.keys = newNumbers(numbers[this.number] as number, size);
    this.ids = new Uint32Array(size);
    this.carried = this.aggregates.map((n) => newNumbers(numbers[n] as number, size));
    this.facets = this.table.facets.map(() => new Uint16Array(size));
    this.#firstKey = new Float64Array(leaves).fill(-Infinity);
    this.#firstId = new Uint32Array(leaves);
    this.nodes.layOut(leaves);
  }

  #writeRow(slot: number, id: number): void {
    const { numbers, facets } = this.table;
    this.keys[slot] = (numbers[this.number] as NumberArray)[id] as number;
    this.ids[slot] = id;
    for (let i = 0; i < this.carried.length; i++) {
      (this.carried[i] as NumberArray)[slot] = (numbers[this.aggregates[i] as number] as NumberArray)[id] as number;
    }
    for (let f = 0; f < facets.length; f++) {
      (this.facets[f] as Uint16Array)[slot] = (facets[f] as Uint16Array)[id] as number;
    }
  }

  /** The first leaf takes whatever comes before the others. */
  #setFirst(leaf: number): void {
    if (leaf === 0) return;
    this.#firstKey[leaf] = this.keys[leaf * LEAF] as number;
    this.#firstId[leaf] = this.ids[leaf * LEAF] as number;
  }

  #makeRoom(leaf: number): boolean {
    for (let span = FAN; ; span *= FAN) {
      const first = Math.floor(leaf / span) * span;
      const last = Math.min(first + span, this.leaves);
      let total = 0;
      for (let i = first; i < last; i++) total += this.countOf(i);
      // The wider the window, the more room it must have, so that wide ones are spread seldom.
      if (total * 32 <= (last - first) * LEAF * (span === FAN ? 31 : 30)) {
        this.#spread(first, last, total);
        return true;
      }
      if (first === 0 && last === this.leaves) return false;
    }
  }

  /** Places the rows of leaves first..last evenly: nodes above the window stay as they are. */
  #spread(first: number, last: number, total: number): void {
    const window = last - first;
    const counts = Array.from(
      { length: window },
      (_, i) => Math.floor((total * (i + 1)) / window) - Math.floor((total * i) / window),
    );
    for (const column of this.#columns()) {
      const rows = column.slice(0, total);
      let at = 0;
      for (let leaf = first; leaf < last; leaf++) {
        rows.set(column.subarray(leaf * LEAF, leaf * LEAF + this.countOf(leaf)), at);
        at += this.countOf(leaf);
      }
      at = 0;
      counts.forEach((count, i) => {
        column.set(rows.subarray(at, at + count), (first + i) * LEAF);
        at += count;
      });
    }
    counts.forEach((count, i) => {
      this.nodes.setCount(first + i, count);
      this.#setFirst(first + i);
    });
    let begin = first;
    let end = last;
    for (let level = 0; level < this.nodes.levels.length; level++) {
      for (let node = begin; node < end; node++) this.nodes.refresh(level, node);
      if (end - begin === 1) break;
      begin = Math.floor(begin / FAN);
      end = Math.ceil(end / FAN);
    }
  }

  /** The leaf that has, or would have, the row. */
  #locate(key: number, id: number): number {
    const [keys, ids] = [this.#firstKey, this.#firstId];
    let low = 0;
    for (let size = this.leaves - 1; size > 0;) {
      const half = size >> 1;
      const first = keys[low + half + 1] as number;
      const right = first < key || (first === key && (ids[low + half + 1] as number) <= id);
      low = right ? low + half + 1 : low;
      size = right ? size - half - 1 : half;
    }
    return low;
  }

  #placeIn(leaf: number, key: number, id: number): number {
    const { keys, ids } = this;
    const begin = leaf * LEAF;
    let low = begin;
    for (let size = this.countOf(leaf); size > 0;) {
      const half = size >> 1;
      const value = keys[low + half] as number;
      const right = value < key || (value === key && (ids[low + half] as number) < id);
      low = right ? low + half + 1 : low;
      size = right ? size - half - 1 : half;
    }
    return low - begin;
  }

  /** The last leaf that begins with a key below `key`, or at most `key`. */
  #leafBelow(key: number, orEqual: boolean): number {
    const keys = this.#firstKey;
    let low = 0;
    for (let size = this.leaves - 1; size > 0;) {
      const half = size >> 1;
      const first = keys[low + half + 1] as number;
      const right = first < key || (orEqual && first === key);
      low = right ? low + half + 1 : low;
      size = right ? size - half - 1 : half;
    }
    return low;
  }

  #rowsBelow(leaf: number, key: number, orEqual: boolean): number {
    const { keys } = this;
    const begin = leaf * LEAF;
    let low = begin;
    for (let size = this.countOf(leaf); size > 0;) {
      const half = size >> 1;
      const value = keys[low + half] as number;
      const right = value < key || (orEqual && value === key);
      low = right ? low + half + 1 : low;
      size = right ? size - half - 1 : half;
    }
    return low - begin;
  }
}

/** Whether a row has a value of the attribute. */
export function hasValue(table: Table, number: number, id: number): boolean {
  return ((table.numbers[number] as NumberArray)[id] as number) < noneOf(table.schema.numbers[number] as number);
}
