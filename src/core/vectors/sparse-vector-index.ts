import { Easy11Error } from '../errors';
import { EngineStatus } from '../jobs/job';
import { checkJobOptions, throwIfAborted } from '../jobs/run-job';
import { checkOptionNames } from '../option-names';
import { show } from '../show';
import { checkId, LIMITS, readNearest, type Wanted } from './checks';
import { checkColumns, numbered } from './columns';
import { Scratch, type VectorsEngine } from './engine';
import { openEngine } from './open-engine';
import type * as Types from './types';
import { Vocabulary } from './vocabulary';

/** How long a refresh works before the event loop gets its turn. */
const SLICE_MS = 2;

/**
 * Rows that are sparse vectors (terms with weights, as of TF-IDF), and exactly the ones nearest to a row or a vector by cosine: an
 * inverted index with upper bounds, which reads only lists and rows that can still matter. Native and fallback give the same ids
 * and scores, to the bit.
 *
 * Rows are named by dense integers from 0 to 2^27 - 1: memory is as large as the windows of 16,384 ids that have one. Equal scores
 * are in order of id. Weights are kept as 32-bit floats, scores are computed in doubles. Every method checks its arguments, throws
 * Easy11Error with a `code`, and after an error leaves the index as it was. An index belongs to one thread. `close` it (or
 * declare it with `using`): its memory lies outside the JavaScript heap.
 */
export class SparseVectorIndex {
  /** What runs this index: C++ or TypeScript. */
  readonly backend: 'native' | 'fallback';
  readonly #scratch = new Scratch();
  readonly #engine: VectorsEngine;
  readonly #vocabulary: Vocabulary;
  readonly #byRarity: boolean;
  #refreshed: Promise<void> = Promise.resolve();
  #closed = false;

  /** An empty index. Throws ERR_EASY11_INVALID_OPTION, or ERR_EASY11_NATIVE_UNAVAILABLE when EASY11_BACKEND=native cannot be met. */
  constructor(options: Types.SparseVectorOptions = {}) {
    checkOptionNames(options, ['weighting']);
    const { weighting = 'given' } = options;
    if (weighting !== 'given' && weighting !== 'rarity')
      throw new Easy11Error(
        'ERR_EASY11_INVALID_OPTION',
        `weighting must be 'given' or 'rarity', not ${show(weighting)}`,
      );
    this.#byRarity = weighting === 'rarity';
    const { engine, backend } = openEngine(this.#scratch);
    this.backend = backend;
    this.#engine = engine;
    this.#vocabulary = new Vocabulary(engine, this.#scratch);
    if (this.#byRarity) this.#vocabulary.setNewFactor(Math.LN2);
  }

  /** The number of rows. O(1). */
  get size(): number {
    return this.#open().rows();
  }

  /**
   * Adds a row, or replaces the one with its id: the next search knows it. Returns true when the id was new. At most 4,096 terms; a
   * term that comes twice has the sum of its weights. O(terms), and when a sixteenth of 16,384 neighbouring ids has changed, their
   * lists are made anew, O(entries of those).
   * Throws ERR_EASY11_INVALID_ID, _INVALID_TEXT, _INVALID_WEIGHT (negative, not finite, beyond 1e9 or below 1e-9 and not 0),
   * _INVALID_VALUE (no vector) or _EMPTY_DATA (no weight above 0).
   */
  put(id: number, vector: Types.SparseVector): boolean {
    const engine = this.#open();
    checkId(id);
    const { count } = this.#vocabulary.write(vector, true);
    if (count === 0)
      throw new Easy11Error('ERR_EASY11_EMPTY_DATA', 'A vector needs a weight above 0: it has no direction');
    return this.#counted(engine.put(id, count)) === 1;
  }

  /** `put` of many rows from columns, which is several times faster. Blocks for as long as it takes: give it parts. Throws likewise. */
  putMany(columns: Types.VectorColumns): void {
    const engine = this.#open();
    if (typeof columns !== 'object' || columns === null)
      throw new Easy11Error('ERR_EASY11_INVALID_VALUE', `Columns must be an object, not ${show(columns)}`);
    checkColumns(columns);
    this.#vocabulary.tidy();
    const { terms, weights } = numbered(columns, this.#vocabulary);
    this.#counted(-engine.putMany(columns.ids, columns.starts, terms, weights));
  }

  /** Removes a row. Returns false when there is none. Throws ERR_EASY11_INVALID_ID. O(terms), as `put`. */
  delete(id: number): boolean {
    return this.#open().delete(checkId(id));
  }

  /** Whether there is a row with this id. Throws ERR_EASY11_INVALID_ID. */
  has(id: number): boolean {
    return this.#open().has(checkId(id));
  }

  /** The terms of a row and their weights as they were given, to 32 bits; undefined when there is none. Throws ERR_EASY11_INVALID_ID. */
  get(id: number): Record<string, number> | undefined {
    const count = this.#open().read(checkId(id));
    if (count === 0) return undefined;
    const { terms, weights } = this.#scratch;
    const pairs = Array.from({ length: count }, (_, i): [string, number] => [
      this.#vocabulary.nameOf(terms[i] as number),
      weights[i] as number,
    ]);
    return Object.fromEntries(pairs);
  }

  /**
   * The cosine of two rows' vectors, 0 to 1: the same as a search gives, either way round. O(terms of both).
   * Throws ERR_EASY11_INVALID_ID, or ERR_EASY11_UNKNOWN_ID.
   */
  similarity(a: number, b: number): number {
    const cosine = this.#open().similarity(checkId(a), checkId(b));
    if (cosine >= 0) return cosine;
    throw unknown(this.#engine.has(a) ? b : a);
  }

  /**
   * The rows nearest to a row, itself left out, or to a vector: best first, ties by id; only such as share a term. Exact. What is
   * read of 1,000,000 rows is measured in docs/benchmarks/vectors.md; at worst it is everything.
   * Throws ERR_EASY11_INVALID_ID, _UNKNOWN_ID, _EMPTY_QUERY (a vector without a weight above 0), as `put` does for a vector, and
   * ERR_EASY11_INVALID_LIMIT, _INVALID_OPTION or _INVALID_FILTER; and what a filter throws.
   */
  nearest(to: number | Types.SparseVector, options: Types.NearestOptions = {}): Types.SimilarRow[] {
    const engine = this.#open();
    const wanted = readNearest(options, typeof to === 'number' ? checkId(to) : undefined);
    if (wanted.may) return this.#filtered(to, wanted, wanted.may);
    const found = this.#search(engine, to, wanted);
    const { ids, scores } = this.#scratch;
    return Array.from({ length: found }, (_, i) => ({ id: ids[i] as number, score: scores[i] as number }));
  }

  /**
   * `nearest` into arrays of the caller, without an object for each: returns how many were found. As many are looked for as both
   * arrays have room for, or `limit` says. Throws as `nearest` does.
   */
  nearestInto(
    to: number | Types.SparseVector,
    target: Types.NearestTarget,
    options: Types.NearestOptions = {},
  ): number {
    const room = Math.min(target.ids.length, target.scores.length, LIMITS.RESULTS);
    const limit = options.limit ?? room;
    if (limit > room)
      throw new Easy11Error('ERR_EASY11_INVALID_LIMIT', `The arrays have room for ${room}, not for ${show(limit)}`);
    if (typeof options.filter === 'function') {
      const rows = this.nearest(to, { ...options, limit });
      rows.forEach(({ id, score }, i) => {
        target.ids[i] = id;
        target.scores[i] = score;
      });
      return rows.length;
    }
    const engine = this.#open();
    const wanted = readNearest({ ...options, limit }, typeof to === 'number' ? checkId(to) : undefined);
    const found = this.#search(engine, to, wanted);
    target.ids.set(this.#scratch.ids.subarray(0, found));
    target.scores.set(this.#scratch.scores.subarray(0, found));
    return found;
  }

  /**
   * Says anew how rare each term is (where the weighting is by rarity), makes the lists of rows that changed anew, and forgets
   * terms that no row has. In slices of about 2 ms; all answers change at once, at its end. Rows may be changed meanwhile. O(entries).
   * Rejects with ERR_EASY11_ABORTED (name 'AbortError'), _OUT_OF_MEMORY or _CLOSED, and then rarities are as they were.
   */
  async refresh(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#open();
    checkOptionNames(options, ['signal']);
    checkJobOptions(options);
    // One after the other.
    const turn = this.#refreshed.then(() => this.#refresh(options.signal));
    this.#refreshed = turn.catch(() => undefined);
    await turn;
  }

  /** Sizes of the index. O(rows ÷ 16,384). */
  stats(): Types.SparseVectorStats {
    const engine = this.#open();
    return {
      backend: this.backend,
      rows: engine.rows(),
      terms: engine.terms(),
      entries: engine.entries(),
      bytes: engine.bytes(),
      entriesRead: engine.entriesRead(),
    };
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

  #open(): VectorsEngine {
    if (this.#closed) throw new Easy11Error('ERR_EASY11_CLOSED', 'This SparseVectorIndex has been closed');
    return this.#engine;
  }

  #counted(count: number): number {
    if (count >= 0) return count;
    throw count === -EngineStatus.OUT_OF_MEMORY
      ? new Easy11Error('ERR_EASY11_OUT_OF_MEMORY', 'Not enough memory')
      : new Easy11Error('ERR_EASY11_INTERNAL', `The engine reported ${-count}`);
  }

  #search(engine: VectorsEngine, to: number | Types.SparseVector, { limit, least, excluded, bits }: Wanted): number {
    const isRow = typeof to === 'number';
    const { count, further } = isRow ? { count: engine.read(to), further: 0 } : this.#vocabulary.write(to, false);
    if (count === 0 && isRow) throw unknown(to);
    if (count === 0 && further === 0)
      throw new Easy11Error('ERR_EASY11_EMPTY_QUERY', 'A vector to compare with needs a weight above 0');
    return this.#counted(engine.nearest(count, limit, least, further, excluded, bits));
  }

  /** Asks the filter for the best, those that were asked for already left out, until there are enough. */
  #filtered(to: number | Types.SparseVector, wanted: Wanted, may: (id: number) => boolean): Types.SimilarRow[] {
    const rows: Types.SimilarRow[] = [];
    let { excluded } = wanted;
    for (let limit = wanted.limit; ; limit = Math.min(LIMITS.RESULTS, 4 * limit)) {
      const found = this.#search(this.#open(), to, { ...wanted, limit, excluded });
      // Copies: the filter may search too.
      const [ids, scores] = [this.#scratch.ids.slice(0, found), this.#scratch.scores.slice(0, found)];
      for (const [i, id] of ids.entries()) {
        if (may(id)) rows.push({ id, score: scores[i] as number });
        if (rows.length === wanted.limit) return rows;
      }
      if (found < limit) return rows;
      const more = new Uint32Array(excluded.length + found);
      more.set(excluded);
      more.set(ids, excluded.length);
      excluded = more.sort();
    }
  }

  async #refresh(signal: AbortSignal | undefined): Promise<void> {
    const vocabulary = this.#vocabulary;
    const engine = this.#open();
    throwIfAborted(signal);
    vocabulary.sweep();
    const [rows, counts] = [engine.rows(), vocabulary.counts()];
    const newFactor = this.#byRarity ? Math.log(1 + Math.max(1, rows)) : 1;
    // Computed here, once for both backends: logarithms of two libraries differ in the last bit.
    const factors = new Float64Array(counts.length).fill(newFactor);
    if (this.#byRarity)
      counts.forEach((count, term) => {
        if (count > 0) factors[term] = Math.log(1 + rows / count);
      });
    this.#counted(-engine.beginRefresh(factors));
    let sliceEnd = performance.now() + SLICE_MS;
    try {
      while (this.#counted(engine.refreshStep()) === 1) {
        if (performance.now() < sliceEnd) continue;
        await new Promise((resolve) => setImmediate(resolve));
        this.#open();
        throwIfAborted(signal);
        sliceEnd = performance.now() + SLICE_MS;
      }
    } catch (error) {
      engine.cancelRefresh();
      throw error;
    }
    vocabulary.setNewFactor(newFactor);
  }
}

function unknown(id: number): Easy11Error {
  return new Easy11Error('ERR_EASY11_UNKNOWN_ID', `There is no row ${id} in this index`);
}
