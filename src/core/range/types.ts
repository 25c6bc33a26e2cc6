/** How a number attribute is stored. `int32` takes integers within ±2,147,483,646; `float32` rounds to 24 bits. */
export type NumberType = 'int32' | 'float32' | 'float64';

export interface NumberAttribute {
  /** Default 'float64': finite numbers within ±2^53. */
  readonly type?: NumberType;
  /**
   * Whether rows are kept in order of the attribute: then ranges of it answer in microseconds and it can be listed in
   * order. `aggregates` names further number attributes whose sums such ranges give as fast. At least one needs a tree.
   */
  readonly tree?: boolean | { readonly aggregates?: readonly string[] };
  /** Whether `top` can rank by it. */
  readonly score?: boolean;
}

export interface RangeSchema {
  readonly numbers: Readonly<Record<string, NumberAttribute>>;
  /** Attributes with one string each, such as a category: at most 16,383 different ones. */
  readonly facets?: readonly string[];
  /** Attributes that are true or false. */
  readonly flags?: readonly string[];
}

export type RangeValue = number | string | boolean | null;
/** A row by attribute; what is null or left out has no value, lies in no range and in no sum. */
export type RangeRow = Readonly<Record<string, RangeValue | undefined>>;

/** Inclusive bounds; one that is left out is open. */
export interface Bounds {
  readonly gte?: number;
  readonly lte?: number;
}
/**
 * Rows that the caller names: their ids, ascending and none twice, or a bit for each id (bit `id & 31` of word `id >>> 5`),
 * which is the shorter of both from one row in 32 on. Ids that no row has are passed over. It is read at every call.
 */
export type IdSet = Uint32Array | { readonly bits: Uint32Array };

/**
 * Conditions that a row must meet, all of them: bounds of a number, one or several values of a facet, a flag; and by the
 * name `id` a set of rows.
 */
export type Where = Readonly<Record<string, Bounds | string | readonly string[] | boolean | IdSet>>;

export interface Aggregate {
  /** Rows that match. */
  readonly rows: number;
  /** Those of them that have a value; the others count nowhere below. */
  readonly count: number;
  readonly sum: number;
  /** Null without rows, as are `max` and `avg`. */
  readonly min: number | null;
  readonly max: number | null;
  readonly avg: number | null;
}

export interface TopOptions {
  /** A number attribute with `score`. */
  readonly by: string;
  /** 1 to 1,000; default 20. */
  readonly limit?: number;
  readonly where?: Where | undefined;
}

/** A row in a list: the place where the next page begins. */
export interface Position {
  readonly id: number;
  readonly value: number;
}

export interface ListOptions {
  /** A number attribute with a tree. Rows without a value of it are not listed. */
  readonly by: string;
  /** 'desc' is the exact reverse of 'asc' (value, then id). Default 'asc'. */
  readonly order?: 'asc' | 'desc';
  readonly where?: Where | undefined;
  /** 1 to 1,000; default 20. */
  readonly limit?: number;
  /** Rows to skip. */
  readonly offset?: number;
  /** Begin behind this row, whether it is still there or not. */
  readonly after?: Position;
}

export interface HistogramOptions {
  /** 1 to 1,000; default 20. */
  readonly bins?: number;
  /** Edges of the first and the last bin; by default the least and greatest value that matches. */
  readonly min?: number;
  readonly max?: number;
  /** 'width': bins as wide as each other (the default). 'depth': with as many rows as each other, as far as ties allow. */
  readonly equal?: 'width' | 'depth';
  readonly where?: Where | undefined;
}

/** Bin i has the values from edges[i] to edges[i + 1]; only the last includes its upper edge. */
export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface PageOptions {
  readonly where?: Where | undefined;
  /** Number attribute with `score` to rank by; none: no ids. */
  readonly by?: string;
  /** 1 to 1,000; default 20. */
  readonly limit?: number;
  /** Facets and flags to count. */
  readonly facets?: readonly string[];
  /**
   * By facet, or by number of a histogram, the attribute whose condition does not count for it: its own, or that of a number
   * that it is made from.
   */
  readonly without?: Readonly<Record<string, string>>;
  /** The ids of all rows that match are named, where they are at most so many: 0 (the default) to 992. */
  readonly named?: number;
  readonly histogram?: PageBins & { readonly attribute: string };
  /** By number attribute: at most 16 with `histogram`, and 1,000 bins together. */
  readonly histograms?: Readonly<Record<string, PageBins>>;
}

/** Bins as wide as each other. */
export interface PageBins {
  /** Default 20. */
  readonly bins?: number;
  readonly min: number;
  readonly max: number;
}

export interface Page {
  readonly rows: number;
  readonly ids: readonly number[];
  /** All rows that match, ascending; null when they are more than `named`. */
  readonly named: Uint32Array | null;
  /** Counts by code; `named` gives them names. */
  readonly facets: Readonly<Record<string, Uint32Array>>;
  readonly histogram: Histogram | null;
  /** Those of `histograms`, by attribute. */
  readonly histograms: Readonly<Record<string, Histogram>>;
}

export interface FacetCount {
  /** Null: rows without a value. */
  readonly value: string | boolean | null;
  readonly count: number;
}

export interface RangeExplanation {
  /** The attribute whose tree drives, or `id` where a set of ids does. */
  readonly driver: string;
  /** Rows in its range, or of the set. */
  readonly rows: number;
  /** Conditions compared on each of them; 0: the answer comes from nodes of the tree. */
  readonly compared: number;
  /** Blocks of up to 512 rows in the range, or of 512 ids that have a row of the set. */
  readonly leaves: number;
  readonly total: number;
}

export interface RangeStats {
  readonly backend: 'native' | 'fallback';
  readonly rows: number;
  /** Held by the engine, without the names of facet values. */
  readonly bytes: number;
}

export interface RangeProgress {
  readonly phase: 'reading' | 'indexing';
  readonly done: number;
  /** Undefined while the source has not told. */
  readonly total: number | undefined;
}

export interface RangeBuildOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RangeProgress) => void;
}

/** A row for `build`: its `id` and its attributes. */
export type RowWithId = RangeRow & { readonly id: number };

/** One array per attribute, all of one length; `id` defaults to 0, 1, 2, … */
export type Columns = Readonly<Record<string, ArrayLike<RangeValue | undefined>>> & {
  readonly id?: ArrayLike<number>;
};
