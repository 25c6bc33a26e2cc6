import type { EngineSchema, Scratch } from '../../range/engine';
import { BestRows } from './best-rows';
import { Counting } from './counting';
import { Filter } from './filter';
import { countPage } from './page';
import { LEAF } from './sizes';
import { clear, MAX, MIN, SUM, VALID } from './summary';
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
  #counting!: Counting;
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
    this.#counting = new Counting(this.table, this.#filter, this.scratch);
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
    let { rows } = filter;
    const measure = tree.measureOf(number);
    if (filter.single && measure >= 0) {
      tree.nodes.summarise(measure, filter.begin, filter.end, summary);
    } else {
      clear(summary, 0);
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
    const { values } = this.scratch;
    values[0] = rows;
    for (let i = 0; i < 4; i++) values[i + 1] = summary[i] as number;
  }

  top(conditions: number, score: number, limit: number): number {
    this.#plan(conditions);
    return this.#best.find(score, limit);
  }

  facet(conditions: number, facet: number): number {
    const filter = this.#plan(conditions);
    const size = this.table.facetSizes[facet] as number;
    if (filter.single) this.#counting.codesOfNodes(facet, 0);
    else {
      this.scratch.counts.fill(0, 0, size);
      filter.scan((_, found) => this.#counting.codes(facet, filter.slots, found, 0));
    }
    return size;
  }

  histogram(conditions: number, number: number, bins: number): void {
    const filter = this.#plan(conditions);
    const wanted = { number, bins, edgesAt: 0, base: 0 };
    this.scratch.counts.fill(0, 0, bins);
    if (filter.single && filter.tree.number === number) this.#counting.binsOfNodes(wanted);
    else filter.scan((_, found) => this.#counting.bins(wanted, filter.slots, found));
  }

  page(conditions: number, facets: number, histograms: number, most: number): number {
    const wanted = { conditions, facets, histograms, most };
    return countPage(this.table, this.#filter, this.#counting, this.scratch, wanted);
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
}
