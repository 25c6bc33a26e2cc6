import type { Filter } from './filter';
import { LEAF } from './sizes';
import type { NumberArray, Table } from './table';

/** Bins of a number: `bins` of them, counted from `base` on in the scratch memory, with their edges from `edgesAt` on. */
export interface Bins {
  readonly number: number;
  readonly bins: number;
  readonly edgesAt: number;
  readonly base: number;
}

/** Counts of rows in the scratch memory. */
export class Counting {
  constructor(
    private readonly table: Table,
    private readonly filter: Filter,
    private readonly scratch: { readonly counts: Uint32Array; readonly values: Float64Array },
  ) {}

  /** The first `found` of `slots`, by code of a facet. */
  codes(facet: number, slots: Uint32Array, found: number, base: number): void {
    const { counts } = this.scratch;
    const codes = this.filter.facets(facet);
    for (let i = 0; i < found; i++) {
      const at = base + (codes[slots[i] as number] as number);
      counts[at] = (counts[at] as number) + 1;
    }
  }

  /** The same, by bins. */
  bins({ number, bins, edgesAt, base }: Bins, slots: Uint32Array, found: number): void {
    const { filter } = this;
    const { counts, values: edges } = this.scratch;
    const values = this.table.numbers[number] as NumberArray;
    const [least, most] = [edges[edgesAt] as number, edges[edgesAt + bins] as number];
    const scale = bins / (most - least);
    for (let i = 0; i < found; i++) {
      const value = values[filter.idAt(slots[i] as number)] as number;
      if (!(value >= least && value <= most)) continue;
      // A guess; the edges decide.
      let bin = Math.min(bins - 1, Math.max(0, Math.floor((value - least) * scale) || 0));
      while (bin > 0 && value < (edges[edgesAt + bin] as number)) bin--;
      while (bin + 1 < bins && value >= (edges[edgesAt + bin + 1] as number)) bin++;
      counts[base + bin] = (counts[base + bin] as number) + 1;
    }
  }

  /** The rows of the filter by bins of the number in whose order its tree is, from what nodes know. */
  binsOfNodes({ bins, edgesAt, base }: Bins): void {
    const { tree, begin: first, end: behind } = this.filter;
    const { counts, values: edges } = this.scratch;
    const [begin, end] = [tree.nodes.before(first), tree.nodes.before(behind)];
    const within = (rank: number): number => Math.min(end, Math.max(begin, rank));
    let last = within(tree.nodes.before(tree.lower(edges[edgesAt] as number)));
    for (let bin = 0; bin < bins; bin++) {
      const edge = edges[edgesAt + bin + 1] as number;
      const next = within(tree.nodes.before(bin + 1 === bins ? tree.upper(edge) : tree.lower(edge)));
      counts[base + bin] = next - last;
      last = next;
    }
  }

  /** The rows of the filter by code of a facet of `size` codes, from what nodes know. */
  codesOfNodes(facet: number, size: number, base: number): void {
    const { tree, begin, end } = this.filter;
    const { counts } = this.scratch;
    const codes = tree.facets[facet] as Uint16Array;
    // Loops of their own for 1 and -1: a product would be worked out in floating point.
    const countRows = (leaf: number, from: number, to: number, by: number): void => {
      const end = leaf * LEAF + to;
      for (let i = leaf * LEAF + from; i < end; i++) {
        const at = base + (codes[i] as number);
        counts[at] = ((counts[at] as number) + by) | 0;
      }
    };
    const addNode = (histogram: Uint32Array, node: number, by: number): void => {
      const end = (node + 1) * size;
      let at = base;
      if (by > 0) {
        for (let i = node * size; i < end; i++, at++)
          counts[at] = ((counts[at] as number) + (histogram[i] as number)) | 0;
      } else {
        for (let i = node * size; i < end; i++, at++)
          counts[at] = ((counts[at] as number) - (histogram[i] as number)) | 0;
      }
    };
    tree.nodes.coverLess(
      begin,
      end,
      (level, first, last, by) => {
        const histogram = tree.nodes.levels[level]?.histograms[facet];
        if (histogram !== undefined) {
          for (let node = first; node < last; node++) addNode(histogram, node, by);
          return;
        }
        const stop = Math.min(tree.leaves, last * 16 ** level);
        for (let leaf = first * 16 ** level; leaf < stop; leaf++) countRows(leaf, 0, tree.countOf(leaf), by);
      },
      (leaf, from, to) => {
        const histogram = tree.nodes.levels[0]?.histograms[facet];
        const all = tree.countOf(leaf);
        if (histogram === undefined || to - from <= all / 2) {
          countRows(leaf, from, to, 1);
          return;
        }
        // The whole leaf, less the rows outside: they are fewer.
        addNode(histogram, leaf, 1);
        countRows(leaf, 0, from, -1);
        countRows(leaf, to, all, -1);
      },
    );
  }
}
