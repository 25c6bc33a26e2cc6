import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { buildError, checkJobOptions, checkPath, runJob, snapshotError, throwIfAborted } from '../jobs/run-job';
import { show } from '../show';
import { ALTERNATIVE, analyse, planPrefix, planWords } from './analysis';
import { type AutocompleteEngine, NEEDS_ANALYSIS, NO_WORDS, SearchFlag } from './engine';
import { highlightPrefix, highlightWords } from './highlight';
import { KnownEntries, type KnownEntry } from './hits';
import { attachEngine, type OpenEngine, openEngine } from './open-engine';
import { parsePlan, plainQueryWords } from './query-words';
import { readEntries } from './reading';
import { type SearchSettings, SettingsReader } from './settings';
import type {
  AutocompleteStats,
  BuildOptions,
  Entry,
  Hit,
  Progress,
  SaveOptions,
  SearchOptions,
  ShareToken,
  Synonym,
} from './types';
import { Synonyms } from './synonyms';
import { checkEntry, checkId, checkWeight, isWellFormed, LIMITS } from './validate';

/**
 * An index for search as you type: the best entries, by weight, whose words a query's words are or begin.
 *
 * Answers are exact and in a fixed order: least slip of the keyboard, largest weight, id in code-point order. Every
 * method checks its arguments, throws Easy11Error with a `code`, and after an error leaves the index as it was.
 * An object belongs to one thread; `share` and `attach` give other threads objects of their own to the same index.
 * `close` it (or declare it with `using`): its memory lies outside the JavaScript heap.
 */
export class Autocomplete {
  /** What runs this index: C++ or TypeScript. Both give the same answers. */
  readonly backend: 'native' | 'fallback';
  readonly #engine: AutocompleteEngine;
  readonly #slots: Uint32Array;
  readonly #slips: Uint32Array;
  readonly #changes: Uint32Array;
  readonly #settings: SettingsReader;
  readonly #known: KnownEntries;
  #closed = false;
  /** The file that was opened in place, until it has been checked. */
  #unverified: { readonly path: string; readonly done: Promise<EngineStatus> } | undefined;
  /** What the next object is made on: how `attach` passes an engine to the public constructor, which takes nothing. */
  static #attaching: OpenEngine | undefined;
  #synonyms: Synonyms | undefined;
  /** Of the last search: null when the engine understood the query by itself. */
  #plan: string | null = null;

  /** An empty index. Throws ERR_EASY11_NATIVE_UNAVAILABLE when EASY11_BACKEND=native cannot be met. */
  constructor() {
    const { engine, backend } = Autocomplete.#attaching ?? openEngine();
    Autocomplete.#attaching = undefined;
    this.backend = backend;
    this.#engine = engine;
    this.#slots = engine.slots;
    this.#slips = engine.slips;
    this.#changes = engine.changes;
    this.#settings = new SettingsReader(engine);
    this.#known = new KnownEntries(engine);
  }

  /**
   * Builds an index of many entries, which is many times faster than `set` on each. The source is read in slices of a quarter of a
   * millisecond between which the event loop turns; indexing runs on a thread of its own (native) or in slices (fallback).
   *
   * Rejects with the code of the first entry that is not acceptable, ERR_EASY11_DUPLICATE_ID, ERR_EASY11_ABORTED
   * (name 'AbortError') or ERR_EASY11_OUT_OF_MEMORY, and with what the source or `onProgress` throws.
   */
  static async build(
    entries: Iterable<Entry> | AsyncIterable<Entry>,
    options: BuildOptions = {},
  ): Promise<Autocomplete> {
    checkJobOptions(options);
    return Autocomplete.#fill(async (index) => {
      await readEntries(index.#engine, entries, options);
      await runJob((report) => index.#engine.build(report), options, indexing, buildError);
      throwIfAborted(options.signal);
    });
  }

  /**
   * Loads a snapshot written by `save`, of either backend. O(file), off the event loop (native) or in slices (fallback).
   * Rejects with ERR_EASY11_IO, ERR_EASY11_CORRUPT_SNAPSHOT, ERR_EASY11_SNAPSHOT_VERSION, ERR_EASY11_OUT_OF_MEMORY or
   * ERR_EASY11_ABORTED.
   */
  static async load(path: string, options: BuildOptions = {}): Promise<Autocomplete> {
    checkPath(path);
    checkJobOptions(options);
    return Autocomplete.#fill(async (index) => {
      await runJob(
        (report) => index.#engine.load(path, report),
        options,
        indexing,
        (status) => snapshotError(status, path, 'load', SNAPSHOT_OF),
      );
      throwIfAborted(options.signal);
    });
  }

  /**
   * Opens a snapshot that `save` wrote with `index: true` in place: the file is mapped, which takes about a millisecond on
   * this thread whatever its size, and shared with every process that does the same. The header and the table of contents are checked at
   * once; everything else on a thread of its own, which the first use of the index waits for and `verify` tells the end
   * of. A file without an index part, and any file on the fallback, is loaded as `load` does.
   * The file must not be shortened while it is open: replace it, as `save` does. O(1). Rejects as `load` does.
   */
  static async open(path: string, options: BuildOptions = {}): Promise<Autocomplete> {
    checkPath(path);
    checkJobOptions(options);
    return Autocomplete.#fill(async (index) => {
      await runJob(
        (report) => index.#engine.open(path, report),
        options,
        indexing,
        (status) => snapshotError(status, path, 'load', SNAPSHOT_OF),
      );
      throwIfAborted(options.signal);
      index.#unverified = { path, done: index.#engine.verify().done };
    });
  }

  /**
   * Resolves when the file that the index was opened from has been checked to its last byte; at once for any other index.
   * Rejects with ERR_EASY11_CORRUPT_SNAPSHOT, as from then on every use throws.
   */
  async verify(): Promise<void> {
    if (this.#closed) this.#open();
    const { path, done } = this.#unverified ?? {};
    if (path === undefined) return;
    const status = await done;
    if (status !== undefined && status !== EngineStatus.OK)
      throw await snapshotError(status, path, 'load', SNAPSHOT_OF);
  }

  static async #fill(work: (index: Autocomplete) => Promise<void>): Promise<Autocomplete> {
    const index = new Autocomplete();
    try {
      await work(index);
    } catch (error) {
      index.close();
      throw error;
    }
    return index;
  }

  /**
   * Another object on an index that `share` gave this token for, usually on another thread. Everything one does is seen by
   * all; searches never wait for changes. O(1). Throws ERR_EASY11_NOT_SHARED when no such index is open in this process
   * (or, on the fallback, which shares with no other thread, on this thread).
   */
  static attach(token: ShareToken): Autocomplete {
    if (typeof token !== 'object' || token === null || !Number.isSafeInteger(token.autocomplete)) {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `A token must be what share() gave, not ${show(token)}`);
    }
    Autocomplete.#attaching = attachEngine(token.autocomplete);
    return new Autocomplete();
  }

  /**
   * A token for `attach`, to be sent to other threads of this process (`workerData`, `postMessage`). The index lives until
   * every object on it is closed, and the token as long. O(1).
   */
  share(): ShareToken {
    return { autocomplete: this.#open().share() };
  }

  /** The number of entries. O(1). */
  get size(): number {
    return this.#open().size();
  }

  /**
   * Adds an entry, or replaces the one with its id. The next search sees it. Returns true when the id was new.
   * Throws ERR_EASY11_INVALID_ID, _TEXT, _WEIGHT, _PRICE, _CATEGORY or _OPTION (`inStock`).
   */
  set(entry: Entry): boolean {
    const engine = this.#open();
    const { id, text, weight, price, inStock, categories } = checkEntry(entry);
    return engine.set(id, text, analyse(text), weight, price, inStock, categories);
  }

  /** Changes an entry's weight. Returns false when there is none. Throws ERR_EASY11_INVALID_ID or _WEIGHT. */
  setWeight(id: string, weight: number): boolean {
    return this.#open().setWeight(checkId(id), checkWeight(weight));
  }

  /** Removes an entry. Returns false when there is none. Throws ERR_EASY11_INVALID_ID. */
  delete(id: string): boolean {
    return this.#open().delete(checkId(id));
  }

  /** Whether there is an entry with this id. Throws ERR_EASY11_INVALID_ID. */
  has(id: string): boolean {
    return this.#open().lookUp(checkId(id)) >= 0;
  }

  /** The entry with this id, `categories` and `inStock` filled in. Throws ERR_EASY11_INVALID_ID. */
  get(id: string): Entry | undefined {
    const engine = this.#open();
    if (engine.lookUp(checkId(id)) < 0) return undefined;
    const categories = engine.categoriesAt(0);
    const price = engine.priceAt(0);
    return {
      id,
      text: engine.textAt(0),
      weight: engine.weightAt(0),
      categories: categories === '' ? [] : categories.split(ALTERNATIVE),
      ...(Number.isNaN(price) ? {} : { price }),
      inStock: engine.inStockAt(0),
    };
  }

  /**
   * Sets what this object's queries in 'words' mode mean besides what they say, in place of what was set before: a phrase of
   * whole words that stands in a query may also be read as each of its synonyms. Hits by a synonym rank as exact ones do.
   * A query is read in at most 32 ways. O(list). Throws ERR_EASY11_INVALID_OPTION.
   */
  setSynonyms(list: readonly Synonym[]): void {
    this.#open();
    const synonyms = new Synonyms(list);
    this.#synonyms = synonyms.empty ? undefined : synonyms;
  }

  /**
   * The best entries for a query, best first, with what to highlight in each.
   *
   * Throws ERR_EASY11_INVALID_QUERY (not a string, or a lone surrogate), ERR_EASY11_EMPTY_QUERY (no letter or digit in
   * it), ERR_EASY11_QUERY_TOO_LONG (over 1,000 UTF-16 units), ERR_EASY11_INVALID_LIMIT, _FILTER or _OPTION.
   */
  search(query: string, options?: SearchOptions): Hit[] {
    this.#open();
    const settings = this.#settings.read(options);
    return this.#hits(query, settings, this.#find(query, settings));
  }

  /** The ids that `search` would give: the cheapest form of an answer. Throws as `search` does. */
  searchIds(query: string, options?: SearchOptions): string[] {
    this.#open();
    const count = this.#find(query, this.#settings.read(options));
    return this.#known.ids(this.#slots, count);
  }

  /** `search` for every query, with the same options. Throws as `search` does, for the first query that is not acceptable. */
  searchMany(queries: readonly string[], options?: SearchOptions): Hit[][] {
    this.#open();
    if (!Array.isArray(queries)) {
      throw new Easy11Error('ERR_EASY11_INVALID_QUERY', `queries must be an array, not ${show(queries)}`);
    }
    const settings = this.#settings.read(options);
    return (queries as readonly string[]).map((query) => this.#hits(query, settings, this.#find(query, settings)));
  }

  /**
   * Writes the entries as they are now to a file, whole or not at all (a file beside it, renamed). O(entries), off the
   * event loop (native) or in slices (fallback). With `index`, the native engine adds what `open` maps; the file is then two
   * to four times as long. Rejects with ERR_EASY11_IO, ERR_EASY11_ABORTED, ERR_EASY11_INVALID_OPTION or ERR_EASY11_CLOSED.
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    const engine = this.#open();
    checkPath(path);
    checkJobOptions(options);
    const { index = false } = options;
    if (typeof index !== 'boolean') {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `index must be a boolean, not ${show(index)}`);
    }
    await runJob(
      () => engine.save(path, index),
      options,
      indexing,
      async (status) => {
        this.#open();
        return snapshotError(status, path, 'save', SNAPSHOT_OF);
      },
    );
  }

  /** Sizes of the index. O(1). */
  stats(): AutocompleteStats {
    return { backend: this.backend, ...this.#open().stats() };
  }

  /** Frees the memory and cancels what runs. Every later call throws ERR_EASY11_CLOSED, but for `close` itself. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #open(): AutocompleteEngine {
    if (this.#closed) throw new Easy11Error('ERR_EASY11_CLOSED', 'This Autocomplete has been closed');
    if (this.#unverified !== undefined) this.#awaitVerified(this.#unverified.path);
    return this.#engine;
  }

  #awaitVerified(path: string): void {
    if (this.#engine.awaitVerified() !== EngineStatus.OK) {
      throw new Easy11Error('ERR_EASY11_CORRUPT_SNAPSHOT', `${path} is damaged: build it again`);
    }
    this.#unverified = undefined;
  }

  /** Leaves the best entries in #slots and returns how many there are. */
  #find(query: string, { limit, flags }: SearchSettings): number {
    if (typeof query !== 'string') {
      throw new Easy11Error('ERR_EASY11_INVALID_QUERY', `A query must be a string, not ${show(query)}`);
    }
    if (query.length > LIMITS.QUERY) {
      throw new Easy11Error(
        'ERR_EASY11_QUERY_TOO_LONG',
        `A query may have ${LIMITS.QUERY} UTF-16 units, not ${query.length}`,
      );
    }
    this.#plan = null;
    if (this.#synonyms !== undefined && (flags & SearchFlag.PREFIX) === 0 && isWellFormed(query)) {
      this.#plan = this.#synonyms.plan(query);
    }
    let count =
      this.#plan === null
        ? this.#engine.search(query, limit, flags)
        : this.#engine.searchPlan(this.#plan, limit, flags);
    if (count === NEEDS_ANALYSIS) {
      if (!isWellFormed(query)) {
        throw new Easy11Error(
          'ERR_EASY11_INVALID_QUERY',
          'A query must be well-formed UTF-16; it has a lone surrogate',
        );
      }
      this.#plan = flags & SearchFlag.PREFIX ? planPrefix(query) : planWords(query);
      count = this.#plan === '' ? NO_WORDS : this.#engine.searchPlan(this.#plan, limit, flags);
    }
    if (this.#changes[0] !== 0) this.#known.heed(this.#changes);
    if (count === NO_WORDS) {
      throw new Easy11Error('ERR_EASY11_EMPTY_QUERY', 'A query needs a letter or a digit to search for');
    }
    return count;
  }

  #hits(query: string, { flags, highlight }: SearchSettings, count: number): Hit[] {
    if (highlight && count > 0) return this.#highlightedHits(query, (flags & SearchFlag.PREFIX) !== 0, count);
    const hits = new Array<Hit>(count);
    const entries = this.#known.entries(this.#slots, count);
    for (let i = 0; i < count; i++) {
      const { id, text, weight } = entries[i] as KnownEntry;
      hits[i] = { id, text, weight, highlights: NO_HIGHLIGHTS, slip: this.#slips[i] as number };
    }
    return hits;
  }

  #highlightedHits(query: string, inPrefixMode: boolean, count: number): Hit[] {
    const hits = new Array<Hit>(count);
    const entries = this.#known.entries(this.#slots, count);
    const plan = inPrefixMode ? (this.#plan ?? planPrefix(query)) : '';
    const words = inPrefixMode ? [] : this.#plan === null ? plainQueryWords(query) : parsePlan(this.#plan);
    for (let i = 0; i < count; i++) {
      const entry = entries[i] as KnownEntry;
      const slip = this.#slips[i] as number;
      const target = this.#known.highlightable(entry);
      const highlights = inPrefixMode ? highlightPrefix(target, plan) : highlightWords(target, words, slip);
      hits[i] = { id: entry.id, text: entry.text, weight: entry.weight, highlights, slip };
    }
    return hits;
  }
}

const NO_HIGHLIGHTS: Hit['highlights'] = Object.freeze([]);
/** How messages about snapshots name what they hold. */
const SNAPSHOT_OF = 'an Autocomplete';
const indexing = (done: number, total: number): Progress => ({ phase: 'indexing', done, total });
