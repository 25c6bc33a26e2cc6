import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { buildError, checkPath, runJob, throwIfAborted } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { type RangeEngine, Scratch } from './engine';
import { checkCount, checkRowId, LIMITS } from './numbers';
import { openEngine } from './open-engine';
import { listOf, putAll } from './lists';
import {
  checkBuildOptions,
  checkCounts,
  checkHistogram,
  checkNames,
  checkShares,
  inPages,
  readListOptions,
  widthEdges,
} from './options';
import { countPage } from './page';
import { type ReadColumns, readColumns, readRows } from './reading';
import { Schema } from './schema';
import { loadSnapshot, saveSnapshot } from './snapshot';
import type * as Types from './types';
import { WhereWriter } from './where';

/**
 * Rows with numbers, facets and flags, and exact answers about ranges of them: counts, sums, the best, facets, histograms,
 * pages in order. A range of an attribute with a tree costs O(log n) whatever it holds; several conditions together cost a
 * scan over codes of the smallest range.
 *
 * Rows are named by dense integers from 0 to 2^27 - 1: memory is as large as the greatest id. Every method checks its
 * arguments, throws Easy11Error with a `code`, and after an error leaves the index as it was. An index belongs to one
 * thread. `close` it (or declare it with `using`): its memory lies outside the JavaScript heap.
 */
export class RangeIndex {
  /** What runs this index: C++ or TypeScript. Both give the same answers, bit for bit. */
  readonly backend: 'native' | 'fallback';
  readonly #schema: Schema;
  readonly #scratch = new Scratch();
  readonly #engine: RangeEngine;
  readonly #where: WhereWriter;
  #closed = false;

  /** An empty index. Throws ERR_EASY11_INVALID_SCHEMA, or ERR_EASY11_NATIVE_UNAVAILABLE when EASY11_BACKEND=native cannot be met. */
  constructor(schema: Types.RangeSchema | Schema) {
    this.#schema = schema instanceof Schema ? schema : new Schema(schema);
    const { engine, backend } = openEngine(this.#schema.engine, this.#scratch);
    this.backend = backend;
    this.#engine = engine;
    this.#where = new WhereWriter(this.#schema, this.#scratch, engine);
  }

  /**
   * Builds an index of many rows: many times faster than `set` on each. The source is read in slices of about 1 ms between
   * which the event loop turns; sorting runs on a thread of its own (native) or in slices (fallback).
   *
   * Rejects with the code of the first row that is not acceptable, ERR_EASY11_DUPLICATE_ID, ERR_EASY11_ABORTED (name
   * 'AbortError') or ERR_EASY11_OUT_OF_MEMORY, and with what the source or `onProgress` throws.
   */
  static async build(
    schema: Types.RangeSchema,
    rows: Iterable<Types.RowWithId> | AsyncIterable<Types.RowWithId>,
    options: Types.RangeBuildOptions = {},
  ): Promise<RangeIndex> {
    checkBuildOptions(options);
    const checked = new Schema(schema);
    return RangeIndex.#fill(checked, await readRows(checked, rows, options), options);
  }

  /** `build` from one array per attribute, which is faster still. Rejects likewise, or with ERR_EASY11_INVALID_OPTION. */
  static async fromColumns(
    schema: Types.RangeSchema,
    columns: Types.Columns,
    options: Types.RangeBuildOptions = {},
  ): Promise<RangeIndex> {
    checkBuildOptions(options);
    const checked = new Schema(schema);
    return RangeIndex.#fill(checked, await readColumns(checked, columns, options), options);
  }

  /**
   * Loads a snapshot written by `save`, of either backend: it holds the schema too. O(file) and a build.
   * Rejects with ERR_EASY11_IO, _CORRUPT_SNAPSHOT, _SNAPSHOT_VERSION, _OUT_OF_MEMORY or _ABORTED.
   */
  static async load(path: string, options: Types.RangeBuildOptions = {}): Promise<RangeIndex> {
    checkPath(path);
    checkBuildOptions(options);
    const { schema, columns } = await loadSnapshot(path, options.signal);
    return RangeIndex.#fill(schema, columns, options);
  }

  static async #fill(schema: Schema, columns: ReadColumns, options: Types.RangeBuildOptions): Promise<RangeIndex> {
    const index = new RangeIndex(schema);
    const engine = index.#engine;
    try {
      const check = async (status: EngineStatus): Promise<void> => {
        if (status !== EngineStatus.OK) throw await buildError(status);
      };
      await check(engine.beginBulk(columns.ids));
      for (const [i, column] of columns.numbers.entries()) await check(engine.bulkNumbers(i, column));
      for (const [i, column] of columns.facets.entries()) await check(engine.bulkFacets(i, column));
      const progress = (done: number, total: number): Types.RangeProgress => ({ phase: 'indexing', done, total });
      await runJob((report) => engine.build(report), options, progress, buildError);
      throwIfAborted(options.signal);
      return index;
    } catch (error) {
      index.close();
      throw error;
    }
  }

  /** The number of rows. O(1). */
  get size(): number {
    return this.#open().rows();
  }

  /**
   * Adds a row, or replaces the one with its id; attributes that are left out have no value then. Returns true when the id
   * was new. Throws ERR_EASY11_INVALID_ID, _INVALID_VALUE or _UNKNOWN_ATTRIBUTE.
   */
  set(id: number, row: Types.RangeRow): boolean {
    const engine = this.#open();
    checkRowId(id);
    this.#schema.checkNames(row, false);
    const { values, counts } = this.#scratch;
    for (const column of this.#schema.numbers) values[column.index] = column.read(row[column.name]);
    for (const column of this.#schema.facets) counts[column.index] = column.codeOf(row[column.name]);
    return engine.set(id);
  }

  /** Changes some attributes of a row. Returns false when there is none. Throws as `set` does. O(512 + log n) a tree. */
  update(id: number, changes: Types.RangeRow): boolean {
    const engine = this.#open();
    const known = engine.read(checkRowId(id));
    this.#schema.checkNames(changes, false);
    if (!known) return false;
    const { values, counts } = this.#scratch;
    for (const name in changes) {
      const column = this.#schema.columns.get(name);
      if (column?.kind === 'number') values[column.index] = column.read(changes[name]);
      else if (column) counts[column.index] = column.codeOf(changes[name]);
    }
    engine.set(id);
    return true;
  }

  /** Removes a row. Returns false when there is none. Throws ERR_EASY11_INVALID_ID. */
  delete(id: number): boolean {
    return this.#open().delete(checkRowId(id));
  }

  /** Whether there is a row with this id. Throws ERR_EASY11_INVALID_ID. */
  has(id: number): boolean {
    return this.#open().has(checkRowId(id));
  }

  /** The row with this id, every attribute filled in, null for no value. Throws ERR_EASY11_INVALID_ID. */
  get(id: number): Record<string, Types.RangeValue> | undefined {
    if (!this.#open().read(checkRowId(id))) return undefined;
    const { values, counts } = this.#scratch;
    const row: Record<string, Types.RangeValue> = {};
    for (const { name, index } of this.#schema.numbers) {
      const value = values[index] as number;
      row[name] = value !== value ? null : value;
    }
    for (const facet of this.#schema.facets) row[facet.name] = facet.values[counts[facet.index] as number] ?? null;
    return row;
  }

  /** How many rows match. O(log n) for one range. Throws ERR_EASY11_INVALID_FILTER or _UNKNOWN_ATTRIBUTE, as all below. */
  count(where?: Types.Where): number {
    return this.#open().count(this.#where.write(where));
  }

  /**
   * Count, sum, least, greatest and mean of an attribute over the rows that match. O(log n) for one range whose tree keeps
   * the attribute. Sums of integers are exact below 2^53; others are rounded, in an order that both backends share.
   */
  aggregate(attribute: string, where?: Types.Where): Types.Aggregate {
    const engine = this.#open();
    const { index } = this.#schema.number(attribute);
    engine.aggregate(this.#where.write(where), index);
    const [rows = 0, count = 0, sum = 0, min = 0, max = 0] = this.#scratch.values;
    return count === 0
      ? { rows, count, sum: 0, min: null, max: null, avg: null }
      : { rows, count, sum, min, max, avg: sum / count };
  }

  /**
   * The ids of the best rows by a score, best first, ties by id. Rows without the score are left out.
   * Throws ERR_EASY11_INVALID_LIMIT or _INVALID_OPTION too.
   */
  top(options: Types.TopOptions): number[] {
    const engine = this.#open();
    checkOptionNames(options, ['by', 'limit', 'where']);
    const { by, limit = 20, where } = options;
    const score = this.#schema.score(by);
    checkCount(limit, 'limit');
    return this.#ids(engine.top(this.#where.write(where), score, limit));
  }

  /**
   * Rows by value of a facet or flag, counted: by code, as `facetValues` names them. The array is the index's own and
   * holds until the next call of any method.
   */
  facetCounts(facet: string, where?: Types.Where): Uint32Array {
    const engine = this.#open();
    const { index, values } = this.#schema.facet(facet);
    const size = engine.facet(this.#where.write(where), index);
    // Values that no row has need no code inside the engine.
    return size >= values.length
      ? this.#scratch.counts.subarray(0, values.length)
      : this.#scratch.counts.fill(0, size, values.length).subarray(0, values.length);
  }

  /** The values of a facet or flag by code; code 0 is no value. */
  facetValues(facet: string): readonly (string | boolean | null)[] {
    this.#open();
    return this.#schema.facet(facet).values;
  }

  /**
   * Counts with their names, greatest first, then by code; those of 0 are left out.
   * Throws ERR_EASY11_UNKNOWN_ATTRIBUTE, or ERR_EASY11_INVALID_OPTION for what are no counts.
   */
  named(facet: string, counts: Uint32Array): Types.FacetCount[] {
    const values = this.facetValues(facet);
    checkCounts(counts);
    return Array.from(counts, (count, code) => ({ value: values[code] ?? null, count }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
  }

  /** `facetCounts` with names: `named(facet, facetCounts(facet, where))`. */
  facet(facet: string, where?: Types.Where): Types.FacetCount[] {
    return this.named(facet, this.facetCounts(facet, where));
  }

  /**
   * Counts of several facets and flags, each without its own condition: what a click on another value would give
   * ("disjunctive facets"). All share one pass, but for those that a single range tells.
   * Throws ERR_EASY11_INVALID_OPTION for what are no names.
   */
  facets(names: readonly string[], where?: Types.Where): Record<string, Uint32Array> {
    this.#open();
    checkNames(names, 'names');
    const without = Object.fromEntries(names.map((name) => [name, name]));
    const counted: Record<string, Uint32Array> = {};
    for (const facets of inPages(names.map((name) => this.#schema.facet(name))))
      Object.assign(counted, this.page({ where, facets, without }).facets);
    return counted;
  }

  /**
   * A page of results with all that stands beside it. Facets and histograms, each with the condition left out that `without`
   * names for it, share one pass over the rows that meet all conditions but at most one of these; or two passes, where the
   * condition with the fewest rows is left out for some and they are less so. What a single range tells comes from nodes.
   */
  page(options: Types.PageOptions): Types.Page {
    const engine = this.#open();
    const source = { engine, schema: this.#schema, scratch: this.#scratch, where: this.#where };
    const { page, score, limit } = countPage(source, options);
    const ids = score < 0 ? [] : this.#ids(engine.top(this.#where.write(options.where), score, limit));
    return { ...page, ids };
  }

  /** Counts by bins of a number attribute. O(bins · log n) for one range of an attribute with a tree. */
  histogram(attribute: string, options: Types.HistogramOptions = {}): Types.Histogram {
    const engine = this.#open();
    checkHistogram(options);
    const column = this.#schema.number(attribute);
    const { bins = 20, equal = 'width', where } = options;
    const edges = equal === 'width' ? this.#widths(attribute, options, bins) : this.#depths(attribute, options, bins);
    if (edges.length === 0) return { edges, counts: [] };
    putAll(edges, this.#scratch.values, 0);
    engine.histogram(this.#where.write(where), column.index, bins);
    return { edges, counts: listOf(this.#scratch.counts, 0, bins) };
  }

  /**
   * The values below which given shares (0 to 1) of the matching rows lie: without interpolation, the row at
   * floor(share · (n - 1)) in order. Null when no row matches. O(log n) a share for one range of an attribute with a tree.
   */
  quantiles(attribute: string, shares: readonly number[], where?: Types.Where): number[] | null {
    const engine = this.#open();
    const { index } = this.#schema.number(attribute);
    checkShares(shares);
    putAll(shares, this.#scratch.values, 0);
    const found = engine.quantiles(this.#where.write(where), index, shares.length);
    return found ? listOf(this.#scratch.values, 0, shares.length) : null;
  }

  /** How many matching rows have a lesser value of the attribute. O(log n) without conditions. */
  rank(attribute: string, value: number, where?: Types.Where): number {
    const engine = this.#open();
    const column = this.#schema.number(attribute);
    if (typeof value !== 'number' || value !== value) {
      throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `value must be a number, not ${show(value)}`);
    }
    if (where?.[attribute] !== undefined) {
      throw new Easy11Error('ERR_EASY11_INVALID_FILTER', `${attribute} is ranked: it cannot have a condition too`);
    }
    this.#where.write(where);
    const most = Math.min(column.below(value), column.greatestWithin(Infinity));
    return engine.count(this.#where.add(column, column.leastWithin(-Infinity), most));
  }

  /** The matching row that has `rank` others before it in order of an attribute with a tree. O(log n) without conditions. */
  select(attribute: string, rank: number, where?: Types.Where): Types.Position | undefined {
    return this.list({ by: attribute, offset: rank, limit: 1, where })[0];
  }

  /**
   * Matching rows in order of an attribute with a tree. A page behind a row costs what the first page does; so does one by
   * `offset` when there is no condition but on the attribute itself, else matches are counted on the way.
   * Throws ERR_EASY11_INVALID_LIMIT or _INVALID_OPTION too.
   */
  list(options: Types.ListOptions): Types.Position[] {
    const engine = this.#open();
    const { where, number, descending, limit, offset, after, value, id } = readListOptions(this.#schema, options);
    const conditions = this.#where.write(where);
    const found = engine.list(conditions, number, descending, limit, offset, after, value, id);
    const { ids, values } = this.#scratch;
    return Array.from({ length: found }, (_, i) => ({ id: ids[i] as number, value: values[i] as number }));
  }

  /** How a query with these conditions is answered. */
  explain(where?: Types.Where): Types.RangeExplanation {
    const engine = this.#open();
    engine.explain(this.#where.write(where));
    const [driver = 0, rows = 0, compared = 0, leaves = 0] = this.#scratch.values;
    return {
      driver: driver < 0 ? 'id' : (this.#schema.numbers[driver]?.name ?? ''),
      rows,
      compared,
      leaves,
      total: engine.rows(),
    };
  }

  /** Writes the rows as they are now and the schema to a file, whole or not at all. Rejects with ERR_EASY11_IO or _ABORTED. */
  async save(path: string, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const engine = this.#open();
    checkPath(path);
    checkOptionNames(options, ['signal']);
    checkBuildOptions(options);
    await saveSnapshot(engine, this.#schema, path, options.signal);
  }

  /** Sizes of the index. O(trees · levels). */
  stats(): Types.RangeStats {
    const engine = this.#open();
    return { backend: this.backend, rows: engine.rows(), bytes: engine.bytes() };
  }

  /** Frees the memory. Every later call throws ERR_EASY11_CLOSED, but for `close` itself. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): RangeEngine {
    if (this.#closed) throw new Easy11Error('ERR_EASY11_CLOSED', 'This RangeIndex has been closed');
    return this.#engine;
  }

  #ids(count: number): number[] {
    return listOf(this.#scratch.ids, 0, count);
  }

  #widths(attribute: string, { min, max, where }: Types.HistogramOptions, bins: number): number[] {
    if (min !== undefined && max !== undefined) return widthEdges(min, max, bins);
    const all = this.aggregate(attribute, where);
    if (all.min === null || all.max === null) return [];
    const least = min ?? all.min;
    const most = max ?? all.max;
    return widthEdges(least, Math.max(least, most), bins);
  }

  #depths(attribute: string, { where }: Types.HistogramOptions, bins: number): number[] {
    const shares: number[] = [];
    for (let i = 0; i <= bins; i++) shares.push(i / bins);
    if (bins < LIMITS.RESULTS) return this.quantiles(attribute, shares, where) ?? [];
    throw new Easy11Error('ERR_EASY11_INVALID_LIMIT', `bins of equal depth must be at most ${LIMITS.RESULTS - 1}`);
  }
}
