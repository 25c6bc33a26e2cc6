import { EngineStatus, type Job } from '../../jobs/job';
import type { EngineSchema, RangeEngine, Scratch } from '../../range/engine';
import { runInSlices, runNow, startJob } from '../steps';
import { Queries } from './queries';
import { FILL_BULK, FILL_GROWN } from './sizes';
import { sortByValue } from './sort';
import { facetSizeFor, type NumberArray } from './table';

/** The range engine in plain TypeScript: the same answers as the native one. See engine.ts for what its functions mean. */
class FallbackRangeIndex extends Queries implements RangeEngine {
  readonly #jobs = new Set<Job>();
  #order = new Uint32Array(0);

  set(id: number): boolean {
    const { table, trees, scratch } = this;
    const { values, counts } = scratch;
    table.facets.forEach((_, f) => this.#growFacet(f, counts[f] as number));
    table.reserve(id + 1);
    const isNew = !table.has(id);
    const changed = table.numbers.map((column, n) => isNew || column[id] !== this.#stored(n, values[n] as number));
    const facetChanged = isNew || table.facets.some((column, f) => column[id] !== counts[f]);
    if (!facetChanged && !changed.includes(true)) return false;
    const moving = trees.filter(
      (tree) =>
        facetChanged || changed.some((is, n) => is && (tree.measureOf(n) >= 0 || table.schema.scores.includes(n))),
    );
    if (!isNew) for (const tree of moving) tree.erase(id);
    table.numbers.forEach((column, n) => {
      column[id] = this.#stored(n, values[n] as number);
    });
    table.facets.forEach((column, f) => {
      column[id] = counts[f] as number;
    });
    if (isNew) {
      table.present[id] = 1;
      table.rows++;
    }
    for (const tree of moving) {
      if (tree.insert(id)) continue;
      this.#growAll(); // of every tree the rows it has now: this one goes to the rest below
      tree.insert(id);
    }
    return isNew;
  }

  delete(id: number): boolean {
    if (!this.table.has(id)) return false;
    for (const tree of this.trees) tree.erase(id);
    this.table.present[id] = 0;
    this.table.rows--;
    return true;
  }

  has(id: number): boolean {
    return this.table.has(id);
  }

  read(id: number): boolean {
    const { table, scratch } = this;
    if (!table.has(id)) return false;
    table.numbers.forEach((column, n) => {
      scratch.values[n] = this.#given(n, column[id] as number);
    });
    table.facets.forEach((column, f) => {
      scratch.counts[f] = column[id] as number;
    });
    return true;
  }

  beginBulk(ids: Uint32Array): EngineStatus {
    const { table } = this;
    if (table.rows !== 0) return EngineStatus.INVALID_ARGUMENT;
    let greatest = -1;
    for (const id of ids) if (id > greatest) greatest = id;
    table.reserve(greatest + 1);
    for (const id of ids) table.present[id] = 1;
    table.rows = ids.length;
    this.#order = ids.slice();
    return EngineStatus.OK;
  }

  bulkNumbers(number: number, values: Float64Array): EngineStatus {
    const column = this.table.numbers[number] as NumberArray;
    this.#order.forEach((id, i) => {
      column[id] = this.#stored(number, values[i] as number);
    });
    return EngineStatus.OK;
  }

  bulkFacets(facet: number, codes: Uint16Array): EngineStatus {
    const column = this.table.facets[facet] as Uint16Array;
    let greatest = 0;
    this.#order.forEach((id, i) => {
      column[id] = codes[i] as number;
      if ((codes[i] as number) > greatest) greatest = codes[i] as number;
    });
    this.table.facetSizes[facet] = facetSizeFor(greatest);
    return EngineStatus.OK;
  }

  build(onProgress: (done: number, total: number) => void): Job {
    const job = startJob(
      async (cancellation) => {
        const ids = this.#order.sort();
        this.#order = new Uint32Array(0);
        let done = 0;
        for (const tree of this.trees) {
          const values = this.table.numbers[tree.number] as NumberArray;
          const order = await runInSlices(sortByValue(ids, values), cancellation);
          await runInSlices(tree.fill(order, FILL_BULK), cancellation);
          onProgress(Math.floor((++done * ids.length) / this.trees.length), ids.length);
        }
      },
      (ended) => this.#jobs.delete(ended),
    );
    this.#jobs.add(job);
    return job;
  }

  exportIds(out: Uint32Array): void {
    this.#eachRow((id, i) => {
      out[i] = id;
    });
  }
  exportNumbers(number: number, out: Float64Array): void {
    const column = this.table.numbers[number] as NumberArray;
    this.#eachRow((id, i) => {
      out[i] = this.#given(number, column[id] as number);
    });
  }
  exportFacets(facet: number, out: Uint16Array): void {
    const column = this.table.facets[facet] as Uint16Array;
    this.#eachRow((id, i) => {
      out[i] = column[id] as number;
    });
  }

  rows(): number {
    return this.table.rows;
  }
  bytes(): number {
    return this.trees.reduce((sum, tree) => sum + tree.bytes(), this.table.bytes());
  }
  close(): void {
    for (const job of this.#jobs) job.cancel();
    this.open(this.table.schema);
  }

  #stored(number: number, value: number): number {
    return value !== value ? (this.table.nones[number] as number) : value;
  }
  #given(number: number, stored: number): number {
    return stored < (this.table.nones[number] as number) ? stored : NaN;
  }

  #eachRow(body: (id: number, i: number) => void): void {
    const { present } = this.table;
    let i = 0;
    for (let id = 0; id < present.length; id++) if (present[id] === 1) body(id, i++);
  }

  #growAll(): void {
    for (const tree of this.trees) runNow(tree.fill(tree.order(), FILL_GROWN));
  }

  #growFacet(facet: number, code: number): void {
    if (code < (this.table.facetSizes[facet] as number)) return;
    this.table.facetSizes[facet] = facetSizeFor(code);
    for (const tree of this.trees) tree.nodes.restride(facet);
  }
}

/** Makes an engine that takes arguments and leaves results in `scratch`. */
export function createFallbackRangeIndex(schema: EngineSchema, scratch: Scratch): RangeEngine {
  return new FallbackRangeIndex(schema, scratch);
}
