import { type EngineSchema, NAMED_AT, type Scratch } from '../../range/engine';
import { BestRows } from './best-rows';
import { Filter } from './filter';
import { LEAF } from './sizes';
import { addSummary, clear, MAX, MIN, SUM, summarise, VALID } from './summary';
import { type NumberArray, Table } from './table';
import { Tree } from './tree';

/** Rows of a tree that are walked over in search of those of a set, before the set itself is gone through. */
const LEAST_WALK = 8192;

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

  takeIds(ids: Uint32Array, bits: boolean): boolean {
    if (!bits) return this.#filter.ids.takeList(this.table, ids);
    this.#filter.ids.takeBits(this.table, ids);
    return true;
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
    if (filter.single && measure >= 0) {
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
          const value = values[filter.idAt(filter.slots[i] as number)] as number;
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
    if (!filter.single) filter.scan((_, found) => this.#countCodes(facet, found, 0));
    else this.#countNodes(facet, size, 0);
    return size;
  }

  histogram(conditions: number, number: number, bins: number): void {
    const filter = this.#plan(conditions);
    const { tree } = filter;
    const { counts, values: edges } = this.scratch;
    counts.fill(0, 0, bins);
    if (!filter.single || tree.number !== number) {
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

  page(conditions: number, facets: number, number: number, bins: number, most: number): number {
    const filter = this.#filter;
    const { counts, ids } = this.scratch;
    const wanted = this.table.facetSizes
      .map((size, facet) => ({ size, facet }))
      .filter(({ facet }) => (facets >>> facet) & 1)
      .map(({ size, facet }, i) => ({ size, facet, left: (counts[i] as number) - 1 }));
    let binsAt = 0;
    const places = wanted.map((one) => ({ ...one, base: (binsAt += one.size) - one.size }));
    filter.read(conditions, this.scratch);
    counts.fill(0, 0, binsAt + bins);
    wanted.forEach(({ size }, i) => {
      ids[i] = size;
    });
    // What one range tells needs no look at its rows; the rest shares a pass.
    const shared = places.filter(({ size, facet, left, base }) => {
      filter.drive(undefined, [], left);
      if (filter.single) this.#countNodes(facet, size, base);
      return !filter.single;
    });
    const barred = [...new Set(shared.map(({ left }) => left).filter((left) => left >= 0))];
    filter.drive(undefined, barred);
    if (shared.length === 0 && bins === 0 && filter.others.length === 0 && filter.rows > most) return filter.rows;
    let rows = 0;
    filter.scanApart(barred, (found, near) => {
      if (rows + found <= most)
        for (let i = 0; i < found; i++) ids[NAMED_AT + rows + i] = filter.idAt(filter.slots[i] as number);
      rows += found;
      for (const { facet, left, base } of shared) {
        this.#countCodes(facet, found, base);
        if (left >= 0) this.#countNear(facet, near, barred.indexOf(left), base);
      }
      if (bins > 0) this.#countBins(number, found, bins, binsAt);
    });
    if (rows <= most) ids.subarray(NAMED_AT, NAMED_AT + rows).sort();
    return rows;
  }

  quantiles(conditions: number, number: number, shares: number): boolean {
    const filter = this.#filter;
    filter.read(conditions, this.scratch);
    const tree = filter.treeOf(number);
    filter.drive(filter.setSize === undefined ? tree : undefined);
    const { values } = this.scratch;
    const rankOf = (share: number, rows: number): number => Math.floor(share * (rows - 1));
    if (tree !== undefined && filter.single && filter.tree === tree) {
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
        const value = column[filter.idAt(filter.slots[i] as number)] as number;
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
    if (filter.single) {
      if (begin >= end || skip >= end - begin) return 0;
      if (descending) end -= skip;
      else begin += skip;
      skip = 0;
    }
    if (begin >= end) return 0;
    const { ids, values } = this.scratch;
    const [first, last] = [nodes.select(begin), nodes.select(end - 1)];
    let found = 0;
    let walk = filter.setSize === undefined ? Infinity : Math.max(LEAST_WALK, filter.setSize);
    for (let i = 0; i <= last.leaf - first.leaf && found < limit; i++) {
      walk -= LEAF;
      if (walk < 0) return this.#listSet(number, descending, limit, offset, after ? { value, id } : undefined);
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
    const { tree, rows, others, begin, end, bySet, ids } = this.#plan(conditions);
    const blocks = bySet ? ids.blocks : end.leaf - begin.leaf + 1;
    this.scratch.values.set([bySet ? -1 : tree.number, rows, others.length, rows === 0 ? 0 : blocks]);
  }

  #plan(conditions: number, wanted?: Tree): Filter {
    this.#filter.read(conditions, this.scratch);
    this.#filter.drive(wanted);
    return this.#filter;
  }

  /** The page of a list from the rows of the set, each looked at once: where they are few, or few of them match. */
  #listSet(
    number: number,
    descending: boolean,
    limit: number,
    offset: number,
    after: { readonly value: number; readonly id: number } | undefined,
  ): number {
    const filter = this.#filter;
    const column = this.table.numbers[number] as NumberArray;
    const none = this.table.nones[number] as number;
    const sign = descending ? -1 : 1;
    const order = (value: number, id: number, other: number, otherId: number): number =>
      sign * (value - other || id - otherId);
    const found: number[] = [];
    filter.driveBySet();
    filter.scan((_, count) => {
      for (let i = 0; i < count; i++) {
        const id = filter.idAt(filter.slots[i] as number);
        const value = column[id] as number;
        if (value < none && (!after || order(value, id, after.value, after.id) > 0)) found.push(id);
      }
    });
    found.sort((a, b) => order(column[a] as number, a, column[b] as number, b));
    const page = found.slice(offset, offset + limit);
    this.scratch.ids.set(page);
    this.scratch.values.set(page.map((id) => column[id] as number));
    return page.length;
  }

  #countNear(facet: number, count: number, at: number, base: number): void {
    const { counts } = this.scratch;
    const { near, nearAt } = this.#filter;
    const codes = this.#filter.facets(facet);
    for (let i = 0; i < count; i++) {
      if (nearAt[i] !== at) continue;
      const place = base + (codes[near[i] as number] as number);
      counts[place] = (counts[place] as number) + 1;
    }
  }

  #countCodes(facet: number, found: number, base: number): void {
    const { counts } = this.scratch;
    const { slots } = this.#filter;
    const codes = this.#filter.facets(facet);
    for (let i = 0; i < found; i++) {
      const at = base + (codes[slots[i] as number] as number);
      counts[at] = (counts[at] as number) + 1;
    }
  }

  #countBins(number: number, found: number, bins: number, base: number): void {
    const { counts, values: edges } = this.scratch;
    const filter = this.#filter;
    const values = this.table.numbers[number] as NumberArray;
    const [least, most] = [edges[0] as number, edges[bins] as number];
    const scale = bins / (most - least);
    for (let i = 0; i < found; i++) {
      const value = values[filter.idAt(filter.slots[i] as number)] as number;
      if (!(value >= least && value <= most)) continue;
      // A guess; the edges decide.
      let bin = Math.min(bins - 1, Math.max(0, Math.floor((value - least) * scale) || 0));
      while (bin > 0 && value < (edges[bin] as number)) bin--;
      while (bin + 1 < bins && value >= (edges[bin + 1] as number)) bin++;
      counts[base + bin] = (counts[base + bin] as number) + 1;
    }
  }

  #countNodes(facet: number, size: number, base: number): void {
    const { tree, begin, end } = this.#filter;
    const { counts } = this.scratch;
    const codes = tree.facets[facet] as Uint16Array;
    const countRows = (leaf: number, from: number, to: number, by: number): void => {
      for (let i = leaf * LEAF + from; i < leaf * LEAF + to; i++) {
        const at = base + (codes[i] as number);
        counts[at] = (counts[at] as number) + by;
      }
    };
    const addNode = (histogram: Uint32Array, node: number): void => {
      const first = node * size;
      for (let i = 0; i < size; i++) counts[base + i] = (counts[base + i] as number) + (histogram[first + i] as number);
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
