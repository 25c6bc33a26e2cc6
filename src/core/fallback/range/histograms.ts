import type { Point, Tree } from './tree';
import * as sizes from './sizes';

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { FAN, LEAF } = sizes;
const LAST = FAN - 1;
const BITS = Math.log2(FAN);

/**
 * Rows by code of a facet. A node's counters are those of the children of its parent up to and with itself: rows before a place
 * are one row of counters a level, and a change adds to at most 16 counters a level.
 */
export class Histograms {
  /** By level, a counter a code; undefined where nodes have fewer rows than the facet has values. */
  #levels: (Int32Array | undefined)[] = [];
  /** The first level that has counters. */
  #lowest = 0;
  #stride = 0;

  constructor(
    private readonly tree: Tree,
    private readonly facet: number,
  ) {}

  /** Room for nodes of levels of these sizes, all without rows. */
  layOut(nodes: readonly number[]): void {
    const stride = this.tree.table.facetSizes[this.facet] as number;
    this.#stride = stride;
    this.#levels = nodes.map((size, level) =>
      stride <= LEAF * FAN ** level ? new Int32Array(size * stride) : undefined,
    );
    this.#lowest = this.#levels.filter((level) => level === undefined).length;
  }

  /** A node's counters anew, when those of its children and of its sibling before are right. */
  refresh(level: number, node: number): void {
    const sums = this.#levels[level];
    if (sums === undefined) return;
    const stride = this.#stride;
    const first = node * stride;
    if ((node & LAST) === 0) sums.fill(0, first, first + stride);
    else sums.copyWithin(first, first - stride, first);
    const below = this.#levels[level - 1];
    if (below !== undefined) {
      const last = Math.min(this.tree.nodes.sizeOf(level - 1), (node + 1) * FAN) - 1;
      addRow(sums, first, below, last * stride, stride);
      return;
    }
    const end = Math.min(this.tree.leaves, (node + 1) << (BITS * level));
    for (let leaf = node << (BITS * level); leaf < end; leaf++)
      this.#countRows(sums, first, leaf, 0, this.tree.countOf(leaf), 1);
  }

  /** A row with a code has come to a leaf (1) or left it (-1). */
  change(leaf: number, code: number, by: 1 | -1): void {
    const stride = this.#stride;
    const levels = this.#levels;
    let node = leaf >> (BITS * this.#lowest);
    for (let level = this.#lowest; level < levels.length; level++) {
      const sums = levels[level] as Int32Array;
      const end = Math.min(sums.length, (node | LAST) * stride + stride);
      for (let at = node * stride + code; at < end; at += stride) sums[at] = ((sums[at] as number) + by) | 0;
      node = node >> BITS;
    }
  }

  /** Adds the rows from a to b to `counts` from `base` on. O(codes) a level, and at most half a leaf's rows at either end. */
  count(a: Point, b: Point, counts: Int32Array, base: number): void {
    const [levels, stride] = [this.#levels, this.#stride];
    let begin = a.leaf >> (BITS * this.#lowest);
    let end = b.leaf >> (BITS * this.#lowest);
    if (begin === end || this.#lowest === levels.length) {
      for (let leaf = a.leaf; leaf <= b.leaf; leaf++) {
        const to = leaf === b.leaf ? b.at : this.tree.countOf(leaf);
        this.#countRows(counts, base, leaf, leaf === a.leaf ? a.at : 0, to, 1);
      }
      return;
    }
    // From here on: the last node whose counters are taken (-1: none).
    let plus = this.#countEnd(b, end, counts, base, 1);
    let minus = this.#countEnd(a, begin, counts, base, -1);
    for (let level = this.#lowest; ; level++) {
      const sums = levels[level] as Int32Array;
      if (plus >= 0 && minus >= 0) addDifference(counts, base, sums, plus * stride, minus * stride, stride);
      else if (plus >= 0) addRow(counts, base, sums, plus * stride, stride);
      else if (minus >= 0) subtractRow(counts, base, sums, minus * stride, stride);
      begin = begin >> BITS;
      end = end >> BITS;
      if (begin === end) return;
      plus = (end & LAST) - 1 < 0 ? -1 : end - 1;
      minus = (begin & LAST) - 1 < 0 ? -1 : begin - 1;
    }
  }

  bytes(): number {
    return this.#levels.reduce((sum, level) => sum + (level?.byteLength ?? 0), 0);
  }

  /**
   * Counts the rows between a place in a node of the lowest level and whichever end of the node is nearer. Returns the node whose
   * counters are to be taken for the rest: itself, or its sibling before (-1: there is none).
   */
  #countEnd({ leaf, at }: Point, node: number, counts: Int32Array, base: number, by: 1 | -1): number {
    const { tree } = this;
    const first = node << (BITS * this.#lowest);
    const last = Math.min(tree.leaves, (node + 1) << (BITS * this.#lowest)) - 1;
    const all = tree.countOf(leaf);
    if ((leaf - first) * LEAF + at <= (last - leaf) * LEAF + all - at) {
      for (let i = first; i < leaf; i++) this.#countRows(counts, base, i, 0, tree.countOf(i), by);
      this.#countRows(counts, base, leaf, 0, at, by);
      return (node & LAST) === 0 ? -1 : node - 1;
    }
    this.#countRows(counts, base, leaf, at, all, -by);
    for (let i = leaf + 1; i <= last; i++) this.#countRows(counts, base, i, 0, tree.countOf(i), -by);
    return node;
  }

  #countRows(counts: Int32Array, base: number, leaf: number, from: number, to: number, by: number): void {
    const codes = this.tree.facets[this.facet] as Uint16Array;
    const end = leaf * LEAF + to;
    for (let i = leaf * LEAF + from; i < end; i++) {
      const at = base + (codes[i] as number);
      counts[at] = ((counts[at] as number) + by) | 0;
    }
  }
}

function addRow(counts: Int32Array, base: number, from: Int32Array, first: number, size: number): void {
  for (let i = 0; i < size; i++) counts[base + i] = ((counts[base + i] as number) + (from[first + i] as number)) | 0;
}

function subtractRow(counts: Int32Array, base: number, from: Int32Array, first: number, size: number): void {
  for (let i = 0; i < size; i++) counts[base + i] = ((counts[base + i] as number) - (from[first + i] as number)) | 0;
}

function addDifference(
  counts: Int32Array,
  base: number,
  from: Int32Array,
  plus: number,
  minus: number,
  size: number,
): void {
  for (let i = 0; i < size; i++) {
    const difference = ((from[plus + i] as number) - (from[minus + i] as number)) | 0;
    counts[base + i] = ((counts[base + i] as number) + difference) | 0;
  }
}
