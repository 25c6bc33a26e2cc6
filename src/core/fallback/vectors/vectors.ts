import { EngineStatus } from '../../jobs/job';
import type { Scratch, VectorsEngine } from '../../vectors/engine';
import { Search } from './search';
import { Terms } from './terms';
import { Window, WINDOW, WINDOW_BITS } from './window';

/** The engine of vectors in plain TypeScript: the same answers as the native one. See engine.ts for what its functions mean. */
class FallbackVectors implements VectorsEngine {
  #terms = new Terms();
  #search = new Search();
  #windows: (Window | undefined)[] = [];
  #rows = 0;
  #entries = 0;
  #isRefreshing = false;
  #refreshed = 0;

  constructor(private readonly scratch: Scratch) {}

  put(id: number, count: number): number {
    return this.#put(id, this.scratch.terms, this.scratch.weights, count);
  }

  putMany(ids: Uint32Array, starts: Uint32Array, terms: Uint32Array, weights: Float32Array): EngineStatus {
    for (const [row, id] of ids.entries()) {
      const [from, to] = [starts[row] as number, starts[row + 1] as number];
      this.#put(id, terms.subarray(from, to), weights.subarray(from, to), to - from);
    }
    return EngineStatus.OK;
  }

  delete(id: number): boolean {
    const window = this.#windowOf(id);
    if (!window) return false;
    const place = id % WINDOW;
    const count = window.counts[place] as number;
    this.#forget(window, place);
    window.remove(place);
    this.#entries -= count;
    this.#rows--;
    if (window.rows === 0) this.#windows[id >> WINDOW_BITS] = undefined;
    else if (window.isDue()) this.#list(window);
    return true;
  }

  has(id: number): boolean {
    return this.#windowOf(id) !== undefined;
  }

  read(id: number): number {
    const window = this.#windowOf(id);
    if (!window) return 0;
    const from = window.starts[id % WINDOW] as number;
    const count = window.counts[id % WINDOW] as number;
    this.scratch.terms.set(window.entryTerms.subarray(from, from + count));
    this.scratch.weights.set(window.entryWeights.subarray(from, from + count));
    return count;
  }

  nearest(
    count: number,
    limit: number,
    least: number,
    further: number,
    excluded: Uint32Array,
    filter: Uint32Array | null,
  ): number {
    const { terms, weights, ids, scores } = this.scratch;
    if (count > 0) this.#terms.reserve((terms[count - 1] as number) + 1);
    this.#search.run(this.#windows, this.#terms, { terms, weights, count, limit, least, further, excluded, filter });
    return this.#search.best.takeOut(ids, scores);
  }

  similarity(a: number, b: number): number {
    const [left, right] = [this.#windowOf(a), this.#windowOf(b)];
    if (!left || !right) return -1;
    const { factors } = this.#terms;
    let [i, j] = [left.starts[a % WINDOW] as number, right.starts[b % WINDOW] as number];
    const [iEnd, jEnd] = [i + (left.counts[a % WINDOW] as number), j + (right.counts[b % WINDOW] as number)];
    let shared = 0;
    while (i < iEnd && j < jEnd) {
      const [one, other] = [left.entryTerms[i] as number, right.entryTerms[j] as number];
      if (one === other)
        shared += (left.entryWeights[i++] as number) * (right.entryWeights[j++] as number) * (factors[one] as number);
      else if (one < other) i++;
      else j++;
    }
    const squares = (left.now.squares[a % WINDOW] as number) * (right.now.squares[b % WINDOW] as number);
    return Math.min(1, shared / Math.sqrt(squares));
  }

  setFactor(term: number, factor: number): EngineStatus {
    this.#terms.reserve(term + 1);
    this.#terms.factors[term] = factor * factor;
    this.#terms.nextFactors[term] = factor * factor;
    return EngineStatus.OK;
  }

  counts(out: Uint32Array): void {
    out.set(this.#terms.counts.subarray(0, out.length));
  }

  beginRefresh(factors: Float64Array): EngineStatus {
    this.cancelRefresh();
    const terms = this.#terms;
    for (let term = 0; term < terms.size; term++) {
      const factor = factors[term];
      terms.nextFactors[term] = factor === undefined ? (terms.factors[term] as number) : factor * factor;
    }
    terms.nextGreatest.fill(0);
    this.#isRefreshing = true;
    this.#refreshed = 0;
    return EngineStatus.OK;
  }

  refreshStep(): number {
    if (!this.#isRefreshing) return 0;
    const terms = this.#terms;
    while (this.#refreshed < this.#windows.length) {
      const window = this.#windows[this.#refreshed++];
      if (!window) continue;
      if (window.changes > 0) window.list(terms);
      window.prepareNext(terms);
      return 1;
    }
    terms.longest = 0;
    for (const window of this.#windows) {
      window?.takeNext();
      terms.longest = Math.max(terms.longest, window?.now.longest ?? 0);
    }
    terms.factors.set(terms.nextFactors);
    terms.greatest.set(terms.nextGreatest);
    this.cancelRefresh();
    return 0;
  }

  cancelRefresh(): void {
    this.#isRefreshing = false;
    for (const window of this.#windows) if (window) window.next = undefined;
  }

  rows(): number {
    return this.#rows;
  }
  terms(): number {
    return this.#terms.used;
  }
  entries(): number {
    return this.#entries;
  }
  entriesRead(): number {
    return this.#search.read;
  }
  bytes(): number {
    return this.#windows.reduce(
      (sum, window) => sum + (window?.bytes() ?? 0),
      this.#terms.bytes() + this.#search.bytes(),
    );
  }

  close(): void {
    [this.#terms, this.#search, this.#windows] = [new Terms(), new Search(), []];
    [this.#rows, this.#entries, this.#isRefreshing] = [0, 0, false];
  }

  #put(id: number, entryTerms: Uint32Array, weights: Float32Array, count: number): number {
    const terms = this.#terms;
    terms.reserve((entryTerms[count - 1] as number) + 1);
    const window = (this.#windows[id >> WINDOW_BITS] ??= new Window());
    const place = id % WINDOW;
    let [square, next] = [0, 0];
    for (let i = 0; i < count; i++) {
      const weight = weights[i] as number;
      const term = entryTerms[i] as number;
      square += weight * weight * (terms.factors[term] as number);
      next += weight * weight * (terms.nextFactors[term] as number);
    }
    const before = window.counts[place] ?? 0;
    if (before > 0) this.#forget(window, place);
    window.put(place, entryTerms, weights, count, square, this.#isRefreshing ? next : undefined);
    for (let i = 0; i < count; i++) terms.add(entryTerms[i] as number, weights[i] as number);
    this.#entries += count - before;
    if (before === 0) this.#rows++;
    if (window.isDue()) this.#list(window);
    return before === 0 ? 1 : 0;
  }

  #list(window: Window): void {
    window.list(this.#terms);
    this.#terms.longest = Math.max(this.#terms.longest, window.now.longest);
  }

  #windowOf(id: number): Window | undefined {
    const window = this.#windows[id >> WINDOW_BITS];
    return window && (window.counts[id % WINDOW] ?? 0) > 0 ? window : undefined;
  }

  /** The terms of a row are had by one less. */
  #forget(window: Window, place: number): void {
    const from = window.starts[place] as number;
    for (let e = from; e < from + (window.counts[place] as number); e++)
      this.#terms.remove(window.entryTerms[e] as number);
  }
}

/** Makes an engine that takes arguments and leaves results in `scratch`. */
export function createFallbackVectors(scratch: Scratch): VectorsEngine {
  return new FallbackVectors(scratch);
}
