import { Histograms } from './histograms';
import * as sizes from './sizes';
import * as summaries from './summary';
import type { NumberArray } from './table';
import { listRows, mergeLists, newTopLists, offer, takeOut, type TopLists } from './top-lists';
import type { Point, Tree } from './tree';

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { FAN, LEAF } = sizes;
const { addNodes, addPart, addSums, clear, summarise, widen } = summaries;
const BITS = Math.log2(FAN);

export interface Level {
  readonly size: number;
  /** Padded to a multiple of 16, as are `ahead` and the measures. */
  readonly counts: Uint32Array;
  /** Rows of the siblings before a node. */
  readonly ahead: Uint32Array;
  /** By measure, four numbers a node: see summary.ts. */
  readonly measures: readonly Float64Array[];
  /** By score. */
  readonly tops: readonly TopLists[];
}

/** Whole nodes of a range: `size` runs of siblings, each from `begin` to below `end` of a level. */
export interface Runs {
  size: number;
  readonly level: Uint8Array;
  readonly begin: Uint32Array;
  readonly end: Uint32Array;
}

/** Two runs a level, and more levels than ids allow. */
const MOST_RUNS = 32;

/** What nodes know of the rows below them, made anew or kept up to date. */
export class Nodes {
  levels: Level[] = [];
  /** By facet. */
  readonly histograms: readonly Histograms[];
  readonly #runs: Runs = {
    size: 0,
    level: new Uint8Array(MOST_RUNS),
    begin: new Uint32Array(MOST_RUNS),
    end: new Uint32Array(MOST_RUNS),
  };

  constructor(private readonly tree: Tree) {
    this.histograms = tree.table.facets.map((_, facet) => new Histograms(tree, facet));
  }

  sizeOf(level: number): number {
    return (this.levels[level] as Level).size;
  }
  countOf(leaf: number): number {
    return (this.levels[0] as Level).counts[leaf] as number;
  }
  setCount(leaf: number, count: number): void {
    (this.levels[0] as Level).counts[leaf] = count;
  }

  layOut(leaves: number): void {
    const { table, aggregates } = this.tree;
    this.levels = [];
    for (let size = leaves; ; size = Math.ceil(size / FAN)) {
      const padded = Math.ceil(size / FAN) * FAN;
      this.levels.push({
        size,
        counts: new Uint32Array(padded),
        ahead: new Uint32Array(padded),
        measures: Array.from({ length: 1 + aggregates.length }, () => {
          const measure = new Float64Array(padded * 4);
          for (let node = 0; node < padded; node++) clear(measure, node * 4);
          return measure;
        }),
        tops: table.schema.scores.map(() => newTopLists(size)),
      });
      if (size === 1) break;
    }
    this.#layOutHistograms(this.histograms);
  }

  /** Makes a node anew; those below it and, for its histograms, its siblings before it are right. */
  refresh(level: number, node: number): void {
    if (level > 0) {
      const { counts, ahead } = this.levels[level - 1] as Level;
      let count = 0;
      for (let child = node * FAN; child < (node + 1) * FAN; child++) {
        ahead[child] = count;
        count += counts[child] as number;
      }
      (this.levels[level] as Level).counts[node] = count;
    }
    this.#refreshMeasures(level, node);
    for (let score = 0; score < this.tree.table.schema.scores.length; score++) this.#refreshTop(level, node, score);
    for (const histogram of this.histograms) histogram.refresh(level, node);
  }

  restride(facet: number): void {
    const histogram = this.histograms[facet] as Histograms;
    this.#layOutHistograms([histogram]);
    this.levels.forEach(({ size }, level) => {
      for (let node = 0; node < size; node++) histogram.refresh(level, node);
    });
  }

  /** Counts and measures on the way up from a leaf that a row came to (1) or left (-1). */
  climb(leaf: number, id: number, by: 1 | -1): void {
    let node = leaf;
    for (let level = 0; level < this.levels.length; level++) {
      const { counts, ahead } = this.levels[level] as Level;
      counts[node] = (counts[node] as number) + by;
      for (let next = node + 1; next % FAN !== 0; next++) ahead[next] = (ahead[next] as number) + by;
      this.#refreshMeasures(level, node);
      node = node >> BITS;
    }
    const { facets } = this.tree.table;
    for (let facet = 0; facet < facets.length; facet++)
      (this.histograms[facet] as Histograms).change(leaf, (facets[facet] as Uint16Array)[id] as number, by);
  }

  addTops(leaf: number, id: number): void {
    const { table } = this.tree;
    table.schema.scores.forEach((number, score) => {
      const value = (table.numbers[number] as NumberArray)[id] as number;
      if (!(value < (table.nones[number] as number))) return;
      let node = leaf;
      for (const { tops } of this.levels) {
        if (!offer(tops[score] as TopLists, node, value, id)) break;
        node = node >> BITS;
      }
    });
  }

  /** A list that was full is made anew, because the row behind its last one is not in it. */
  dropTops(leaf: number, id: number): void {
    for (let score = 0; score < this.tree.table.schema.scores.length; score++) {
      let node = leaf;
      for (let level = 0; level < this.levels.length; level++, node = node >> BITS) {
        const was = takeOut((this.levels[level] as Level).tops[score] as TopLists, node, id);
        if (was === 'absent') break;
        if (was === 'full') this.#refreshTop(level, node, score);
      }
    }
  }

  /** The number of rows before a point. */
  before({ leaf, at }: Point): number {
    const { levels } = this;
    let total = at;
    let node = leaf;
    for (let level = 0; level < levels.length; level++) {
      total += (levels[level] as Level).ahead[node] as number;
      node = node >> BITS;
    }
    return total;
  }

  select(rank: number): Point {
    let left = rank;
    let node = 0;
    for (let level = this.levels.length - 1; level-- > 0;) {
      const { ahead, size } = this.levels[level] as Level;
      const end = Math.min(size, (node + 1) * FAN);
      node = node * FAN;
      while (node + 1 < end && left >= (ahead[node + 1] as number)) node++;
      left -= ahead[node] as number;
    }
    return { leaf: node, at: Math.min(left, this.countOf(node)) };
  }

  /** The whole nodes that make up the leaves between two, in the order in which the native engine takes them. Valid until the next call. */
  between(first: number, last: number): Runs {
    const runs = this.#runs;
    runs.size = 0;
    let begin = first + 1;
    let end = last;
    for (let level = 0; begin < end; level++) {
      if (level + 1 === this.levels.length) {
        addRun(runs, level, begin, end);
        break;
      }
      const left = Math.min(end, (begin + FAN - 1) & -FAN);
      if (begin < left) addRun(runs, level, begin, left);
      begin = left;
      const right = Math.max(begin, end & -FAN);
      if (right < end) addRun(runs, level, right, end);
      end = right;
      begin = begin >> BITS;
      end = end >> BITS;
    }
    return runs;
  }

  /** The summary of the rows from a to b into the first four of `into`. O(log n), and the rows of two leaves at most. */
  summarise(m: number, a: Point, b: Point, into: Float64Array): void {
    clear(into, 0);
    if (a.leaf > b.leaf || (a.leaf === b.leaf && a.at >= b.at)) return;
    if (a.leaf === b.leaf) {
      this.#addPart(m, a.leaf, a.at, b.at, into);
      return;
    }
    const runs = this.between(a.leaf, b.leaf);
    // The order of additions makes the bits of the sum; the least and the greatest of the nodes are asked for before.
    for (let i = 0; i < runs.size; i++) {
      const measure = (this.levels[runs.level[i] as number] as Level).measures[m] as Float64Array;
      widen(into, measure, runs.begin[i] as number, runs.end[i] as number);
    }
    this.#addPart(m, a.leaf, a.at, this.countOf(a.leaf), into);
    for (let i = 0; i < runs.size; i++) {
      const measure = (this.levels[runs.level[i] as number] as Level).measures[m] as Float64Array;
      addSums(into, measure, runs.begin[i] as number, runs.end[i] as number);
    }
    this.#addPart(m, b.leaf, 0, b.at, into);
  }

  bytes(): number {
    const histograms = this.histograms.reduce((sum, histogram) => sum + histogram.bytes(), 0);
    return this.levels.reduce((sum, { counts, ahead, measures, tops }) => {
      const arrays = [counts, ahead, ...measures, ...tops.flatMap(({ size, ids, values }) => [size, ids, values])];
      return arrays.reduce((total, array) => total + array.byteLength, sum);
    }, histograms);
  }

  #layOutHistograms(histograms: readonly Histograms[]): void {
    const nodes = this.levels.map(({ size }) => size);
    for (const histogram of histograms) histogram.layOut(nodes);
  }

  #refreshMeasures(level: number, node: number): void {
    const { measures } = this.levels[level] as Level;
    for (let m = 0; m < measures.length; m++) {
      const measure = measures[m] as Float64Array;
      clear(measure, node * 4);
      if (level > 0) {
        const below = (this.levels[level - 1] as Level).measures[m] as Float64Array;
        addNodes(measure, node * 4, below, node * FAN, (node + 1) * FAN);
        continue;
      }
      const begin = node * LEAF;
      summarise(this.tree.measure(m), begin, begin + this.countOf(node), this.tree.measureNone(m), measure, node * 4);
    }
  }

  #addPart(m: number, leaf: number, from: number, to: number, into: Float64Array): void {
    const { tree } = this;
    const all = (this.levels[0] as Level).measures[m] as Float64Array;
    const begin = leaf * LEAF;
    addPart(into, tree.measure(m), begin + from, begin + to, tree.measureNone(m), all, leaf * 4, this.countOf(leaf));
  }

  #refreshTop(level: number, node: number, score: number): void {
    const { table, ids } = this.tree;
    const top = (this.levels[level] as Level).tops[score] as TopLists;
    if (level > 0) {
      const below = this.levels[level - 1] as Level;
      mergeLists(top, node, below.tops[score] as TopLists, node * FAN, Math.min(below.size, (node + 1) * FAN));
      return;
    }
    const number = table.schema.scores[score] as number;
    const begin = node * LEAF;
    const end = begin + this.countOf(node);
    listRows(top, node, ids, begin, end, table.numbers[number] as NumberArray, table.nones[number] as number);
  }
}

function addRun(runs: Runs, level: number, begin: number, end: number): void {
  runs.level[runs.size] = level;
  runs.begin[runs.size] = begin;
  runs.end[runs.size++] = end;
}
