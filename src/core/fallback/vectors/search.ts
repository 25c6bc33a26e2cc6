import { Best } from './best';
import type { Terms } from './terms';
import { WINDOW, WINDOW_BITS, type Window } from './window';

/** A term of the query. */
interface Part {
  readonly term: number;
  /** Of the square of the query's length. */
  readonly share: number;
  /** An upper bound of what it adds to a sum, in units. */
  readonly most: number;
  /** That have it. */
  readonly rows: number;
}

export interface Question {
  readonly terms: Uint32Array;
  readonly weights: Float32Array;
  readonly count: number;
  readonly limit: number;
  readonly least: number;
  readonly further: number;
  readonly excluded: Uint32Array;
  readonly filter: Uint32Array | null;
}

const MOST_UNITS = 28_000;
const LEAST_UNITS = 4_000;
const MOST_SUM = 32_767;
/** Bounds are this much slacker than they are by arithmetic without rounding. */
const SLACK = 1 - 1e-9;
/** What it takes to compare a row, beside an entry of a list. */
const COMPARING = 24;

/** The search for the rows most like a query: step by step as native/src/vectors/search.cpp, which says why. */
export class Search {
  readonly best = new Best();
  read = 0;
  readonly #sums = new Int16Array(WINDOW);
  readonly #reaching = new Uint16Array(WINDOW);
  #reached = 0;
  #weights = new Float64Array(0);
  #parts: Part[] = [];
  #taken = 0;
  #square = 0;
  #length = 0;
  #unit = 0;
  #bar = 0;
  #left = 0;
  #least = 0;
  #excluded = new Set<number>();
  #filter: Uint32Array | null = null;
  // What a row's sum must be: at least this; and, with what is left added, its length times the factor.
  #barOfSums = 0;
  #factor = 0;

  run(windows: readonly (Window | undefined)[], terms: Terms, question: Question): void {
    this.best.begin(question.limit);
    this.read = 0;
    this.#least = question.least;
    this.#filter = question.filter;
    this.#excluded = new Set(question.excluded);
    this.#plan(terms, question);
    this.#raise();
    for (let w = 0; w < windows.length && this.#taken > 0; w++) {
      // Nothing is liker than what is just alike, and ids only rise.
      if (this.best.isFull && this.best.least >= 1) break;
      const window = windows[w];
      if (window) this.#look(window, w << WINDOW_BITS, terms);
    }
    for (let i = 0; i < question.count; i++) this.#weights[question.terms[i] as number] = 0;
  }

  bytes(): number {
    return 4 * WINDOW + 8 * this.#weights.length;
  }

  #plan(terms: Terms, question: Question): void {
    if (this.#weights.length < terms.size) this.#weights = new Float64Array(terms.size);
    const given = Array.from({ length: question.count }, (_, i) => {
      const term = question.terms[i] as number;
      const weight = question.weights[i] as number;
      const factor = terms.factors[term] as number;
      const rows = terms.counts[term] as number;
      return {
        term,
        weight,
        factor,
        rows,
        product: weight * Math.max(weight, terms.greatest[term] as number) * factor,
      };
    });
    this.#square = 0;
    let most = 0;
    for (const { term, weight, factor, rows, product } of given) {
      this.#square += weight * weight * factor;
      this.#weights[term] = weight;
      if (rows > 0) most += product;
    }
    this.#square += question.further;
    this.#length = Math.sqrt(this.#square);
    const units = (MOST_UNITS * this.#length) / Math.max(this.#length, terms.longest);
    this.#unit = most / this.#square / Math.max(LEAST_UNITS, units);
    this.#parts = given
      .filter(({ rows }) => rows > 0)
      .map(({ term, weight, factor, rows, product }) => ({
        term,
        share: (weight * weight * factor) / this.#square,
        most: Math.ceil(product / this.#square / this.#unit),
        rows,
      }))
      .sort((a, b) => b.share * a.rows - a.share * b.rows || a.term - b.term);
    this.#taken = this.#parts.length;
  }

  /** The bar, and of which parts a row must have one to reach it. */
  #raise(): void {
    this.#bar = Math.max(this.#least, this.best.isFull ? this.best.least : 0) * SLACK;
    let left = 0;
    for (let i = this.#taken; i < this.#parts.length; i++) left += (this.#parts[i] as Part).share;
    while (this.#taken > 0) {
      left += (this.#parts[this.#taken - 1] as Part).share;
      if (left >= this.#bar * this.#bar * SLACK) break;
      this.#taken--;
    }
  }

  #look(window: Window, first: number, terms: Terms): void {
    for (let i = 0; i < window.changedCount; i++) this.#compare(window, first, window.changed[i] as number, terms);
    let below = MOST_SUM + 1;
    if (this.#sumUp(window)) {
      // Until enough are found nearly all reach: those with the greatest sums come first, and set the bar.
      for (let isLast = false; !isLast;) {
        this.#setBar(window);
        const band = (below >> 3) * 7;
        isLast = this.best.isFull || band <= this.#barOfSums;
        if (!isLast) this.#barOfSums = band;
        const bar = this.#barOfSums;
        this.#find(window);
        this.#compareReaching(window, first, terms, below);
        below = bar;
      }
    } else this.#compareReaching(window, first, terms, below);
    this.#sums.fill(0, 0, window.places);
  }

  /** Sums up the lists of the parts that are taken, and of more where it pays. True when those are all; else what reaches is found. */
  #sumUp(window: Window): boolean {
    this.#left = 0;
    for (const { most } of this.#parts) this.#left += most;
    const [sums, { lists }] = [this.#sums, window];
    for (const [i, { term, most }] of this.#parts.entries()) {
      const start = window.listOf(term);
      const end = window.listEnd;
      if (i === this.#taken) {
        this.#setBar(window);
        this.#find(window);
      }
      if (i >= this.#taken && this.#reached * COMPARING <= end - start) return false;
      for (let k = start; k < end; k++) {
        const place = lists[k] as number;
        sums[place] = (sums[place] as number) + most;
      }
      this.read += end - start;
      this.#left -= most;
      if (i < this.#taken) continue;
      // Who did not reach with all that was left does not with less of it.
      this.#setBar(window);
      let size = 0;
      for (let k = 0; k < this.#reached; k++) {
        const place = this.#reaching[k] as number;
        if (this.#reaches(place, window.now.lengths)) this.#reaching[size++] = place;
      }
      this.#reached = size;
    }
    return this.#taken === this.#parts.length;
  }

  #setBar({ now: { unit } }: Window): void {
    const units = (this.#bar * this.#bar * SLACK) / this.#unit - this.#left;
    this.#barOfSums = Math.max(1, Math.min(MOST_SUM, Math.floor(units)));
    this.#factor = (this.#bar * SLACK * unit) / (this.#unit * this.#length);
  }

  #reaches(place: number, lengths: Uint16Array): boolean {
    const sum = this.#sums[place] as number;
    return sum >= this.#barOfSums && sum + this.#left >= (lengths[place] as number) * this.#factor - 1e-6;
  }

  #find({ places, now: { lengths } }: Window): void {
    const [sums, reaching, bar, factor] = [this.#sums, this.#reaching, this.#barOfSums, this.#factor];
    const less = this.#left + 1e-6;
    let size = 0;
    for (let place = 0; place < places; place++) {
      const sum = sums[place] as number;
      if (sum >= bar && sum + less >= (lengths[place] as number) * factor) reaching[size++] = place;
    }
    this.#reached = size;
  }

  #compareReaching(window: Window, first: number, terms: Terms, below: number): void {
    let known = -1;
    for (let k = 0; k < this.#reached; k++) {
      if (this.#bar !== known) {
        known = this.#bar;
        this.#setBar(window);
      }
      const place = this.#reaching[k] as number;
      if (
        (this.#sums[place] as number) < below &&
        window.isChanged[place] === 0 &&
        this.#reaches(place, window.now.lengths)
      )
        this.#compare(window, first, place, terms);
    }
  }

  #compare(window: Window, first: number, place: number, { factors }: Terms): void {
    const id = first + place;
    if (this.#excluded.has(id)) return;
    if (this.#filter && (((this.#filter[id >> 5] ?? 0) >>> (id & 31)) & 1) === 0) return;
    const { entryTerms, entryWeights } = window;
    const from = window.starts[place] as number;
    const to = from + (window.counts[place] as number);
    this.read += to - from;
    let shared = 0;
    for (let e = from; e < to; e++) {
      const term = entryTerms[e] as number;
      shared += (entryWeights[e] as number) * (this.#weights[term] as number) * (factors[term] as number);
    }
    if (shared === 0) return;
    const score = Math.min(1, shared / Math.sqrt(this.#square * (window.now.squares[place] as number)));
    if (score < this.#least || score === 0) return;
    if (this.best.offer(score, id) && this.best.isFull && this.best.least * SLACK > this.#bar) this.#raise();
  }
}
