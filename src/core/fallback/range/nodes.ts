import { FAN, LEAF, TOP } from './sizes';
import { addSummary, clear, summarise } from './summary';
import type { NumberArray } from './table';
import type { Point, Tree } from './tree';

/** The best rows of every node of a level by one score: (value descending, id ascending). */
interface TopLists {
  readonly size: Uint8Array;
  readonly ids: Uint32Array;
  readonly values: Float64Array;
}

interface Level {
  readonly size: number;
  /** Padded to a multiple of 16, as are the measures. */
  readonly counts: Uint32Array;
  /** By measure, four numbers a node: see summary.ts. */
  readonly measures: readonly Float64Array[];
  readonly tops: readonly TopLists[];
  /** By facet: counts per value; undefined on levels whose nodes have fewer rows than the facet has values. */
  readonly histograms: (Uint32Array | undefined)[];
}

/** What nodes know of the rows below them, made anew or kept up to date. */
export class Nodes {
  levels: Level[] = [];

  constructor(private readonly tree: Tree) {}

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
      const level = this.levels.length;
      this.levels.push({
        size,
        counts: new Uint32Array(padded),
        measures: Array.from({ length: 1 + aggregates.length }, () => {
          const measure = new Float64Array(padded * 4);
          for (let node = 0; node < padded; node++) clear(measure, node * 4);
          return measure;
        }),
        tops: table.schema.scores.map(() => ({
          size: new Uint8Array(padded),
          ids: new Uint32Array(size * TOP),
          values: new Float64Array(size * TOP),
        })),
        histograms: table.facetSizes.map((stride) =>
          stride <= LEAF * FAN ** level ? new Uint32Array(size * stride) : undefined,
        ),
      });
      if (size === 1) break;
    }
  }

  refresh(level: number, node: number): void {
    const here = this.levels[level] as Level;
    if (level > 0) {
      const { counts } = this.levels[level - 1] as Level;
      let count = 0;
      for (let child = node * FAN; child < (node + 1) * FAN; child++) count += counts[child] as number;
      here.counts[node] = count;
    }
    this.#refreshMeasures(level, node);
    for (let score = 0; score < here.tops.length; score++) this.#refreshTop(level, node, score);
    for (let facet = 0; facet < here.histograms.length; facet++) this.#refreshHistogram(level, node, facet);
  }

  restride(facet: number): void {
    const stride = this.tree.table.facetSizes[facet] as number;
    this.levels.forEach((here, level) => {
      here.histograms[facet] = stride <= LEAF * FAN ** level ? new Uint32Array(here.size * stride) : undefined;
      for (let node = 0; node < here.size; node++) this.#refreshHistogram(level, node, facet);
    });
  }

  /** Counts and measures on the way up from a leaf that a row came to or left. */
  climb(leaf: number, id: number, by: number): void {
    const { facets, facetSizes } = this.tree.table;
    let node = leaf;
    for (let level = 0; level < this.levels.length; level++) {
      const here = this.levels[level] as Level;
      here.counts[node] = (here.counts[node] as number) + by;
      this.#refreshMeasures(level, node);
      for (let facet = 0; facet < facets.length; facet++) {
        const histogram = here.histograms[facet];
        if (histogram === undefined) continue;
        const at = node * (facetSizes[facet] as number) + ((facets[facet] as Uint16Array)[id] as number);
        histogram[at] = (histogram[at] as number) + by;
      }
      node = node >> 4;
    }
  }

  addTops(leaf: number, id: number): void {
    const { table } = this.tree;
    table.schema.scores.forEach((number, score) => {
      const value = (table.numbers[number] as NumberArray)[id] as number;
      if (!(value < (table.nones[number] as number))) return;
      let node = leaf;
      for (const { tops } of this.levels) {
        if (!offer(tops[score] as TopLists, node, value, id)) break;
        node = node >> 4;
      }
    });
  }

  /** A list that was full is made anew, because the row behind its last one is not in it. */
  dropTops(leaf: number, id: number): void {
    for (let score = 0; score < this.tree.table.schema.scores.length; score++) {
      let node = leaf;
      for (let level = 0; level < this.levels.length; level++, node = node >> 4) {
        const { size, ids, values } = (this.levels[level] as Level).tops[score] as TopLists;
        const first = node * TOP;
        const end = first + (size[node] as number);
        let at = first;
        while (at < end && ids[at] !== id) at++;
        if (at === end) break;
        if (end - first === TOP) {
          this.#refreshTop(level, node, score);
          continue;
        }
        ids.copyWithin(at, at + 1, end);
        values.copyWithin(at, at + 1, end);
        size[node] = end - first - 1;
      }
    }
  }

  /** The number of rows before a point. */
  before({ leaf, at }: Point): number {
    let total = at;
    let node = leaf;
    for (let level = 0; level < this.levels.length; level++) {
      const { counts } = this.levels[level] as Level;
      for (let i = node & ~(FAN - 1); i < node; i++) total += counts[i] as number;
      node = node >> 4;
    }
    return total;
  }

  select(rank: number): Point {
    let left = rank;
    let node = 0;
    for (let level = this.levels.length; level-- > 0;) {
      const { counts, size } = this.levels[level] as Level;
      let i = level + 1 === this.levels.length ? 0 : node * FAN;
      const end = Math.min(size, i + FAN);
      while (i + 1 < end && left >= (counts[i] as number)) left -= counts[i++] as number;
      node = i;
    }
    return { leaf: node, at: Math.min(left, this.countOf(node)) };
  }

  /** Calls nodes(level, begin, end) and edge(leaf, from, to) for pieces that make up the rows from a to b. */
  cover(
    a: Point,
    b: Point,
    nodes: (level: number, begin: number, end: number) => void,
    edge: (leaf: number, from: number, to: number) => void,
  ): void {
    if (a.leaf > b.leaf || (a.leaf === b.leaf && a.at >= b.at)) return;
    if (a.leaf === b.leaf) {
      edge(a.leaf, a.at, b.at);
      return;
    }
    edge(a.leaf, a.at, this.countOf(a.leaf));
    let begin = a.leaf + 1;
    let end = b.leaf;
    for (let level = 0; begin < end; level++) {
      if (level + 1 === this.levels.length) {
        nodes(level, begin, end);
        break;
      }
      const left = Math.min(end, (begin + FAN - 1) & ~(FAN - 1));
      if (begin < left) nodes(level, begin, left);
      begin = left;
      const right = Math.max(begin, end & ~(FAN - 1));
      if (right < end) nodes(level, right, end);
      end = right;
      begin = begin >> 4;
      end = end >> 4;
    }
    edge(b.leaf, 0, b.at);
  }

  /** The same with fewer nodes: nodes(level, begin, end, by) also for some that are to be taken away again, by -1. */
  coverLess(
    a: Point,
    b: Point,
    nodes: (level: number, begin: number, end: number, by: 1 | -1) => void,
    edge: (leaf: number, from: number, to: number) => void,
  ): void {
    if (a.leaf === b.leaf) {
      if (a.at < b.at) edge(a.leaf, a.at, b.at);
      return;
    }
    if (a.leaf > b.leaf) return;
    edge(a.leaf, a.at, this.countOf(a.leaf));
    let begin = a.leaf + 1;
    let end = b.leaf;
    for (let level = 0; begin < end; level++) {
      if (level + 1 === this.levels.length || end - begin <= FAN / 2) {
        nodes(level, begin, end, 1);
        break;
      }
      // The end of a parent's children that is the shorter one: those inside are added, or those outside taken away.
      const low = begin & ~(FAN - 1);
      const high = (begin + FAN - 1) & ~(FAN - 1);
      const less = begin - low < high - begin;
      if (less && low < begin) nodes(level, low, begin, -1);
      if (!less && begin < high) nodes(level, begin, high, 1);
      begin = (less ? low : high) >> 4;
      const under = end & ~(FAN - 1);
      const over = Math.min(this.sizeOf(level), (end + FAN - 1) & ~(FAN - 1));
      if (over - end < end - under) {
        if (end < over) nodes(level, end, over, -1);
        end = (over + FAN - 1) >> 4;
      } else {
        if (under < end) nodes(level, under, end, 1);
        end = under >> 4;
      }
    }
    edge(b.leaf, 0, b.at);
  }

  bytes(): number {
    return this.levels.reduce((sum, { counts, measures, tops, histograms }) => {
      const arrays = [counts, ...measures, ...tops.flatMap(({ size, ids, values }) => [size, ids, values])];
      for (const histogram of histograms) sum += histogram?.byteLength ?? 0;
      return arrays.reduce((total, array) => total + array.byteLength, sum);
    }, 0);
  }

  #refreshMeasures(level: number, node: number): void {
    const { measures } = this.levels[level] as Level;
    for (let m = 0; m < measures.length; m++) {
      const measure = measures[m] as Float64Array;
      clear(measure, node * 4);
      if (level === 0) {
        const begin = node * LEAF;
        const end = begin + this.countOf(node);
        summarise(this.tree.measure(m), begin, end, this.tree.measureNone(m), measure, node * 4);
        continue;
      }
      const below = (this.levels[level - 1] as Level).measures[m] as Float64Array;
      for (let child = node * FAN; child < (node + 1) * FAN; child++) addSummary(measure, node * 4, below, child * 4);
    }
  }

  #refreshTop(level: number, node: number, score: number): void {
    const { table, ids } = this.tree;
    const top = (this.levels[level] as Level).tops[score] as TopLists;
    top.size[node] = 0;
    if (level === 0) {
      const number = table.schema.scores[score] as number;
      const values = table.numbers[number] as NumberArray;
      const none = table.nones[number] as number;
      const end = node * LEAF + this.countOf(node);
      for (let i = node * LEAF; i < end; i++) {
        const id = ids[i] as number;
        const value = values[id] as number;
        if (value < none) offer(top, node, value, id);
      }
      return;
    }
    const below = (this.levels[level - 1] as Level).tops[score] as TopLists;
    const end = Math.min((this.levels[level - 1] as Level).size, (node + 1) * FAN);
    for (let child = node * FAN; child < end; child++) {
      const last = child * TOP + (below.size[child] as number);
      for (let i = child * TOP; i < last; i++) {
        if (!offer(top, node, below.values[i] as number, below.ids[i] as number)) break;
      }
    }
  }

  #refreshHistogram(level: number, node: number, facet: number): void {
    const counts = (this.levels[level] as Level).histograms[facet];
    if (counts === undefined) return;
    const stride = this.tree.table.facetSizes[facet] as number;
    const first = node * stride;
    counts.fill(0, first, first + stride);
    const below = level > 0 ? (this.levels[level - 1] as Level).histograms[facet] : undefined;
    if (below !== undefined) {
      const end = Math.min((this.levels[level - 1] as Level).size, (node + 1) * FAN);
      for (let child = node * FAN; child < end; child++) {
        for (let i = 0; i < stride; i++) {
          counts[first + i] = (counts[first + i] as number) + (below[child * stride + i] as number);
        }
      }
      return;
    }
    const codes = this.tree.facets[facet] as Uint16Array;
    const last = Math.min(this.tree.leaves, (node + 1) * FAN ** level);
    for (let leaf = node * FAN ** level; leaf < last; leaf++) {
      const end = leaf * LEAF + this.countOf(leaf);
      for (let i = leaf * LEAF; i < end; i++) {
        const at = first + (codes[i] as number);
        counts[at] = (counts[at] as number) + 1;
      }
    }
  }
}

/** Puts a row in its place in a node's list. False when it is not good enough. */
function offer({ size, ids, values }: TopLists, node: number, value: number, id: number): boolean {
  const first = node * TOP;
  const full = size[node] === TOP;
  const last = first + TOP - 1;
  if (full && !better(value, id, values[last] as number, ids[last] as number)) return false;
  let at = full ? last : first + (size[node] as number);
  if (!full) size[node] = (size[node] as number) + 1;
  for (; at > first && better(value, id, values[at - 1] as number, ids[at - 1] as number); at--) {
    values[at] = values[at - 1] as number;
    ids[at] = ids[at - 1] as number;
  }
  values[at] = value;
  ids[at] = id;
  return true;
}

export function better(value: number, id: number, otherValue: number, otherId: number): boolean {
  return value > otherValue || (value === otherValue && id < otherId);
}
