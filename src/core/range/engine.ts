import type { EngineStatus, Job } from '../jobs/job';

/** Numbers shared with NumberType in native/include/easy11/range_index.hpp. */
export const NUMBER_TYPES = ['int32', 'float32', 'float64'] as const;

/** The schema as engines take it: attributes are numbers, in the order of the public schema. */
export interface EngineSchema {
  /** By number attribute: an index of NUMBER_TYPES. */
  readonly numbers: readonly number[];
  readonly facets: number;
  /** Number attributes with top lists. */
  readonly scores: readonly number[];
  readonly trees: readonly { readonly number: number; readonly aggregates: readonly number[] }[];
}

/** Sizes shared with RangeScratch in native/include/easy11/range_index.hpp. */
export const SCRATCH = { CONDITIONS: 128, VALUES: 1024, IDS: 1024, COUNTS: 65_536 } as const;
export const MAX_CONDITIONS = 32;
/** Where a page names its rows in `ids`, and how many at most. */
export const NAMED_AT = 32;
export const MAX_NAMED = SCRATCH.IDS - NAMED_AT;
/** Histograms of a page, which together have at most as many edges as fit into `values`. */
export const MAX_HISTOGRAMS = 16;

/**
 * What the native addon and the TypeScript fallback both implement, behind the public `RangeIndex` class. The class
 * validates and owns errors; an engine gets only what makes sense.
 *
 * Arguments and results lie in `Scratch`, views of one buffer. A condition is four numbers in `conditions`: 0, number
 * attribute, least, most; or 1, facet, where its codes begin in `ids`, and how many they are; or 2, the ids of `takeIds`. Bounds
 * are within the attribute's type. No value is NaN; a row without a facet's value has code 0 there.
 */
export interface RangeEngine {
  /** Inserts or replaces: numbers in `values`, facet codes in `counts`. True when the id was new. */
  set(id: number): boolean;
  delete(id: number): boolean;
  has(id: number): boolean;
  /** The row into `values` and `counts`. False when there is none. */
  read(id: number): boolean;

  /** Bulk build of an empty engine: ids, every column in the order of the ids, then `build`. */
  beginBulk(ids: Uint32Array): EngineStatus;
  bulkNumbers(number: number, values: Float64Array): EngineStatus;
  bulkFacets(facet: number, codes: Uint16Array): EngineStatus;
  build(onProgress: (done: number, total: number) => void): Job;
  /** Copies of all rows, in order of id, into arrays of `rows()` elements. */
  exportIds(out: Uint32Array): void;
  exportNumbers(number: number, out: Float64Array): void;
  exportFacets(facet: number, out: Uint16Array): void;

  /**
   * The rows that a condition on ids names, for the queries until the next call of this or the next change: ids that ascend, or
   * a bit for each id. Ids that no row has are passed over. False when ids do not ascend.
   */
  takeIds(ids: Uint32Array, bits: boolean): boolean;

  /** Each of these takes how many conditions there are. */
  count(conditions: number): number;
  /** `values`: rows, rows with a value, sum, min, max. */
  aggregate(conditions: number, number: number): void;
  /** `ids` and `values` of the best by a score, best first; returns how many. */
  top(conditions: number, score: number, limit: number): number;
  /** `counts` by code; returns how many codes there are. */
  facet(conditions: number, facet: number): number;
  /** Edges, one more than bins, in `values`; `counts` by bin, the last one with its upper edge. */
  histogram(conditions: number, number: number, bins: number): void;
  /** Shares in 0..1 in `values` are replaced by the value at that share of the matching rows; false when none match. */
  quantiles(conditions: number, number: number, shares: number): boolean;
  /**
   * In one pass, or two: `counts` of the facets whose bit is set, one after the other, each as long as `ids` then says, then of
   * the bins of each histogram; returns the rows. Before the call `counts` has, facet by facet, the place of the condition
   * that does not count for it and one more, or 0; then, histogram by histogram, its number, its bins, and the same. `values`
   * has the edges of each, one behind the other. Where the rows are at most `most`, their ids stand, ascending, in `ids` from
   * NAMED_AT on.
   */
  page(conditions: number, facets: number, histograms: number, most: number): number;
  /** `ids` and `values` in order of an attribute with a tree, from behind (value, id) when `after`; returns how many. */
  list(
    conditions: number,
    number: number,
    descending: boolean,
    limit: number,
    offset: number,
    after: boolean,
    value: number,
    id: number,
  ): number;
  /** `values`: the attribute that drives (-1: the set of ids), its rows, conditions left to compare, blocks of rows. */
  explain(conditions: number): void;
  rows(): number;
  bytes(): number;
  close(): void;
}

/** The memory that the class and its engine share. */
export class Scratch {
  readonly buffer = new ArrayBuffer(8 * (SCRATCH.CONDITIONS + SCRATCH.VALUES) + 4 * (SCRATCH.IDS + SCRATCH.COUNTS));
  readonly conditions = new Float64Array(this.buffer, 0, SCRATCH.CONDITIONS);
  readonly values = new Float64Array(this.buffer, 8 * SCRATCH.CONDITIONS, SCRATCH.VALUES);
  readonly ids = new Uint32Array(this.buffer, 8 * (SCRATCH.CONDITIONS + SCRATCH.VALUES), SCRATCH.IDS);
  readonly counts = new Uint32Array(
    this.buffer,
    8 * (SCRATCH.CONDITIONS + SCRATCH.VALUES) + 4 * SCRATCH.IDS,
    SCRATCH.COUNTS,
  );
}

/** The schema as the addon takes it: each list with its length before it. */
export function encodeSchema({ numbers, facets, scores, trees }: EngineSchema): Int32Array {
  return Int32Array.from([
    numbers.length,
    ...numbers,
    facets,
    scores.length,
    ...scores,
    trees.length,
    ...trees.flatMap(({ number, aggregates }) => [number, aggregates.length, ...aggregates]),
  ]);
}
