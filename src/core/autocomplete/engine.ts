import type { EngineStatus, Job } from '../jobs/job';
import type { AutocompleteStats } from './types';

/**
 * What the native addon and the TypeScript fallback both implement, behind the public `Autocomplete` class.
 * The class validates, normalises and owns errors; an engine gets only well-formed input and never throws for bad data.
 *
 * Vocabulary
 * - *analysis*: what the class computed from a text (see analysis.ts): `start + '\u0001' + extra words joined by ' '`,
 *   where `start` is the text's words joined by single spaces (compounds joined: "t-shirt red" is "tshirt red") and
 *   `extra` are further words the text is found by ("t shirt", or the inner starts of a run of CJK characters).
 *   `null` means that the text is plain ASCII without apostrophe or hyphen: the engine derives it by itself, by lower-casing
 *   A-Z and splitting at everything but a-z and 0-9; there are no extra words.
 * - *plan*: a query in the same alphabet: alternatives separated by '\u0001', words separated by ' '; a word that ends in
 *   '*' matches as a prefix, any other as a whole word. "tshirt*\u0001t shirt*" is one or the other.
 * - *slot*: a number below 2^32 that names an entry from `set` to its deletion; it may be reused afterwards. The class
 *   remembers what the entries of slots say; `changes` tells it what to forget.
 * - *result*: an entry found by the last `search`, `searchPlan` or `lookUp`, by its place in `slots`. What the engine says
 *   of a result is how it was then, even if another thread has changed the index since; a change through this engine ends it.
 */
export interface AutocompleteEngine {
  /** Inserts or replaces. Returns true when the id was new. `categories` are joined by '\u0001', '' for none; price NaN for none. */
  set(
    id: string,
    text: string,
    analysis: string | null,
    weight: number,
    price: number,
    inStock: boolean,
    categories: string,
  ): boolean;
  setWeight(id: string, weight: number): boolean;
  delete(id: string): boolean;
  /** The slot of an id, or -1. The entry becomes result 0. */
  lookUp(id: string): number;
  /**
   * The ids of the first `count` results, and of each its id, text and weight one behind the other, in one call. `collect`
   * gives back an array of its arguments: so the addon makes one with a single call.
   */
  idsOf(count: number, collect: (...ids: string[]) => string[]): string[];
  entriesOf(count: number, collect: (...parts: (string | number)[]) => (string | number)[]): (string | number)[];
  /** The i-th result. */
  idAt(i: number): string;
  textAt(i: number): string;
  weightAt(i: number): number;
  priceAt(i: number): number;
  inStockAt(i: number): boolean;
  /** Joined by '\u0001'. */
  categoriesAt(i: number): string;

  /**
   * The best `limit` entries for a raw query, into `slots` (and their slip costs into `slips`): returns how many, or
   * -1 when the query needs analysis (anything but plain ASCII without apostrophe or hyphen): the class then calls
   * searchPlan. -2 when the query has no word. `flags` is a sum of SearchFlag values. When `flags` has FILTER, the filter
   * last given to setFilter applies.
   */
  search(query: string, limit: number, flags: number): number;
  searchPlan(plan: string, limit: number, flags: number): number;
  /** Filter of the following searches with the FILTER flag: categories joined by '\u0001' ('' for any), inclusive bounds (±Infinity), inStock 0, 1 or -1 for any. */
  setFilter(categories: string, priceGte: number, priceLte: number, inStock: number): void;
  /** Results of the last search. At least 1,000 long, views of one buffer, owned by the caller of the engine's constructor. */
  readonly slots: Uint32Array;
  readonly slips: Uint32Array;
  /**
   * Slots whose entries have changed, on whatever thread, up to what the last search saw: `changes[0]` of them in
   * `changes[1..]`, or ALL_CHANGED. The class sets changes[0] to 0 once it has heeded them.
   */
  readonly changes: Uint32Array;

  /**
   * Bulk build into an empty engine: any number of `append` (same arguments as set; returns false for an id already
   * appended), then `build`. Indexing runs off the event loop (native) or in slices that yield (fallback).
   */
  append(
    id: string,
    text: string,
    analysis: string | null,
    weight: number,
    price: number,
    inStock: boolean,
    categories: string,
  ): boolean;
  /**
   * Appends the first `count` entries of a buffer (packing.ts says how they lie there), up to the first whose id was appended
   * already. Returns how many it took. Where it is absent, appending one by one costs no more.
   */
  appendPacked?(packed: ArrayBuffer, count: number): number;
  build(onProgress: (done: number, total: number) => void): Job;
  /** Writes a snapshot of the present entries (format: docs/snapshot-format.md), with an index part if asked and able to. */
  save(path: string, withIndex: boolean): Job;
  /** Replaces an empty engine's content with a snapshot's. */
  load(path: string, onProgress: (done: number, total: number) => void): Job;
  /**
   * `load`, but a file with an index part may be taken as it is, unverified: then `verify` must be called, and `awaitVerified`
   * before anything else is. Both give EngineStatus OK at once where nothing is left to verify.
   */
  open(path: string, onProgress: (done: number, total: number) => void): Job;
  verify(): Job;
  /** Blocks until `verify` is done. */
  awaitVerified(): EngineStatus;

  /** A token by which `attach` finds this index, on any thread the backend can reach, while anybody has it open. */
  share(): number;
  /** The number of entries. */
  size(): number;
  stats(): Omit<AutocompleteStats, 'backend'>;
  /** Gives this engine's share of the index back (the last frees everything) and cancels its jobs. Further calls are not made. */
  close(): void;
}

export const SearchFlag = { FUZZY: 1, PREFIX: 2, FILTER: 4 } as const;

/** Return values of search and searchPlan below zero. */
export const NEEDS_ANALYSIS = -1;
export const NO_WORDS = -2;

/** Most slots that `changes` names, and what it says when there were more. */
export const MOST_CHANGES = 1_000;
export const ALL_CHANGED = 0xffffffff;
