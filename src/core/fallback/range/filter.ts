import type { Scratch } from '../../range/engine';
import { LEAF } from './sizes';
import { greatestOf, type NumberArray, type Table } from './table';
import type { Point, Tree } from './tree';

interface Condition {
  readonly isFacet: boolean;
  readonly column: number;
  readonly least: number;
  readonly most: number;
  /** Of a facet: 1 by code that matches. */
  readonly codes: Uint8Array;
}

/** As in native/src/range/filter.cpp. */
const FAR_FEWER = 4;
const NO_CODES = new Uint8Array(0);

/** The conditions of a query: the one that drives, as a range of rows of a tree, and the others. */
export class Filter {
  tree: Tree;
  begin: Point = { leaf: 0, at: 0 };
  end: Point = { leaf: 0, at: 0 };
  rows = 0;
  /** Conditions that the range does not settle. */
  others: Condition[] = [];
  /** Of the leaf that was last asked for: slots of the rows that match. */
  readonly slots = new Uint32Array(LEAF);
  #conditions: Condition[] = [];

  constructor(
    private readonly table: Table,
    private readonly trees: readonly Tree[],
  ) {
    this.tree = trees[0] as Tree;
  }

  treeOf(number: number): Tree | undefined {
    return this.trees.find((tree) => tree.number === number);
  }

  /** Reads conditions, and chooses the tree whose range has the fewest rows; or takes `wanted`, then only rows that have a value there. */
  plan(count: number, scratch: Scratch, wanted?: Tree): void {
    this.#conditions = [];
    for (let i = 0; i < count; i++) this.#conditions.push(this.#read(i, scratch));
    let own: Condition | undefined;
    for (const tree of this.trees) {
      if (wanted !== undefined && wanted !== tree) continue;
      const condition = this.#conditions.find(({ isFacet, column }) => !isFacet && column === tree.number);
      if (condition === undefined) continue;
      const some = condition.least <= condition.most;
      const begin = tree.lower(condition.least);
      const end = some ? tree.upper(condition.most) : begin;
      const rows = some ? tree.nodes.before(end) - tree.nodes.before(begin) : 0;
      // The tree that was declared first drives, unless another has far fewer rows.
      if (own !== undefined && rows * FAR_FEWER >= this.rows) continue;
      [this.tree, this.begin, this.end, this.rows, own] = [tree, begin, end, rows, condition];
    }
    if (own === undefined) this.#takeAll(wanted);
    this.others = own === undefined ? this.#conditions : this.#conditions.filter((condition) => condition !== own);
  }

  holds(id: number): boolean {
    for (const condition of this.others) {
      if (condition.isFacet) {
        const codes = this.table.facets[condition.column] as Uint16Array;
        if (condition.codes[codes[id] as number] !== 1) return false;
        continue;
      }
      const value = (this.table.numbers[condition.column] as NumberArray)[id] as number;
      if (!(value >= condition.least && value <= condition.most)) return false;
    }
    return true;
  }

  /** Leaves the slots of the matching rows of a leaf among from..to in `slots`; returns how many. */
  matches(leaf: number, from: number, to: number): number {
    const { slots } = this;
    const { ids } = this.tree;
    let count = 0;
    for (let slot = leaf * LEAF + from; slot < leaf * LEAF + to; slot++) slots[count++] = slot;
    for (const { isFacet, column, codes, least, most } of this.others) {
      let kept = 0;
      if (isFacet) {
        const facet = this.tree.facets[column] as Uint16Array;
        for (let i = 0; i < count; i++) {
          const slot = slots[i] as number;
          if (codes[facet[slot] as number] === 1) slots[kept++] = slot;
        }
      } else {
        const values = this.table.numbers[column] as NumberArray;
        for (let i = 0; i < count; i++) {
          const slot = slots[i] as number;
          const value = values[ids[slot] as number] as number;
          if (value >= least && value <= most) slots[kept++] = slot;
        }
      }
      count = kept;
    }
    return count;
  }

  /** Calls body(leaf, matches) for every leaf of the range that has a match. */
  scan(body: (leaf: number, matches: number) => void): void {
    if (this.rows === 0) return;
    for (let leaf = this.begin.leaf; leaf <= this.end.leaf; leaf++) {
      const found = this.matches(leaf, this.fromOf(leaf), this.toOf(leaf));
      if (found > 0) body(leaf, found);
    }
  }

  fromOf(leaf: number): number {
    return leaf === this.begin.leaf ? this.begin.at : 0;
  }
  toOf(leaf: number): number {
    return leaf === this.end.leaf ? this.end.at : this.tree.countOf(leaf);
  }

  #read(i: number, { conditions, ids }: Scratch): Condition {
    const [kind = 0, column = 0, third = 0, fourth = 0] = conditions.subarray(4 * i, 4 * i + 4);
    if (kind === 0) return { isFacet: false, column, least: third, most: fourth, codes: NO_CODES };
    const codes = new Uint8Array(this.table.facetSizes[column] as number);
    for (let at = third; at < third + fourth; at++) codes[ids[at] as number] = 1;
    return { isFacet: true, column, least: 0, most: 0, codes };
  }

  #takeAll(wanted: Tree | undefined): void {
    this.tree = wanted ?? (this.trees[0] as Tree);
    this.begin = { leaf: 0, at: 0 };
    const last = this.tree.leaves - 1;
    this.end = { leaf: last, at: this.tree.countOf(last) };
    this.rows = this.table.rows;
    if (wanted === undefined) return;
    this.end = wanted.upper(greatestOf(this.table.schema.numbers[wanted.number] as number));
    this.rows = wanted.nodes.before(this.end);
  }
}
