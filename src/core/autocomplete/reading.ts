import { setImmediate as nextTurn } from 'node:timers/promises';
import { Easy11Error } from '../errors';
import { analyse } from './analysis';
import type { AutocompleteEngine } from './engine';
import { throwIfAborted } from '../jobs/run-job';
import { Pack } from './packing';
import type { BuildOptions, Entry } from './types';
import { show } from '../show';
import { checkEntry } from './validate';

/**
 * Work between two turns of the event loop, in milliseconds: so little that the slice in which V8 collects ends within a
 * millisecond, too.
 */
const SLICE = 0.25;
/** UTF-16 units of text between two looks at the clock, which is dearer than a short entry. */
const UNITS_PER_LOOK = 256;
/** Milliseconds between two calls of onProgress. */
const PROGRESS_EVERY = 50;

/**
 * Appends every entry of a source to an empty engine, in slices of a quarter of a millisecond between which the event loop turns. The
 * signal is heeded between entries. Returns how many entries there were.
 */
export async function readEntries(
  engine: AutocompleteEngine,
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  options: BuildOptions,
): Promise<number> {
  const reader = new Reader(engine, options, Array.isArray(entries) ? entries.length : undefined);
  throwIfAborted(options.signal);
  try {
    if (isPlainArray(entries)) {
      for (let at = 0; (at = reader.appendFrom(entries, at)) < entries.length;) await reader.rest();
    } else if (isIterable(entries, Symbol.asyncIterator)) {
      for await (const entry of entries as AsyncIterable<Entry>) if (reader.append(entry)) await reader.rest();
    } else if (isIterable(entries, Symbol.iterator)) {
      for (const entry of entries as Iterable<Entry>) if (reader.append(entry)) await reader.rest();
    } else {
      throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `Entries must be iterable, not ${show(entries)}`);
    }
  } catch (error) {
    reader.flush(); // An entry that came before what failed, and is refused, is what the caller hears of.
    throw error;
  }
  reader.flush();
  throwIfAborted(options.signal);
  reader.finish();
  return reader.done;
}

class Reader {
  #appended = 0;
  #units = 0;
  #sliceStart = performance.now();
  #reportedAt = this.#sliceStart;
  readonly #engine: AutocompleteEngine;
  readonly #options: BuildOptions;
  readonly #total: number | undefined;
  readonly #pack: Pack | undefined;

  constructor(engine: AutocompleteEngine, options: BuildOptions, total: number | undefined) {
    this.#engine = engine;
    this.#options = options;
    this.#total = total;
    this.#pack = engine.appendPacked === undefined ? undefined : new Pack();
  }

  /** Entries so far. */
  get done(): number {
    return this.#appended + (this.#pack?.count ?? 0);
  }

  /** Returns true when the slice is over. */
  append(entry: Entry): boolean {
    if (!this.#pack?.add(entry)) this.#appendUnpacked(entry);
    this.#units += entry.text.length + 16;
    if (this.#units < UNITS_PER_LOOK) return false;
    this.#units = 0;
    return performance.now() - this.#sliceStart >= SLICE;
  }

  /** Appends from a place in an array until the slice or the array is over; gives the next place. Makes nothing for the collector. */
  appendFrom(entries: readonly Entry[], from: number): number {
    let at = from;
    while (at < entries.length && !this.append(entries[at++] as Entry));
    return at;
  }

  /** Hands over what is packed. An entry is refused no later than this, and before any that comes after it. */
  flush(): void {
    const pack = this.#pack;
    if (pack === undefined || pack.count === 0) return;
    const { count } = pack;
    pack.clear(); // What follows may throw, and is not to be tried twice.
    const taken = this.#engine.appendPacked?.(pack.buffer, count) ?? count;
    this.#appended += taken;
    if (taken < count) this.#refuse(pack.idAt(taken));
  }

  async rest(): Promise<void> {
    if (this.#sliceStart - this.#reportedAt >= PROGRESS_EVERY) {
      this.#reportedAt = this.#sliceStart;
      this.#options.onProgress?.({ phase: 'reading', done: this.done, total: this.#total });
    }
    await nextTurn();
    throwIfAborted(this.#options.signal);
    this.#sliceStart = performance.now();
  }

  finish(): void {
    this.#options.onProgress?.({ phase: 'reading', done: this.done, total: this.done });
  }

  #appendUnpacked(entry: Entry): void {
    this.flush();
    if (this.#pack?.add(entry)) return; // There was no room for it.
    const { id, text, weight, price, inStock, categories } = this.#check(entry);
    if (!this.#engine.append(id, text, analyse(text), weight, price, inStock, categories)) this.#refuse(id);
    this.#appended++;
  }

  #refuse(id: string): never {
    throw new Easy11Error('ERR_EASY11_DUPLICATE_ID', `Entry ${this.done} has the id ${show(id)} of an earlier one`);
  }

  #check(entry: Entry): ReturnType<typeof checkEntry> {
    try {
      return checkEntry(entry);
    } catch (error) {
      if (!(error instanceof Easy11Error)) throw error;
      throw new Easy11Error(error.code, `Entry ${this.done}: ${error.message}`, { cause: error });
    }
  }
}

/** Whether iterating gives the elements and does nothing else. */
function isPlainArray(entries: Iterable<Entry> | AsyncIterable<Entry>): entries is readonly Entry[] {
  return Array.isArray(entries) && entries[Symbol.iterator] === Array.prototype[Symbol.iterator];
}

function isIterable(value: unknown, symbol: symbol): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as Record<symbol, unknown>)[symbol] === 'function'
  );
}
