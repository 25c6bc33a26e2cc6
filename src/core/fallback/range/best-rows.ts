import type { Filter } from './filter';
import { better } from './nodes';
import { FAN, LEAF, TOP } from './sizes';
import type { NumberArray, Table } from './table';

/** A node, standing at an entry of its list. */
interface Run {
  readonly value: number;
  readonly id: number;
  readonly level: number;
  readonly node: number;
  readonly at: number;
}

const MOST_STEPS = 4096;
/** A set of so few ids is looked at row by row at once; nodes are tried first for a larger one. */
const FEW_IDS = 16384;

/** The best rows of a filter by a score, best first: a search of the nodes by their greatest score. */
export class BestRows {
  #score = 0;
  #number = 0;
  #limit = 0;
  #size = 0;
  #heap: Run[] = [];

  constructor(
    private readonly table: Table,
    private readonly filter: Filter,
    private readonly values: Float64Array,
    private readonly ids: Uint32Array,
  ) {}

  /** Up to `limit` rows, by value descending and id ascending; returns how many. */
  find(score: number, limit: number): number {
    this.#score = score;
    this.#number = this.table.schema.scores[score] as number;
    this.#limit = limit;
    this.#size = 0;
    const { filter } = this;
    const ids = filter.setSize ?? Infinity;
    if (filter.bySet && ids > FEW_IDS) filter.driveByTree();
    if (filter.bySet) this.#scanSet();
    else if (filter.rows > 0 && !this.#search()) {
      if (ids < filter.rows) {
        filter.driveBySet();
        this.#scanSet();
      } else this.#scanAll();
    }
    return this.#size;
  }

  /** False when the rows that match are so few that nodes lead nowhere. */
  #search(): boolean {
    const { filter } = this;
    const { nodes } = filter.tree;
    this.#heap = [];
    const enterAll = (level: number, begin: number, end: number): void => {
      for (let node = begin; node < end; node++) this.#enter(level, node, Infinity, 0);
    };
    nodes.cover(filter.begin, filter.end, enterAll, () => undefined);
    for (let steps = 0; this.#heap.length > 0; steps++) {
      if (steps > MOST_STEPS + 4 * this.#limit) return false;
      const { value, id, level, node, at } = this.#pop();
      if (!this.#good(value, id)) break;
      if (filter.others.length === 0 || filter.holds(id)) this.#keep(value, id);
      const top = nodes.levels[level]?.tops[this.#score];
      const next = node * TOP + at + 1;
      if (top !== undefined && at + 1 < (top.size[node] as number)) {
        this.#push({ value: top.values[next] as number, id: top.ids[next] as number, level, node, at: at + 1 });
      } else this.#enter(level, node, value, id);
    }
    const takeLeaf = (leaf: number, from: number, to: number): void => this.#takeLeaf(leaf, from, to);
    nodes.cover(filter.begin, filter.end, () => undefined, takeLeaf);
    return true;
  }

  /** Begins with the first entry of the node's list behind the row (value, id), or goes down when the list ends before. */
  #enter(level: number, node: number, value: number, id: number): void {
    const { tree } = this.filter;
    const top = tree.nodes.levels[level]?.tops[this.#score];
    if (top === undefined) return;
    const size = top.size[node] as number;
    const first = node * TOP;
    let at = 0;
    while (at < size && !better(value, id, top.values[first + at] as number, top.ids[first + at] as number)) at++;
    if (at < size) {
      this.#push({ value: top.values[first + at] as number, id: top.ids[first + at] as number, level, node, at });
      return;
    }
    if (size < TOP) return;
    if (level > 0) {
      const end = Math.min(tree.nodes.sizeOf(level - 1), (node + 1) * FAN);
      for (let child = node * FAN; child < end; child++) this.#enter(level - 1, child, value, id);
      return;
    }
    for (let slot = node * LEAF; slot < node * LEAF + tree.countOf(node); slot++) {
      const other = tree.ids[slot] as number;
      const score = this.#scoreOf(other);
      if (!better(value, id, score, other) || !this.#good(score, other)) continue;
      if (this.filter.others.length === 0 || this.filter.holds(other)) this.#keep(score, other);
    }
  }

  #scanAll(): void {
    this.#size = 0;
    const { begin, end } = this.filter;
    const { tops } = this.filter.tree.nodes.levels[0] ?? {};
    const top = tops?.[this.#score];
    for (let leaf = begin.leaf; leaf <= end.leaf; leaf++) {
      if (top === undefined || top.size[leaf] === 0) continue;
      if (!this.#good(top.values[leaf * TOP] as number, top.ids[leaf * TOP] as number)) continue;
      this.#takeLeaf(leaf, this.filter.fromOf(leaf), this.filter.toOf(leaf));
    }
  }

  #scanSet(): void {
    this.#size = 0;
    this.filter.scan((_, found) => this.#offer(found));
  }

  #takeLeaf(leaf: number, from: number, to: number): void {
    this.#offer(this.filter.matches(leaf, from, to));
  }

  /** The rows whose slots the filter has left. */
  #offer(found: number): void {
    const { filter } = this;
    for (let i = 0; i < found; i++) {
      const id = filter.idAt(filter.slots[i] as number);
      const value = this.#scoreOf(id);
      if (this.#good(value, id)) this.#keep(value, id);
    }
  }

  /** -Infinity for none. */
  #scoreOf(id: number): number {
    const value = (this.table.numbers[this.#number] as NumberArray)[id] as number;
    return value < (this.table.nones[this.#number] as number) ? value : -Infinity;
  }

  #good(value: number, id: number): boolean {
    if (value === -Infinity) return false;
    if (this.#size < this.#limit) return true;
    return better(value, id, this.values[this.#size - 1] as number, this.ids[this.#size - 1] as number);
  }

  #keep(value: number, id: number): void {
    const { values, ids } = this;
    let at = this.#size < this.#limit ? this.#size++ : this.#limit - 1;
    for (; at > 0 && better(value, id, values[at - 1] as number, ids[at - 1] as number); at--) {
      values[at] = values[at - 1] as number;
      ids[at] = ids[at - 1] as number;
    }
    values[at] = value;
    ids[at] = id;
  }

  #push(run: Run): void {
    const heap = this.#heap;
    let at = heap.push(run) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as Run;
      if (!better(run.value, run.id, other.value, other.id)) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = run;
  }

  #pop(): Run {
    const heap = this.#heap;
    const best = heap[0] as Run;
    const last = heap.pop() as Run;
    if (heap.length === 0) return best;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      let other = heap[child] as Run;
      if (right !== undefined && better(right.value, right.id, other.value, other.id)) {
        child++;
        other = right;
      }
      if (!better(other.value, other.id, last.value, last.id)) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = last;
    return best;
  }
}
