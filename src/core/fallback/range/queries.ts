import type { EngineSchema, Scratch } from '../../range/engine';
import { BestRows } from './best-rows';
import { Filter } from './filter';
import { LEAF } from './sizes';
import { addSummary, clear, MAX, MIN, SUM, summarise, VALID } from './summary';
import { type NumberArray, Table } from './table';
import { Tree } from './tree';

/** The questions of the fallback engine. */
export class Queries {
  protected table!: Table;
  protected trees!: readonly Tree[];
  #filter!: Filter;
  #best!: BestRows;
  readonly #summary = new Float64Array(4);

  constructor(
    schema: EngineSchema,
    protected readonly scratch: Scratch,
  ) {
    this.open(schema);
  }

  protected open(schema: EngineSchema): void {
    this.table = new Table(schema);
    this.trees = schema.trees.map(({ number, aggregates }) => new Tree(this.table, number, aggregates));
    this.#filter = new Filter(this.table, this.trees);
    this.#best = new BestRows(this.table, this.#filter, this.scratch.values, this.scratch.ids);
  }

  count(conditions: number): number {
    const filter = this.#plan(conditions);
    if (filter.others.length === 0) return filter.rows;
    let total = 0;
    filter.scan((_, found) => (total += found));
    return total;
  }

  aggregate(conditions: number, number: number): void {
    const filter = this.#plan(conditions);
    const { tree } = filter;
    const summary = this.#summary;
    clear(summary, 0);
    let { rows } = filter;
    const measure = tree.measureOf(number);
    if (filter.others.length === 0 && measure >= 0) {
      const values = tree.measure(measure);
      const none = tree.measureNone(measure);
      tree.nodes.cover(
        filter.begin,
        filter.end,
        (level, begin, end) => {
          const nodes = tree.nodes.levels[level]?.measures[measure] as Float64Array;
          for (let node = begin; node < end; node++) addSummary(summary, 0, nodes, node * 4);
        },
        (leaf, from, to) => summarise(values, leaf * LEAF + from, leaf * LEAF + to, none, summary, 0),
      );
    } else {
      rows = 0;
      const values = this.table.numbers[number] as NumberArray;
      const none = this.table.nones[number] as number;
      filter.scan((_, found) => {
        rows += found;
        for (let i = 0; i < found; i++) {
          const value = values[tree.ids[filter.slots[i] as number] as number] as number;
          if (!(value < none)) continue;
          summary[VALID] = (summary[VALID] as number) + 1;
          summary[SUM] = (summary[SUM] as number) + value;
          if (value < (summary[MIN] as number)) summary[MIN] = value;
          if (value > (summary[MAX] as number)) summary[MAX] = value;
        }
      });
    }
    this.scratch.values[0] = rows;
    this.scratch.values.set(summary, 1);
  }

  top(conditions: number, score: number, limit: number): number {
    this.#plan(conditions);
    return this.#best.find(score, limit);
  }

  facet(conditions: number, facet: number): number {
    const filter = this.#plan(conditions);
    const size = this.table.facetSizes[facet] as number;
    const { counts } = this.scratch;
    counts.fill(0, 0, size);
    if (filter.others.length > 0) filter.scan((_, found) => this.#countCodes(facet, found, 0));
    else this.#countNodes(facet, size);
    return size;
  }

  histogram(conditions: number, number: number, bins: number): void {
    const filter = this.#plan(conditions);
    const { tree } = filter;
    const { counts, values: edges } = this.scratch;
    counts.fill(0, 0, bins);
    if (filter.others.length > 0 || tree.number !== number) {
      filter.scan((_, found) => this.#countBins(number, found, bins, 0));
      return;
    }
    const [begin, end] = [tree.nodes.before(filter.begin), tree.nodes.before(filter.end)];
    const within = (rank: number): number => Math.min(end, Math.max(begin, rank));
    let last = within(tree.nodes.before(tree.lower(edges[0] as number)));
    for (let bin = 0; bin < bins; bin++) {
      const edge = edges[bin + 1] as number;
      const next = within(tree.nodes.before(bin + 1 === bins ? tree.upper(edge) : tree.lower(edge)));
      counts[bin] = next - last;
      last = next;
    }
  }

  page(conditions: number, facets: number, number: number, bins: number): number {
    const filter = this.#plan(conditions);
    const { counts, ids } = this.scratch;
    const wanted = this.table.facetSizes
      .map((size, facet) => ({ size, facet }))
      .filter(({ facet }) => (facets >>> facet) & 1);
    const binsAt = wanted.reduce((sum, { size }) => sum + size, 0);
    counts.fill(0, 0, binsAt + bins);
    let rows = 0;
    filter.scan((_, found) => {
      rows += found;
      let at = 0;
      for (const { size, facet } of wanted) {
        this.#countCodes(facet, found, at);
        at += size;
      }
      if (bins > 0) this.#countBins(number, found, bins, at);
    });
    wanted.forEach(({ size }, i) => {
      ids[i] = size;
    });
    return rows;
  }

  quantiles(conditions: number, number: number, shares: number): boolean {
    const tree = this.#filter.treeOf(number);
    const filter = this.#plan(conditions, tree);
    const { values } = this.scratch;
    const rankOf = (share: number, rows: number): number => Math.floor(share * (rows - 1));
    if (tree !== undefined && filter.others.length === 0) {
      if (filter.rows === 0) return false;
      const before = tree.nodes.before(filter.begin);
      for (let i = 0; i < shares; i++) {
        const { leaf, at } = tree.nodes.select(before + rankOf(values[i] as number, filter.rows));
        values[i] = tree.keys[leaf * LEAF + at] as number;
      }
      return true;
    }
    const all: number[] = [];
    const column = this.table.numbers[number] as NumberArray;
    const none = this.table.nones[number] as number;
    filter.scan((_, found) => {
      for (let i = 0; i < found; i++) {
        const value = column[filter.tree.ids[filter.slots[i] as number] as number] as number;
        if (value < none) all.push(value);
      }
    });
    if (all.length === 0) return false;
    const sorted = Float64Array.from(all).sort();
    for (let i = 0; i < shares; i++) values[i] = sorted[rankOf(values[i] as number, sorted.length)] as number;
    return true;
  }

  list(
    conditions: number,
    number: number,
    descending: boolean,
    limit: number,
    offset: number,
    after: boolean,
    value: number,
    id: number,
  ): number {
    const tree = this.#filter.treeOf(number) as Tree;
    const filter = this.#plan(conditions, tree);
    const { nodes } = tree;
    if (filter.rows === 0) return 0;
    let begin = nodes.before(filter.begin);
    let end = begin + filter.rows;
    if (after && descending) end = Math.min(end, nodes.before(tree.placeOf(value, id)));
    else if (after) begin = Math.max(begin, nodes.before(tree.placeOf(value, id + 1)));
    let skip = offset;
    if (filter.others.length === 0) {
      if (begin >= end || skip >= end - begin) return 0;
      if (descending) end -= skip;
      else begin += skip;
      skip = 0;
    }
    if (begin >= end) return 0;
    const { ids, values } = this.scratch;
    const [first, last] = [nodes.select(begin), nodes.select(end - 1)];
    let found = 0;
    for (let i = 0; i <= last.leaf - first.leaf && found < limit; i++) {
      const leaf = descending ? last.leaf - i : first.leaf + i;
      const from = leaf === first.leaf ? first.at : 0;
      const here = filter.matches(leaf, from, leaf === last.leaf ? last.at + 1 : tree.countOf(leaf));
      let rank = Math.min(skip, here);
      skip -= rank;
      for (; rank < here && found < limit; rank++, found++) {
        const slot = filter.slots[descending ? here - 1 - rank : rank] as number;
        ids[found] = tree.ids[slot] as number;
        values[found] = tree.keys[slot] as number;
      }
    }
    return found;
  }

  explain(conditions: number): void {
    const { tree, rows, others, begin, end } = this.#plan(conditions);
    this.scratch.values.set([tree.number, rows, others.length, rows === 0 ? 0 : end.leaf - begin.leaf + 1]);
  }

  #plan(conditions: number, wanted?: Tree): Filter {
    this.#filter.plan(conditions, this.scratch, wanted);
    return this.#filter;
  }

  #countCodes(facet: number, found: number, base: number): void {
    const { counts } = this.scratch;
    const { slots, tree } = this.#filter;
    const codes = tree.facets[facet] as Uint16Array;
    for (let i = 0; i < found; i++) {
      const at = base + (codes[slots[i] as number] as number);
      counts[at] = (counts[at] as number) + 1;
    }
  }

  #countBins(number: number, found: number, bins: number, base: number): void {
    const { counts, values: edges } = this.scratch;
    const { slots, tree } = this.#filter;
    const values = this.table.numbers[number] as NumberArray;
    const [least, most] = [edges[0] as number, edges[bins] as number];
    const scale = bins / (most - least);
    for (let i = 0; i < found; i++) {
      const value = values[tree.ids[slots[i] as number] as number] as number;
      if (!(value >= least && value <= most)) continue;
      // A guess; the edges decide.
      let bin = Math.min(bins - 1, Math.max(0, Math.floor((value - least) * scale) || 0));
      while (bin > 0 && value < (edges[bin] as number)) bin--;
      while (bin + 1 < bins && value >= (edges[bin + 1] as number)) bin++;
      counts[base + bin] = (counts[base + bin] as number) + 1;
    }
  }

  #countNodes(facet: number, size: number): void {
    const { tree, begin, end } = this.#filter;
    const { counts } = this.scratch;
    const codes = tree.facets[facet] as Uint16Array;
    const countRows = (leaf: number, from: number, to: number, by: number): void => {
      for (let i = leaf * LEAF + from; i < leaf * LEAF + to; i++) {
        const code = codes[i] as number;
        counts[code] = (counts[code] as number) + by;
      }
    };
    const addNode = (histogram: Uint32Array, node: number): void => {
      const first = node * size;
      for (let i = 0; i < size; i++) counts[i] = (counts[i] as number) + (histogram[first + i] as number);
    };
    tree.nodes.cover(
      begin,
      end,
      (level, first, last) => {
        const histogram = tree.nodes.levels[level]?.histograms[facet];
        if (histogram !== undefined) {
          for (let node = first; node < last; node++) addNode(histogram, node);
          return;
        }
        const stop = Math.min(tree.leaves, last * 16 ** level);
        for (let leaf = first * 16 ** level; leaf < stop; leaf++) countRows(leaf, 0, tree.countOf(leaf), 1);
      },
      (leaf, from, to) => {
        const histogram = tree.nodes.levels[0]?.histograms[facet];
        const all = tree.countOf(leaf);
        if (histogram === undefined || to - from <= all / 2) {
          countRows(leaf, from, to, 1);
          return;
        }
        // The whole leaf, less the rows outside: they are fewer.
        addNode(histogram, leaf);
        countRows(leaf, 0, from, -1);
        countRows(leaf, to, all, -1);
      },
    );
  }
}
