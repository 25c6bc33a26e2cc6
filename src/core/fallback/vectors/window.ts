import { WindowLengths } from './lengths';
import type { Terms } from './terms';

export const WINDOW_BITS = 14;
export const WINDOW = 1 << WINDOW_BITS;
const FEW_CHANGES = 128;

/**
 * The rows of 16,384 neighbouring ids: their vectors, and which of them have a term. As native/src/vectors/window.hpp, which says
 * more. Rows have places, from 0 to WINDOW - 1; a row without terms is none.
 */
export class Window {
  entryTerms = new Uint32Array(64);
  entryWeights = new Float32Array(64);
  starts = new Uint32Array(0);
  /** How many terms rows have. */
  counts = new Uint16Array(0);
  now = new WindowLengths();
  /** With the factors to come; undefined but on their way. */
  next: WindowLengths | undefined;
  lists = new Uint16Array(0);
  /** Rows that changed since the lists were made, in `changedCount` places; and a 1 for each. */
  changed = new Uint16Array(16);
  changedCount = 0;
  isChanged = new Uint8Array(WINDOW);
  rows = 0;
  changes = 0;
  #end = 0;
  /** A hash table with linear probing: term, start and length of its list. One without a length is free. */
  #slots = new Uint32Array(6);
  #shift = 31;

  get places(): number {
    return this.counts.length;
  }

  put(place: number, terms: Uint32Array, weights: Float32Array, count: number, square: number, next?: number): void {
    this.#reserve(place, count);
    if (this.counts[place] === 0) this.rows++;
    this.entryTerms.set(terms.subarray(0, count), this.#end);
    this.entryWeights.set(weights.subarray(0, count), this.#end);
    this.starts[place] = this.#end;
    this.counts[place] = count;
    this.#end += count;
    this.now.squares[place] = square;
    if (next !== undefined) {
      this.next ??= new WindowLengths();
      this.next.resize(this.places);
      this.next.squares[place] = next;
    }
    this.changes++;
    if (this.isChanged[place] === 1) return;
    this.isChanged[place] = 1;
    this.changed[this.changedCount++] = place;
  }

  /** What is gone has no terms, so that it is like nothing: it may stay in the lists. */
  remove(place: number): void {
    this.counts[place] = 0;
    this.now.squares[place] = 0;
    this.rows--;
    this.changes++;
  }

  /** Whether so much has changed that the lists are to be made anew. */
  isDue(): boolean {
    return this.changes > FEW_CHANGES && this.changes > this.rows / 16;
  }

  /** Makes the lists anew, and leaves out the entries of rows that are gone. */
  list({ counters }: Terms): void {
    const { counts, starts } = this;
    let size = 0;
    for (const count of counts) size += count;
    const met = new Uint32Array(size);
    let terms = 0;
    const entryTerms = new Uint32Array(size + (size >> 4) + 64);
    const entryWeights = new Float32Array(entryTerms.length);
    let end = 0;
    for (let place = 0; place < counts.length; place++) {
      const from = starts[place] as number;
      const to = from + (counts[place] as number);
      starts[place] = end;
      for (let e = from; e < to; e++) {
        const term = this.entryTerms[e] as number;
        entryTerms[end] = term;
        entryWeights[end++] = this.entryWeights[e] as number;
        const before = counters[term] as number;
        if (before === 0) met[terms++] = term;
        counters[term] = before + 1;
      }
    }
    this.#hash(met.subarray(0, terms), counters);
    const lists = new Uint16Array(size);
    for (let place = 0, e = 0; place < counts.length; place++)
      for (const to = e + (counts[place] as number); e < to; e++) {
        const term = entryTerms[e] as number;
        const at = counters[term] as number;
        lists[at] = place;
        counters[term] = at + 1;
      }
    for (let i = 0; i < terms; i++) counters[met[i] as number] = 0;
    [this.entryTerms, this.entryWeights, this.lists, this.#end] = [entryTerms, entryWeights, lists, end];
    this.isChanged.fill(0);
    this.changedCount = 0;
    this.changes = 0;
    this.now.shorten();
    this.next?.shorten();
  }

  /** The rows listed for a term, by place: from the number given to `listEnd`, in `lists`. Some may have changed since. */
  listOf(term: number): number {
    const slots = this.#slots;
    const mask = slots.length / 3 - 1;
    for (let slot = Math.imul(term, HASH) >>> this.#shift; ; slot = (slot + 1) & mask) {
      const length = slots[3 * slot + 2] as number;
      if (length > 0 && slots[3 * slot] !== term) continue;
      const start = slots[3 * slot + 1] as number;
      this.listEnd = start + length;
      return start;
    }
  }
  listEnd = 0;

  prepareNext({ nextFactors, nextGreatest }: Terms): void {
    const { counts, starts, entryTerms, entryWeights } = this;
    const next = (this.next ??= new WindowLengths());
    next.resize(this.places);
    for (let place = 0; place < counts.length; place++) {
      let square = 0;
      const from = starts[place] as number;
      for (let e = from; e < from + (counts[place] as number); e++) {
        const weight = entryWeights[e] as number;
        const term = entryTerms[e] as number;
        square += weight * weight * (nextFactors[term] as number);
        if (weight > (nextGreatest[term] as number)) nextGreatest[term] = weight;
      }
      next.squares[place] = square;
    }
    next.shorten();
  }

  takeNext(): void {
    if (this.next) this.now = this.next;
    this.next = undefined;
  }

  bytes(): number {
    const entries = 8 * this.entryTerms.length + 2 * this.lists.length + 4 * this.#slots.length;
    return entries + 6 * this.places + 2 * this.changed.length + WINDOW + this.now.bytes() + (this.next?.bytes() ?? 0);
  }

  /** Gives each term the place of its list: in the hash table, and in `counters` for who fills them. */
  #hash(met: Uint32Array, counters: Uint32Array): void {
    let shift = 31;
    while (shift > 1 && 2 ** (32 - shift) < 2 * met.length) shift--;
    const size = 2 ** (32 - shift);
    const slots = new Uint32Array(3 * size);
    let start = 0;
    for (const term of met) {
      let slot = Math.imul(term, HASH) >>> shift;
      while (slots[3 * slot + 2] !== 0) slot = (slot + 1) & (size - 1);
      slots[3 * slot] = term;
      slots[3 * slot + 1] = start;
      slots[3 * slot + 2] = counters[term] as number;
      counters[term] = start;
      start += slots[3 * slot + 2] as number;
    }
    [this.#slots, this.#shift] = [slots, shift];
  }

  #reserve(place: number, count: number): void {
    if (place >= this.places) {
      const room = Math.min(WINDOW, Math.max(place + 1, 2 * this.places));
      const [starts, counts] = [new Uint32Array(room), new Uint16Array(room)];
      starts.set(this.starts);
      counts.set(this.counts);
      [this.starts, this.counts] = [starts, counts];
      this.now.resize(room);
      this.next?.resize(room);
    }
    if (this.changedCount === this.changed.length) {
      const changed = new Uint16Array(2 * this.changedCount);
      changed.set(this.changed);
      this.changed = changed;
    }
    const size = this.#end + count;
    if (size <= this.entryTerms.length) return;
    const room = Math.max(size, Math.ceil(1.125 * this.#end) + 64);
    const [terms, weights] = [new Uint32Array(room), new Float32Array(room)];
    terms.set(this.entryTerms);
    weights.set(this.entryWeights);
    [this.entryTerms, this.entryWeights] = [terms, weights];
  }
}

const HASH = 0x9e3779b1;
