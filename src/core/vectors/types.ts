/** Terms and their weights: numbers from 1e-9 to 1e9; a weight of 0 is as if the term were not there. */
export type SparseVector = Readonly<Record<string, number>> | Iterable<readonly [term: string, weight: number]>;

export interface SparseVectorOptions {
  /**
   * What a weight is multiplied by. `given` (default): nothing. `rarity`: ln(1 + rows / rows with the term), the inverse document
   * frequency of TF-IDF, as it was at the last `refresh`; terms that are new since count as met once.
   */
  readonly weighting?: 'given' | 'rarity';
}

/** Many rows: row i is `ids[i]`, and has the entries from `starts[i]` to `starts[i + 1]`. */
export interface VectorColumns {
  readonly ids: Uint32Array;
  /** One more than ids. */
  readonly starts: Uint32Array;
  /** The terms, each once. */
  readonly terms: readonly string[];
  /** By entry: a place in `terms`. No row has one twice. */
  readonly places: Uint32Array;
  /** By entry. */
  readonly weights: Float32Array;
}

export interface NearestOptions {
  /** How many at most: 1 to 1,000. Default 10. */
  readonly limit?: number;
  /** The least cosine: 0 to 1. Rows that share nothing are never given. */
  readonly minScore?: number;
  /** Ids that are left out. */
  readonly exclude?: Iterable<number>;
  /**
   * Which ids may be given: a bit for each (bit i % 32 of word i / 32; ids behind its end may not), or a function, which is asked
   * for the best until enough may.
   */
  readonly filter?: Uint32Array | ((id: number) => boolean);
}

/** A row that is alike. */
export interface SimilarRow {
  readonly id: number;
  /** The cosine of both vectors: above 0, at most 1. */
  readonly score: number;
}

/** Where `nearestInto` writes: as many are found as both have room for. */
export interface NearestTarget {
  readonly ids: Uint32Array;
  readonly scores: Float64Array | Float32Array;
}

export interface SparseVectorStats {
  readonly backend: 'native' | 'fallback';
  readonly rows: number;
  /** That some row has. */
  readonly terms: number;
  /** Terms of all rows together. */
  readonly entries: number;
  /** What the engine holds; names of terms are not counted. */
  readonly bytes: number;
  /** By the last search: entries of lists, and of rows that were compared in full. */
  readonly entriesRead: number;
}
