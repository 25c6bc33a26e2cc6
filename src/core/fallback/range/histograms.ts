import * as sizes from './sizes';
import type { Point, Tree } from './tree';

// Constants of one's own: loaded by tsx, a use of an import calls two getters.
const { FAN, LEAF } = sizes;
const LAST = FAN - 1;
const BITS = Math.log2(FAN);

/**
 * Rows by code of a facet. A node's counters are those of the children of its parent up to and with itself: rows before a place
 * are one row of counters a level, and a change adds to at most 16 counters a level.
 */
export class Histograms {
  /** A row of zeros, then a row for each node of the levels that have counters, as many as the facet has codes. */
  #sums = new Int32Array(0);
  #stride = 0;
  /** The first level that has counters: below it nodes have fewer rows than the facet has codes. */
  #lowest = 0;
  #levels = 0;
  /** Where the rows of a level begin, and the last one's end. */
  readonly #starts: number[] = [];
  /** Of a query: rows to be added and, at odd places, taken away. */
  readonly #rows = new Uint32Array(32);

  constructor(
    private readonly tree: Tree,
    private readonly facet: number,
  ) {}

  /** Room for levels of so many nodes, all without rows. */
  layOut(nodes: readonly number[]): void {
    const stride = this.tree.table.facetSizes[this.facet] as number;
    this.#stride = stride;
    this.#levels = nodes.length;
    this.#lowest = 0;
    while (stride > LEAF * FAN ** this.#lowest) this.#lowest++;
    let end = stride;
    for (let level = 0; level < nodes.length; level++) {
      this.#starts[level] = end;
      if (level >= this.#lowest) end += (nodes[level] as number) * stride;
    }
    this.#starts[nodes.length] = end;
    this.#sums = new Int32Array(end);
  }

  /** A node's counters anew, when those of its children and of its sibling before are right. */
  refresh(level: number, node: number): void {
    if (level < this.#lowest) return;
    const [sums, stride] = [this.#sums, this.#stride];
    const first = this.#startOf(level) + node * stride;
    if ((node & LAST) === 0) sums.fill(0, first, first + stride);
    else sums.copyWithin(first, first - stride, first);
    if (level > this.#lowest) {
      const below = Math.min(this.#startOf(level - 1) + (node + 1) * FAN * stride, this.#startOf(level)) - stride;
      for (let i = 0; i < stride; i++)
        sums[first + i] = ((sums[first + i] as number) + (sums[below + i] as number)) | 0;
      return;
    }
    const end = Math.min(this.tree.leaves, (node + 1) << (BITS * level));
    for (let leaf = node << (BITS * level); leaf < end; leaf++)
      this.#countRows(sums, first, leaf, 0, this.tree.countOf(leaf), 1);
  }

  /** A row with a code has come to a leaf (1) or left it (-1). */
  change(leaf: number, code: number, by: 1 | -1): void {
    const [sums, stride] = [this.#sums, this.#stride];
    let node = leaf >> (BITS * this.#lowest);
    for (let level = this.#lowest; level < this.#levels; level++) {
      const start = this.#startOf(level);
      const end = Math.min(start + (node | LAST) * stride + stride, this.#startOf(level + 1));
      for (let at = start + node * stride + code; at < end; at += stride) sums[at] = ((sums[at] as number) + by) | 0;
      node = node >> BITS;
    }
  }

  /** Leaves the rows from a to b in `counts` from `base` on. O(codes) a level, and at most half a leaf's rows at either end. */
  count(a: Point, b: Point, counts: Int32Array, base: number): void {
    let [last, first] = [b.leaf >> (BITS * this.#lowest), a.leaf >> (BITS * this.#lowest)];
    if (first === last || this.#lowest >= this.#levels) {
      counts.fill(0, base, base + this.#stride);
      this.#countLeaves(a, b, counts, base);
      return;
    }
    const rows = this.#rows;
    const lastTaken = this.#isLate(b, last);
    const firstTaken = this.#isLate(a, first);
    rows[0] = this.#rowOf(this.#lowest, last, lastTaken);
    rows[1] = this.#rowOf(this.#lowest, first, firstTaken);
    let size = 2;
    for (let level = this.#lowest + 1; ; level++) {
      last = last >> BITS;
      first = first >> BITS;
      if (last === first) break;
      rows[size++] = this.#rowOf(level, last, false);
      rows[size++] = this.#rowOf(level, first, false);
    }
    // Row 0 has zeros.
    if (size < 6) rows.fill(0, size, 6);
    setThree(counts, base, this.#sums, rows, this.#stride);
    for (let i = 6; i < size; i += 2) addOne(counts, base, this.#sums, rows, i, this.#stride);
    this.#countEnd(b, lastTaken, counts, base, 1);
    this.#countEnd(a, firstTaken, counts, base, -1);
  }

  bytes(): number {
    return this.#sums.byteLength;
  }

  /** Where the row begins that tells of the siblings before a node, or of these and itself; 0, a row of zeros, for none. */
  #rowOf(level: number, node: number, withItself: boolean): number {
    const at = withItself ? node : node - 1;
    return withItself || (node & LAST) !== 0 ? this.#startOf(level) + at * this.#stride : 0;
  }

  #startOf(level: number): number {
    return this.#starts[level] as number;
  }

  /** Whether a place in a node of the lowest level is nearer to the node's end: then the rows behind it are fewer. */
  #isLate({ leaf, at }: Point, node: number): boolean {
    const begin = node << (BITS * this.#lowest);
    const end = Math.min(this.tree.leaves, (node + 1) << (BITS * this.#lowest));
    return (leaf - begin) * LEAF + at > (end - 1 - leaf) * LEAF + this.tree.countOf(leaf) - at;
  }

  /** Adds the rows of a node of the lowest level before a place, or takes away those behind it where the whole node was added. */
  #countEnd({ leaf, at }: Point, wasAdded: boolean, counts: Int32Array, base: number, by: 1 | -1): void {
    const node = leaf >> (BITS * this.#lowest);
    if (!wasAdded) {
      for (let i = node << (BITS * this.#lowest); i < leaf; i++)
        this.#countRows(counts, base, i, 0, this.tree.countOf(i), by);
      this.#countRows(counts, base, leaf, 0, at, by);
      return;
    }
    const end = Math.min(this.tree.leaves, (node + 1) << (BITS * this.#lowest));
    this.#countRows(counts, base, leaf, at, this.tree.countOf(leaf), by > 0 ? -1 : 1);
    for (let i = leaf + 1; i < end; i++) this.#countRows(counts, base, i, 0, this.tree.countOf(i), by > 0 ? -1 : 1);
  }

  #countLeaves(a: Point, b: Point, counts: Int32Array, base: number): void {
    for (let leaf = a.leaf; leaf <= b.leaf; leaf++) {
      const to = leaf === b.leaf ? b.at : this.tree.countOf(leaf);
      this.#countRows(counts, base, leaf, leaf === a.leaf ? a.at : 0, to, 1);
    }
  }

  #countRows(counts: Int32Array, base: number, leaf: number, from: number, to: number, by: 1 | -1): void {
    const begin = leaf * LEAF;
    addCodes(counts, base, this.tree.facets[this.facet] as Uint16Array, begin + from, begin + to, by);
  }
}

/** Four at a time: in a loop that writes, V8 looks at both arrays anew in every round, which costs more than the counting. */
function addCodes(counts: Int32Array, base: number, codes: Uint16Array, begin: number, end: number, by: 1 | -1): void {
  let i = begin;
  for (; i + 3 < end; i += 4) {
    const a = base + (codes[i] as number);
    const b = base + (codes[i + 1] as number);
    const c = base + (codes[i + 2] as number);
    const d = base + (codes[i + 3] as number);
    counts[a] = ((counts[a] as number) + by) | 0;
    counts[b] = ((counts[b] as number) + by) | 0;
    counts[c] = ((counts[c] as number) + by) | 0;
    counts[d] = ((counts[d] as number) + by) | 0;
  }
  for (; i < end; i++) {
    const at = base + (codes[i] as number);
    counts[at] = ((counts[at] as number) + by) | 0;
  }
}

/**
 * Three pairs of rows in one loop, so that counters are read and written once: a million rows have three levels below their root.
 * `size` is a multiple of 4.
 */
function setThree(counts: Int32Array, base: number, sums: Int32Array, rows: Uint32Array, size: number): void {
  const [a0, b0, c0] = [rows[0] as number, rows[2] as number, rows[4] as number];
  const [x0, y0, z0] = [rows[1] as number, rows[3] as number, rows[5] as number];
  for (let i = 0; i < size; i += 4) {
    const [a, b, c, x, y, z] = [a0 + i, b0 + i, c0 + i, x0 + i, y0 + i, z0 + i];
    const first = (sums[a] as number) - (sums[x] as number) + (sums[b] as number) - (sums[y] as number);
    const second =
      (sums[a + 1] as number) - (sums[x + 1] as number) + (sums[b + 1] as number) - (sums[y + 1] as number);
    const third = (sums[a + 2] as number) - (sums[x + 2] as number) + (sums[b + 2] as number) - (sums[y + 2] as number);
    const fourth =
      (sums[a + 3] as number) - (sums[x + 3] as number) + (sums[b + 3] as number) - (sums[y + 3] as number);
    counts[base + i] = first + (sums[c] as number) - (sums[z] as number);
    counts[base + i + 1] = second + (sums[c + 1] as number) - (sums[z + 1] as number);
    counts[base + i + 2] = third + (sums[c + 2] as number) - (sums[z + 2] as number);
    counts[base + i + 3] = fourth + (sums[c + 3] as number) - (sums[z + 3] as number);
  }
}

function addOne(counts: Int32Array, base: number, sums: Int32Array, rows: Uint32Array, at: number, size: number): void {
  const [a, x] = [rows[at] as number, rows[at + 1] as number];
  for (let i = 0; i < size; i++) {
    const difference = ((sums[a + i] as number) - (sums[x + i] as number)) | 0;
    counts[base + i] = ((counts[base + i] as number) + difference) | 0;
  }
}
