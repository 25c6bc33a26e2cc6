import { Candidates } from './candidates';
import type { Filter } from './filter';
import type { Level } from './nodes';
import * as sizes from './sizes';
import type { NumberArray, Table } from './table';
import * as topLists from './top-lists';

type TopLists = topLists.TopLists;

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { FAN, LEAF, TOP } = sizes;
const { better } = topLists;
const BITS = Math.log2(TOP);
const MOST_STEPS = 4096;
/** A set of so few ids is looked at row by row at once; nodes are tried first for a larger one. */
const FEW_IDS = 16384;

/** The best rows of a filter by a score, best first: a search of the nodes by their greatest score. */
export class BestRows {
  #score = 0;
  #number = 0;
  #limit = 0;
  #size = 0;
  readonly #lists = new Candidates();

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
    const { levels } = filter.tree.nodes;
    const lists = this.#lists;
    this.#addLists();
    lists.order();
    const isPlain = filter.others.length === 0;
    const [first, last] = [filter.begin.leaf, filter.end.leaf];
    const most = MOST_STEPS + 4 * this.#limit;
    for (let steps = 0; lists.size > 0; steps++) {
      if (steps > most) return false;
      const { value, id, level, entry } = lists;
      if (!this.#good(value, id)) break;
      const node = entry >> BITS;
      const isCut = level === 0 && (node === first || node === last);
      if ((isPlain || filter.holds(id)) && (!isCut || filter.isInRange(id))) this.#keep(value, id);
      const { size, values, ids } = (levels[level] as Level).tops[this.#score] as TopLists;
      const next = entry + 1;
      if (next - node * TOP < (size[node] as number)) lists.advance(values[next] as number, ids[next] as number, next);
      else {
        lists.dropBest();
        this.#enter(level, node, value, id);
      }
    }
    return true;
  }

  /** The lists of whole nodes, and of the two leaves that the range may cut. */
  #addLists(): void {
    const { filter } = this;
    const { nodes } = filter.tree;
    const [first, last] = [filter.begin.leaf, filter.end.leaf];
    const runs = nodes.between(first, last);
    // What is worse than the last row wanted of any whole node, all of whose rows match, need not be looked at.
    const ranked = filter.others.length === 0 && this.#limit <= TOP ? this.#limit : Infinity;
    let bar = -Infinity;
    this.#lists.size = 0;
    // From the highest nodes on: they have the best rows.
    for (let i = runs.size; i-- > 0;) {
      const level = runs.level[i] as number;
      const { size, values, ids } = (nodes.levels[level] as Level).tops[this.#score] as TopLists;
      const end = runs.end[i] as number;
      for (let node = runs.begin[i] as number; node < end; node++) {
        const rows = size[node] as number;
        const entry = node * TOP;
        const value = values[entry] as number;
        if (rows === 0 || value < bar) continue;
        this.#lists.add(value, ids[entry] as number, level, entry);
        if (rows < ranked) continue;
        const worst = values[entry + ranked - 1] as number;
        if (worst > bar) bar = worst;
      }
    }
    const { size, values, ids } = (nodes.levels[0] as Level).tops[this.#score] as TopLists;
    for (let leaf = first; ; leaf = last) {
      const entry = leaf * TOP;
      if ((size[leaf] as number) > 0 && (values[entry] as number) >= bar)
        this.#lists.add(values[entry] as number, ids[entry] as number, 0, entry);
      if (leaf === last) break;
    }
  }

  /** Goes on with the first entry of the node's list behind the row (value, id), or down when the list ends before. */
  #enter(level: number, node: number, value: number, id: number): void {
    const { filter } = this;
    const { tree } = filter;
    const { size, values, ids } = (tree.nodes.levels[level] as Level).tops[this.#score] as TopLists;
    const last = node * TOP + (size[node] as number);
    let at = node * TOP;
    while (at < last && !better(value, id, values[at] as number, ids[at] as number)) at++;
    if (at < last) {
      this.#lists.push(values[at] as number, ids[at] as number, level, at);
      return;
    }
    if ((size[node] as number) < TOP) return;
    if (level > 0) {
      const end = Math.min(tree.nodes.sizeOf(level - 1), (node + 1) * FAN);
      for (let child = node * FAN; child < end; child++) this.#enter(level - 1, child, value, id);
      return;
    }
    const to = node * LEAF + filter.toOf(node);
    for (let slot = node * LEAF + filter.fromOf(node); slot < to; slot++) {
      const other = tree.ids[slot] as number;
      const score = this.#scoreOf(other);
      if (!better(value, id, score, other) || !this.#good(score, other)) continue;
      if (filter.others.length === 0 || filter.holds(other)) this.#keep(score, other);
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
}
