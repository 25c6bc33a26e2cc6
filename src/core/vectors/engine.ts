import type { EngineStatus } from '../jobs/job';

/** Sizes shared with VectorScratch in native/include/easy11/sparse_vectors.hpp. */
export const SCRATCH = { TERMS: 4_096, RESULTS: 1_024 } as const;

/**
 * What the native addon and the TypeScript fallback both implement, behind the public `SparseVectorIndex` class. The class
 * validates, numbers the terms and owns errors; an engine gets only what makes sense.
 *
 * Arguments and results lie in `Scratch`, views of one buffer. The terms of a row or of a query ascend, none twice, with weights
 * from 1e-9 to 1e9 beside them. Numbers that are counts are below 0 where it went wrong: an EngineStatus with its sign changed.
 */
export interface VectorsEngine {
  /** Inserts or replaces a row of `count` terms; 1 when the id was new, else 0. */
  put(id: number, count: number): number;
  /** Many rows: row i has the entries from starts[i] to starts[i + 1]. Those before one that is refused stay. */
  putMany(ids: Uint32Array, starts: Uint32Array, terms: Uint32Array, weights: Float32Array): EngineStatus;
  delete(id: number): boolean;
  has(id: number): boolean;
  /** The row into `terms` and `weights`; how many, 0 when there is none. */
  read(id: number): number;
  /**
   * The rows most like the `count` terms in scratch, best first, ties by id, none with a score of 0, into `ids` and `scores`; how
   * many. `further` is the square of the part of the query's vector that no row has; `excluded` ascends; `filter` has a bit for
   * each id that may be found.
   */
  nearest(
    count: number,
    limit: number,
    least: number,
    further: number,
    excluded: Uint32Array,
    filter: Uint32Array | null,
  ): number;
  /** The cosine of two rows; below 0 when one is unknown. */
  similarity(a: number, b: number): number;
  /** The factor of a term that no row has yet. */
  setFactor(term: number, factor: number): EngineStatus;
  /** Of each term, how many rows have it. */
  counts(out: Uint32Array): void;
  /** New factors for all terms, which count all at once when `refreshStep` gives 0; 1 when there is more to do. */
  beginRefresh(factors: Float64Array): EngineStatus;
  refreshStep(): number;
  cancelRefresh(): void;
  rows(): number;
  /** Terms that some row has. */
  terms(): number;
  entries(): number;
  /** By the last query: entries of lists, and of rows compared in full. */
  entriesRead(): number;
  bytes(): number;
  close(): void;
}

/** The memory that the class and its engine share. */
export class Scratch {
  readonly buffer = new ArrayBuffer(8 * SCRATCH.RESULTS + 4 * (2 * SCRATCH.TERMS + SCRATCH.RESULTS));
  readonly scores = new Float64Array(this.buffer, 0, SCRATCH.RESULTS);
  readonly terms = new Uint32Array(this.buffer, 8 * SCRATCH.RESULTS, SCRATCH.TERMS);
  readonly weights = new Float32Array(this.buffer, 8 * SCRATCH.RESULTS + 4 * SCRATCH.TERMS, SCRATCH.TERMS);
  readonly ids = new Uint32Array(this.buffer, 8 * SCRATCH.RESULTS + 8 * SCRATCH.TERMS, SCRATCH.RESULTS);
}
