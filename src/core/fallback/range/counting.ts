import type { Filter } from './filter';
import type { Histograms } from './histograms';
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
  /** The counts as signed numbers, which V8 adds without a look at their sign. */
  readonly #counts: Int32Array;

  constructor(
    private readonly table: Table,
    private readonly filter: Filter,
    private readonly scratch: { readonly counts: Uint32Array; readonly values: Float64Array },
  ) {
    const { buffer, byteOffset, length } = scratch.counts;
    this.#counts = new Int32Array(buffer, byteOffset, length);
  }

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

  /** The rows of the filter by code of a facet, from what nodes know. */
  codesOfNodes(facet: number, base: number): void {
    const { tree, begin, end } = this.filter;
    (tree.nodes.histograms[facet] as Histograms).count(begin, end, this.#counts, base);
  }
}
