/** One thing that can be suggested. */
export interface Entry {
  /** The caller's id: a non-empty well-formed string of at most 1,024 UTF-16 units, unique in the index. */
  readonly id: string;
  /** What a person reads and types: well-formed, at most 10,000 UTF-16 units. Returned exactly as given. */
  readonly text: string;
  /** Rank: larger comes first, ties by id in code-point order. Finite and within ±2^53. */
  readonly weight: number;
  /** Category ids, for the `category` filter. At most 255. */
  readonly categories?: readonly string[];
  /** A number to filter by, such as a price in minor units. Finite and within ±2^53. */
  readonly price?: number;
  /** A flag to filter by. Absent means false. */
  readonly inStock?: boolean;
}

/** Keeps entries that meet every condition given. */
export interface Filter {
  /** The entry has this category, or any of these. */
  readonly category?: string | readonly string[];
  /** Inclusive bounds. An entry without a price meets none. */
  readonly price?: { readonly gte?: number; readonly lte?: number };
  readonly inStock?: boolean;
}

export interface SearchOptions {
  /** How many hits at most, 1 to 1,000. Default 10. */
  readonly limit?: number;
  readonly filter?: Filter;
  /**
   * Whether misspelt words may match (Damerau–Levenshtein distance 1 from 4 characters, 2 from 8).
   * true: exact hits first and then, if there is room, misspelt ones. Default true.
   */
  readonly fuzzy?: boolean;
  /**
   * 'words' (default): every word of the query is a word of the text, in any order, the last one a prefix.
   * 'prefix': the query is a prefix of the whole text. Never fuzzy.
   */
  readonly match?: 'words' | 'prefix';
  /** Whether hits say what to highlight. Default true; false saves about half of what a full answer costs. */
  readonly highlight?: boolean;
}

/** A range of the original text in UTF-16 units: `text.slice(start, end)`. */
export type HighlightRange = readonly [start: number, end: number];

export interface Hit {
  readonly id: string;
  readonly text: string;
  readonly weight: number;
  /** What the query matched in `text`, ascending, never overlapping. Empty with `highlight: false`. */
  readonly highlights: readonly HighlightRange[];
  /** 0 for an exact hit; larger for a less likely slip of the keyboard. */
  readonly slip: number;
}

export interface Progress {
  readonly phase: 'reading' | 'indexing';
  /** Entries done in this phase. */
  readonly done: number;
  /** Entries in all; undefined while the source has not ended. */
  readonly total: number | undefined;
}

export interface BuildOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

export interface SaveOptions {
  readonly signal?: AbortSignal;
  /** Whether the file gets an index part, by which `open` maps it. Default false. */
  readonly index?: boolean;
}

export interface AutocompleteStats {
  readonly backend: 'native' | 'fallback';
  readonly entries: number;
  /** Distinct words after normalisation. */
  readonly words: number;
  /** Bytes held by the index, texts and ids included (an estimate on the fallback, whose memory V8 manages). */
  readonly bytes: number;
  /** Entries that wait beside the main structure until they are merged into it. */
  readonly pending: number;
}

/** What `share` gives and `attach` takes: plain data that can be posted to a worker thread of the same process. */
export interface ShareToken {
  readonly autocomplete: number;
}

/**
 * Words or phrases that mean the same. An array: whoever asks for one finds the others, too. `from` and `to`: whoever asks
 * for `from` finds `to`, and not the other way round.
 */
export type Synonym = readonly string[] | { readonly from: string; readonly to: string | readonly string[] };
