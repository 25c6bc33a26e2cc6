import type { EngineStatus, Job } from '../jobs/job';

/** Which table of factors. */
export const Side = { USERS: 0, ITEMS: 1 } as const;
export type Side = (typeof Side)[keyof typeof Side];

/** What `finish` does before it makes the index for queries. */
export const FinishMode = {
  /** Turns the tables into the eigenbasis of the items and solves the users once more: after training. */
  SOLVE: 0,
  /** Only turns them: factors from elsewhere. */
  TURN: 1,
  /** Nothing: the tables come from a finished model. */
  KEEP: 2,
} as const;
export type FinishMode = (typeof FinishMode)[keyof typeof FinishMode];

/** Fills what is left of a list of results. */
export const NO_ITEM = 0xffffffff;

/**
 * What the native addon and the TypeScript fallback both do. Users and items are numbers from 0; ids, checks and errors are
 * the model's. Life: append, build, configure, train, finish; or the same after adopt; or append, build, configure, setRows, finish;
 * or open. Queries may run while jobs of ranking do; updates may not.
 */
export interface AlsEngine {
  /**
   * Takes over the vectors of the first users and items of a finished engine of the same backend, and what they did: `build` puts what
   * is appended into those histories, `configure` (with as many factors) keeps the vectors and begins new rows at zero. Nothing may
   * update the other until the job is done.
   */
  adopt(other: AlsEngine, users: number, items: number): Job;
  /** Adds the first `count` interactions of three columns. */
  append(users: Uint32Array, items: Uint32Array, weights: Float32Array, count: number): EngineStatus;
  /** Sorts them into rows; pairs that come several times become one, with the sum of their weights. */
  build(users: number, items: number, onProgress: (done: number, total: number) => void): Job;
  /** Makes the tables of factors: users zero, items random, a seed's the same everywhere. */
  configure(
    factors: number,
    regularization: number,
    unobservedWeight: number,
    nu: number,
    exact: boolean,
    threads: number,
    seed: number,
  ): Job;
  /** Overwrites `count` rows from `from` with count × factors values. */
  setRows(side: Side, from: number, count: number, values: Float32Array, factors: number): EngineStatus;
  /** Copies rows out. */
  rows(side: Side, from: number, count: number, values: Float32Array, factors: number): EngineStatus;
  /** Progress counts half iterations. The first one leaves out the users where it begins with the items: their vectors are there. */
  train(iterations: number, withLoss: boolean, first: Side, onProgress: (done: number, total: number) => void): Job;
  losses(): number[];
  finish(mode: FinishMode): Job;
  /** What fold-in and updateItem compute with: f eigenvalues of the items, then f × f of the users' Gram matrix. */
  bases(out: Float32Array): EngineStatus;
  /**
   * Opens a finished model in a file, in place, that begins with this header; the rest as for `configure`. Where an engine
   * has no `open`, snapshot-restore.ts gives it the tables.
   */
  open?(
    path: string,
    header: Uint32Array,
    factors: number,
    regularization: number,
    unobservedWeight: number,
    nu: number,
    exact: boolean,
    threads: number,
    seed: number,
  ): Job;
  historySize(user: number): number;
  history(user: number, items: Uint32Array, weights: Float32Array): EngineStatus;
  /** The vector of a user with this history: each item once. */
  foldIn(items: Uint32Array, weights: Float32Array, count: number, out: Float32Array): EngineStatus;
  /** The best items for a vector, best first, equal scores by number; how many, or −1 on failure. */
  top(
    vector: Float32Array,
    limit: number,
    excluded: Uint32Array,
    excludedCount: number,
    items: Uint32Array,
    scores: Float32Array,
  ): number;
  /** What each item of a history adds to an item's score, and the sum; NaN on failure. */
  explain(items: Uint32Array, weights: Float32Array, count: number, item: number, parts: Float32Array): number;
  /** Gives a user, or the next new one, a history and its vector. */
  updateUser(user: number, items: Uint32Array, weights: Float32Array, count: number): EngineStatus;
  /** Gives an item, or the next new one, the vector that follows from these users. */
  updateItem(item: number, users: Uint32Array, weights: Float32Array, count: number): EngineStatus;
  /** For each user `limit` results, without `excluded`. `fresh`: by its history, not by its stored vector. */
  rank(
    users: Uint32Array,
    limit: number,
    fresh: boolean,
    excludeHistory: boolean,
    excluded: Uint32Array,
    items: Uint32Array,
    scores: Float32Array,
  ): Job;
  /** For each of the histories, list l from starts[l] to starts[l + 1]. */
  rankHistories(
    starts: Uint32Array,
    histories: Uint32Array,
    weights: Float32Array,
    limit: number,
    excludeHistory: boolean,
    excluded: Uint32Array,
    items: Uint32Array,
    scores: Float32Array,
  ): Job;
  /** The rows of the largest cosine to one. */
  similar(side: Side, row: number, limit: number, items: Uint32Array, scores: Float32Array): Job;
  /** `isa`: the fallback's own, as it may change from model to model; the addon has one for all engines. */
  stats(): { users: number; items: number; entries: number; bytes: number; isa?: string };
  close(): void;
}
