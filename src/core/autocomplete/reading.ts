import { setImmediate as nextTurn } from 'node:timers/promises';
import { Easy11Error } from '../errors';
import { analyse } from './analysis';
import type { AutocompleteEngine } from './engine';
import { throwIfAborted } from '../jobs/run-job';
import type { BuildOptions, Entry } from './types';
import { show } from '../show';
import { checkEntry } from './validate';

/** Work between two turns of the event loop, in milliseconds. */
const SLICE = 1;
/** UTF-16 units of text between two looks at the clock, which is dearer than a short entry. */
const UNITS_PER_LOOK = 256;
/** Milliseconds between two calls of onProgress. */
const PROGRESS_EVERY = 50;

/**
 * Appends every entry of a source to an empty engine, in slices of about 1 ms between which the event loop turns. The
 * signal is heeded between entries. Returns how many entries there were.
 */
export async function readEntries(
  engine: AutocompleteEngine,
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  options: BuildOptions,
): Promise<number> {
  const reader = new Reader(engine, options, Array.isArray(entries) ? entries.length : undefined);
  throwIfAborted(options.signal);
  if (isIterable(entries, Symbol.asyncIterator)) {
    for await (const entry of entries as AsyncIterable<Entry>) if (reader.append(entry)) await reader.rest();
  } else if (isIterable(entries, Symbol.iterator)) {
    for (const entry of entries as Iterable<Entry>) if (reader.append(entry)) await reader.rest();
  } else {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `Entries must be iterable, not ${show(entries)}`);
  }
  throwIfAborted(options.signal);
  reader.finish();
  return reader.done;
}

class Reader {
  done = 0;
  #units = 0;
  #sliceStart = performance.now();
  #reportedAt = this.#sliceStart;
  readonly #engine: AutocompleteEngine;
  readonly #options: BuildOptions;
  readonly #total: number | undefined;

  constructor(engine: AutocompleteEngine, options: BuildOptions, total: number | undefined) {
    this.#engine = engine;
    this.#options = options;
    this.#total = total;
  }

  /** Returns true when the slice is over. */
  append(entry: Entry): boolean {
    const { id, text, weight, price, inStock, categories } = this.#check(entry);
    if (!this.#engine.append(id, text, analyse(text), weight, price, inStock, categories)) {
      throw new Easy11Error('ERR_EASY11_DUPLICATE_ID', `Entry ${this.done} has the id ${show(id)} of an earlier one`);
    }
    this.done++;
    this.#units += text.length + 16;
    if (this.#units < UNITS_PER_LOOK) return false;
    this.#units = 0;
    return performance.now() - this.#sliceStart >= SLICE;
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

  #check(entry: Entry): ReturnType<typeof checkEntry> {
    try {
      return checkEntry(entry);
    } catch (error) {
      if (!(error instanceof Easy11Error)) throw error;
      throw new Easy11Error(error.code, `Entry ${this.done}: ${error.message}`, { cause: error });
    }
  }
}

function isIterable(value: unknown, symbol: symbol): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as Record<symbol, unknown>)[symbol] === 'function'
  );
}
