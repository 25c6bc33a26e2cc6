import type { AlsModel } from './als-model';

/** Somebody did something with an item: looked at it, put it in the cart, bought it. */
export interface Interaction {
  readonly user: string;
  readonly item: string;
  /** How much it says, 0 to 1e9. Default 1. Of several for one pair the sum counts; a sum of 0 is left out. */
  readonly weight?: number;
  /** When, in any unit: only splits by time look at it. */
  readonly time?: number;
}

/** Interactions in columns, for millions of them: entry e is (userIds[users[e]], itemIds[items[e]], weights[e]). */
export interface InteractionColumns {
  readonly userIds: readonly string[];
  readonly itemIds: readonly string[];
  readonly users: Uint32Array;
  readonly items: Uint32Array;
  /** Default: all 1. */
  readonly weights?: Float32Array;
  readonly times?: Float64Array;
}

export type InteractionSource = Iterable<Interaction> | AsyncIterable<Interaction> | InteractionColumns;

export interface AlsProgress {
  readonly phase: 'reading' | 'building' | 'training';
  /** Interactions read or built, or half iterations. */
  readonly done: number;
  readonly total: number | undefined;
}

/** What a model is made with. See docs/guides/als.md for how to choose. */
export interface AlsParameters {
  /** Length of the vectors, 1 to 1,024. Default 64. */
  readonly factors?: number;
  /** Passes over users and items, 0 to 1,000. Default 16. */
  readonly iterations?: number;
  /** λ, at least 0. Default: from the data, see `defaultParameters`. */
  readonly regularization?: number;
  /** α₀, the weight of every pair, seen or not; above 0. Default: from the data. */
  readonly unobservedWeight?: number;
  /** How λ grows with the number of interactions of a row, 0 to 2: λ (n + α₀ × other side)^ν. Default 1. */
  readonly nu?: number;
  /** 'fast' (default): two steps of preconditioned conjugate gradient. 'exact': exact solutions. */
  readonly mode?: 'fast' | 'exact';
  /** Of the machine. Default: as many as there are cores. The result does not depend on it. */
  readonly threads?: number;
  /** Another random beginning. Default 0. */
  readonly seed?: number;
}

export interface FitOptions extends AlsParameters {
  /** Begins from this model's vectors, for users and items that both have; `factors` must be the same. */
  readonly warmStart?: AlsModel;
  /**
   * With `warmStart`: what that model has learnt from, histories that it was given since included, is learnt from again, and the
   * source brings only what is new. The first iteration begins with the items, since the users have their vectors.
   */
  readonly extend?: boolean;
  /** Whether `stats().losses` tells the loss after each iteration; costs about a tenth more. */
  readonly trackLoss?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AlsProgress) => void;
}

/** A user who need not be known: what they did, as item ids or with weights. Ids that the model does not know are passed over. */
export type History = Iterable<string | { readonly item: string; readonly weight?: number }>;

export interface RecommendOptions {
  /** 1 to 1,000. Default 20. */
  readonly limit?: number;
  /** 'history' (default) leaves out what the user had already; 'none' does not; a list leaves out those as well. */
  readonly exclude?: 'history' | 'none' | Iterable<string>;
  /** Keeps an item if it returns true: asked now, for the best ones first, as often as needed. */
  readonly filter?: (item: string) => boolean;
}

export interface Recommendation {
  readonly item: string;
  readonly score: number;
}

export interface Neighbour {
  readonly id: string;
  /** −1 to 1. */
  readonly cosine: number;
}

export interface Explanation {
  readonly score: number;
  /** What each item of the history adds to the score, largest first: the sum is the score. */
  readonly parts: readonly { readonly item: string; readonly weight: number; readonly part: number }[];
}

export interface AlsStats {
  readonly backend: 'native' | 'fallback';
  /** What the kernels of training run on: such as 'avx2' natively, and on the fallback 'wasm-simd128', or 'scalar' without WebAssembly. */
  readonly isa: string | null;
  readonly users: number;
  readonly items: number;
  /** Distinct pairs. */
  readonly entries: number;
  /** Held by the engine; the ids in JavaScript's heap come on top. */
  readonly bytes: number;
  readonly parameters: Required<AlsParameters>;
  /** After each iteration; empty without `trackLoss`. */
  readonly losses: readonly number[];
}
