import type { Scratch } from '../../range/engine';
import { IdSet } from './id-set';
import * as sizes from './sizes';
import { greatestOf, type NumberArray, type Table } from './table';
import type { Point, Tree } from './tree';

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { LEAF } = sizes;
const FACET = 1;
const IDS = 2;

interface Condition {
  kind: number;
  column: number;
  least: number;
  most: number;
  /** Of a facet: 1 by code that matches. */
  codes: Uint8Array;
}

/** As in native/src/range/filter.cpp. */
const FAR_FEWER = 4;
const SET_FEWER = 4;
const NO_CODES = new Uint8Array(0);
const NONE: readonly never[] = [];

/** The conditions of a query: the one that drives, as a range of rows of a tree or as a set of ids, and the others. */
export class Filter {
  /** The rows that a condition on ids names. */
  readonly ids = new IdSet();
  tree: Tree;
  begin: Point = { leaf: 0, at: 0 };
  end: Point = { leaf: 0, at: 0 };
  /** Whether the set of ids drives: then a slot is an id, else a place in the columns of the tree. */
  bySet = false;
  /** Conditions that what drives does not settle. */
  others: readonly Condition[] = NONE;
  /** Of the block that was last asked for: slots of the rows that match. */
  readonly slots = new Uint32Array(LEAF);
  /** Of `scanApart`: slots of rows that fail just one condition of those apart, and which. */
  readonly near = new Uint32Array(LEAF);
  readonly nearAt = new Uint8Array(LEAF);
  #rows = 0;
  readonly #conditions: Condition[] = [];
  /** By place: written anew for every query, which costs less than new ones. */
  readonly #places: Condition[] = [];
  /** The condition on ids. */
  #set: Condition | undefined;
  /** The place of the condition that does not count, or -1. */
  #left = -1;
  /** The one that the range of the tree settles. */
  #own: Condition | undefined;

  constructor(
    private readonly table: Table,
    private readonly trees: readonly Tree[],
  ) {
    this.tree = trees[0] as Tree;
  }

  treeOf(number: number): Tree | undefined {
    return this.trees.find((tree) => tree.number === number);
  }

  /** Rows in the range, or of the set, that drives. */
  get rows(): number {
    return this.bySet ? this.ids.size : this.#rows;
  }
  /** Whether the rows are just one range of the tree, so that its nodes know about them. */
  get single(): boolean {
    return !this.bySet && this.others.length === 0;
  }
  /** The place of the condition that drives; -1 where none does. */
  get driver(): number {
    const own = this.bySet ? this.#set : this.#own;
    return own === undefined ? -1 : this.#conditions.indexOf(own);
  }
  /** How many ids the condition on them has; undefined without one. */
  get setSize(): number | undefined {
    return this.#set && this.ids.size;
  }

  read(count: number, scratch: Scratch): void {
    const conditions = this.#conditions;
    this.#set = undefined;
    for (let i = 0; i < count; i++) {
      const condition = this.#read(i, scratch);
      conditions[i] = condition;
      if (condition.kind === IDS) this.#set = condition;
    }
    if (conditions.length > count) conditions.length = count;
  }

  /**
   * Chooses the tree whose range has the fewest rows, or the set of ids when it has fewer still; or takes `wanted`, then only
   * rows that have a value there. Conditions in `barred` do not drive; the one that is `left` out does not count.
   */
  drive(wanted?: Tree, barred: readonly number[] = NONE, left = -1): void {
    this.bySet = false;
    this.#left = left;
    let own: Condition | undefined;
    for (const tree of this.trees) {
      if (wanted !== undefined && wanted !== tree) continue;
      const condition = this.#driverOf(tree.number, barred);
      if (condition === undefined) continue;
      const some = condition.least <= condition.most;
      const begin = tree.lower(condition.least);
      const end = some ? tree.upper(condition.most) : begin;
      const rows = some ? tree.nodes.before(end) - tree.nodes.before(begin) : 0;
      // The tree that was declared first drives, unless another has far fewer rows.
      if (own !== undefined && rows * FAR_FEWER >= this.#rows) continue;
      this.tree = tree;
      this.begin = begin;
      this.end = end;
      this.#rows = rows;
      own = condition;
    }
    if (own === undefined) this.#takeAll(wanted);
    this.#own = own;
    this.others = this.#allBut(own);
    const set = this.#set;
    if (wanted !== undefined || set === undefined) return;
    const place = this.#conditions.indexOf(set);
    if (place === left || barred.includes(place)) return;
    if (own === undefined || this.ids.size * SET_FEWER <= this.#rows) this.driveBySet();
  }

  /** After `drive`: lets the set of ids drive; nothing when there is none. */
  driveBySet(): void {
    if (!this.#set) return;
    this.bySet = true;
    this.others = this.#allBut(this.#set);
  }

  /** After `read`: lets a tree drive. */
  driveByTree(): void {
    this.drive(undefined, this.#set ? [this.#conditions.indexOf(this.#set)] : []);
  }

  /** Whether a row lies in the range of the tree that drives. */
  isInRange(id: number): boolean {
    return this.#own === undefined || this.#meets(this.#own, id);
  }

  holds(id: number): boolean {
    for (const condition of this.others) if (!this.#meets(condition, id)) return false;
    return true;
  }

  /** Leaves the slots of the matching rows of a leaf of the tree among from..to in `slots`; returns how many. */
  matches(leaf: number, from: number, to: number): number {
    return this.#keepAll(this.#take(leaf * LEAF + from, leaf * LEAF + to), this.others);
  }

  /** Calls body(block, matches) for every block of rows that has a match, with their slots in `slots`. */
  scan(body: (block: number, matches: number) => void): void {
    this.#eachBlock((block, count) => {
      const found = this.#keepAll(count, this.others);
      if (found > 0) body(block, found);
    });
  }

  /**
   * Calls body(matches, near) for every block that has a row that meets all conditions but at most one of those at `barred`:
   * matches in `slots`, rows that fail one in `near`, and in `nearAt` the place in `barred` of that one.
   */
  scanApart(barred: readonly number[], body: (matches: number, near: number) => void): void {
    const apart = barred.map((i) => this.#conditions[i] as Condition);
    const rest = this.others.filter((condition) => !apart.includes(condition));
    const { slots, near, nearAt } = this;
    this.#eachBlock((_, count) => {
      const alive = this.#keepAll(count, rest);
      let kept = 0;
      let nearby = 0;
      for (let i = 0; i < alive; i++) {
        const slot = slots[i] as number;
        const id = this.idAt(slot);
        let fails = 0;
        let failed = 0;
        for (let at = 0; at < apart.length && fails < 2; at++) {
          if (this.#meets(apart[at] as Condition, id)) continue;
          fails++;
          failed = at;
        }
        if (fails === 0) slots[kept++] = slot;
        else if (fails === 1) {
          near[nearby] = slot;
          nearAt[nearby++] = failed;
        }
      }
      if (kept + nearby > 0) body(kept, nearby);
    });
  }

  /** The id of the row at a slot. */
  idAt(slot: number): number {
    return this.bySet ? slot : (this.tree.ids[slot] as number);
  }
  /** The codes of a facet by slot. */
  facets(facet: number): Uint16Array {
    return (this.bySet ? this.table.facets[facet] : this.tree.facets[facet]) as Uint16Array;
  }

  fromOf(leaf: number): number {
    return leaf === this.begin.leaf ? this.begin.at : 0;
  }
  toOf(leaf: number): number {
    return leaf === this.end.leaf ? this.end.at : this.tree.countOf(leaf);
  }

  /** Calls body(block, count) with all rows of what drives, block by block, in `slots`. */
  #eachBlock(body: (block: number, count: number) => void): void {
    if (this.rows === 0) return;
    if (this.bySet) {
      const { ids } = this.ids;
      for (let from = 0, block = 0; from < ids.length; from += LEAF, block++) {
        const some = ids.subarray(from, from + LEAF);
        this.slots.set(some);
        body(block, some.length);
      }
      return;
    }
    for (let leaf = this.begin.leaf; leaf <= this.end.leaf; leaf++) {
      const count = this.#take(leaf * LEAF + this.fromOf(leaf), leaf * LEAF + this.toOf(leaf));
      if (count > 0) body(leaf, count);
    }
  }

  /** The condition on a number that may drive, if there is one. */
  #driverOf(number: number, barred: readonly number[]): Condition | undefined {
    for (let i = 0; i < this.#conditions.length; i++) {
      const condition = this.#conditions[i] as Condition;
      if (condition.kind === 0 && condition.column === number && i !== this.#left && !barred.includes(i))
        return condition;
    }
    return undefined;
  }

  /** The conditions that count but for one. */
  #allBut(own: Condition | undefined): readonly Condition[] {
    const [conditions, left] = [this.#conditions, this.#left];
    if (conditions.length === 1 && (conditions[0] === own || left === 0)) return NONE;
    return conditions.filter((condition, i) => i !== left && condition !== own);
  }

  #take(from: number, to: number): number {
    let count = 0;
    for (let slot = from; slot < to; slot++) this.slots[count++] = slot;
    return count;
  }

  /** Of the first `count` slots, keeps those that meet the conditions; returns how many. */
  #keepAll(count: number, conditions: readonly Condition[]): number {
    const { slots, bySet } = this;
    const { ids } = this.tree;
    for (const { kind, column, codes, least, most } of conditions) {
      let kept = 0;
      if (kind === FACET) {
        const facet = this.facets(column);
        for (let i = 0; i < count; i++) {
          const slot = slots[i] as number;
          if (codes[facet[slot] as number] === 1) slots[kept++] = slot;
        }
      } else if (kind === IDS) {
        for (let i = 0; i < count; i++) {
          const slot = slots[i] as number;
          if (this.ids.has(ids[slot] as number)) slots[kept++] = slot;
        }
      } else {
        const values = this.table.numbers[column] as NumberArray;
        for (let i = 0; i < count; i++) {
          const slot = slots[i] as number;
          const value = values[bySet ? slot : (ids[slot] as number)] as number;
          if (value >= least && value <= most) slots[kept++] = slot;
        }
      }
      count = kept;
    }
    return count;
  }

  #meets({ kind, column, codes, least, most }: Condition, id: number): boolean {
    if (kind === FACET) return codes[(this.table.facets[column] as Uint16Array)[id] as number] === 1;
    if (kind === IDS) return this.ids.has(id);
    const value = (this.table.numbers[column] as NumberArray)[id] as number;
    return value >= least && value <= most;
  }

  #read(i: number, { conditions, ids }: Scratch): Condition {
    const condition = (this.#places[i] ??= { kind: 0, column: 0, least: 0.5, most: 0.5, codes: NO_CODES });
    const at = 4 * i;
    const [third, fourth] = [conditions[at + 2] as number, conditions[at + 3] as number];
    condition.kind = conditions[at] as number;
    condition.column = conditions[at + 1] as number;
    if (condition.kind !== FACET) {
      condition.least = third;
      condition.most = fourth;
      return condition;
    }
    condition.codes = new Uint8Array(this.table.facetSizes[condition.column] as number);
    for (let code = third; code < third + fourth; code++) condition.codes[ids[code] as number] = 1;
    return condition;
  }

  #takeAll(wanted: Tree | undefined): void {
    this.tree = wanted ?? (this.trees[0] as Tree);
    this.begin = { leaf: 0, at: 0 };
    const last = this.tree.leaves - 1;
    this.end = { leaf: last, at: this.tree.countOf(last) };
    this.#rows = this.table.rows;
    if (wanted === undefined) return;
    this.end = wanted.upper(greatestOf(this.table.schema.numbers[wanted.number] as number));
    this.#rows = wanted.nodes.before(this.end);
  }
}
