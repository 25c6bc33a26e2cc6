import { setImmediate as nextTurn } from 'node:timers/promises';
import { Easy11Error } from '../errors';
import { throwIfAborted } from '../jobs/run-job';
import { show } from '../show';
import { checkRowId, LIMITS } from './numbers';
import { atRow } from './row-errors';
import type { Schema } from './schema';
import type { Columns, RangeBuildOptions, RowWithId } from './types';

/** Rows as the engine takes them: a column each, in one order. */
export interface ReadColumns {
  readonly ids: Uint32Array;
  readonly numbers: readonly Float64Array[];
  readonly facets: readonly Uint16Array[];
}

/** Work between two turns of the event loop, in milliseconds. */
const SLICE = 1;
const ROWS_PER_LOOK = 64;
const ROWS_PER_READ = 1024;
/** Milliseconds between two calls of onProgress. */
const PROGRESS_EVERY = 50;

/** Lets the event loop turn when a slice is over, and tells how far the reading is. */
class Pace {
  #sliceStart = performance.now();
  #reportedAt = this.#sliceStart;
  readonly #options: RangeBuildOptions;
  readonly #total: number | undefined;

  constructor(options: RangeBuildOptions, total: number | undefined) {
    this.#options = options;
    this.#total = total;
  }

  isOver(): boolean {
    return performance.now() - this.#sliceStart >= SLICE;
  }

  async rest(done: number): Promise<void> {
    if (this.#sliceStart - this.#reportedAt >= PROGRESS_EVERY) {
      this.#reportedAt = this.#sliceStart;
      this.#options.onProgress?.({ phase: 'reading', done, total: this.#total });
    }
    await nextTurn();
    throwIfAborted(this.#options.signal);
    this.#sliceStart = performance.now();
  }
}

/** Reads rows in slices of about 1 ms. Throws what is wrong with the first row that is not acceptable. */
export async function readRows(
  schema: Schema,
  rows: Iterable<RowWithId> | AsyncIterable<RowWithId>,
  options: RangeBuildOptions,
): Promise<ReadColumns> {
  throwIfAborted(options.signal);
  const reader = new RowReader(schema);
  const pace = new Pace(options, Array.isArray(rows) ? rows.length : undefined);
  const takes = (row: RowWithId): boolean => reader.append(row) % ROWS_PER_LOOK === 0 && pace.isOver();
  if (isIterable(rows, Symbol.asyncIterator)) {
    for await (const row of rows as AsyncIterable<RowWithId>) if (takes(row)) await pace.rest(reader.rows);
  } else if (isIterable(rows, Symbol.iterator)) {
    for (const row of rows as Iterable<RowWithId>) if (takes(row)) await pace.rest(reader.rows);
  } else {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', `Rows must be iterable, not ${show(rows)}`);
  }
  options.onProgress?.({ phase: 'reading', done: reader.rows, total: reader.rows });
  return reader.finish();
}

class RowReader {
  rows = 0;
  readonly #schema: Schema;
  readonly #known = new IdSet();
  #ids = new Uint32Array(1024);
  #numbers: Float64Array[];
  #facets: Uint16Array[];

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#numbers = schema.numbers.map(() => new Float64Array(1024));
    this.#facets = schema.facets.map(() => new Uint16Array(1024));
  }

  append(row: RowWithId): number {
    try {
      this.#append(row);
    } catch (error) {
      if (!(error instanceof Easy11Error)) throw error;
      throw new Easy11Error(error.code, `Row ${this.rows}: ${error.message}`, { cause: error });
    }
    return ++this.rows;
  }

  finish(): ReadColumns {
    const cut = <T extends Uint32Array | Float64Array | Uint16Array>(column: T): T =>
      column.subarray(0, this.rows) as T;
    return { ids: cut(this.#ids), numbers: this.#numbers.map(cut), facets: this.#facets.map(cut) };
  }

  #append(row: RowWithId): void {
    const at = this.rows;
    if (at === this.#ids.length) this.#grow();
    this.#schema.checkNames(row, true);
    const id = checkRowId(row.id);
    for (const column of this.#schema.numbers) {
      (this.#numbers[column.index] as Float64Array)[at] = column.read(row[column.name]);
    }
    for (const column of this.#schema.facets) {
      (this.#facets[column.index] as Uint16Array)[at] = column.codeOf(row[column.name]);
    }
    this.#ids[at] = this.#known.add(id);
  }

  #grow(): void {
    const size = this.rows * 2;
    const grow = <T extends Uint32Array | Float64Array | Uint16Array>(column: T, larger: T): T => {
      larger.set(column);
      return larger;
    };
    this.#ids = grow(this.#ids, new Uint32Array(size));
    this.#numbers = this.#numbers.map((column) => grow(column, new Float64Array(size)));
    this.#facets = this.#facets.map((column) => grow(column, new Uint16Array(size)));
  }
}

/** Reads columns in slices of about 1 ms. Throws what is wrong with the first value that is not acceptable. */
export async function readColumns(schema: Schema, columns: Columns, options: RangeBuildOptions): Promise<ReadColumns> {
  throwIfAborted(options.signal);
  schema.checkNames(columns, true);
  const lengths = Object.values(columns).map((column) => column?.length);
  const rows = lengths[0] ?? 0;
  if (!lengths.every((length) => length === rows) || !Number.isInteger(rows) || rows < 0 || rows > LIMITS.ID + 1) {
    throw new Easy11Error('ERR_EASY11_INVALID_OPTION', 'Columns must be arrays of the same length, at most 2^27');
  }
  const pace = new Pace(options, rows);
  const inSlices = async (read: (begin: number, end: number) => void): Promise<void> => {
    for (let begin = 0; begin < rows; begin += ROWS_PER_READ) {
      read(begin, Math.min(rows, begin + ROWS_PER_READ));
      if (pace.isOver()) await pace.rest(0);
    }
  };
  const ids = new Uint32Array(rows);
  const known = new IdSet();
  await inSlices((begin, end) => {
    let row = begin;
    try {
      for (; row < end; row++) {
        ids[row] = columns.id === undefined ? checkRowId(row) : known.add(checkRowId(columns.id[row]));
      }
    } catch (error) {
      throw atRow(row, 'id', error);
    }
  });
  const numbers: Float64Array[] = [];
  for (const column of schema.numbers) {
    const into = new Float64Array(rows);
    const source = columns[column.name];
    if (source === undefined) into.fill(NaN);
    else await inSlices((begin, end) => column.readInto(into, source, begin, end));
    numbers.push(into);
  }
  const facets: Uint16Array[] = [];
  for (const column of schema.facets) {
    const into = new Uint16Array(rows);
    const source = columns[column.name];
    if (source !== undefined) await inSlices((begin, end) => column.readInto(into, source, begin, end));
    facets.push(into);
  }
  options.onProgress?.({ phase: 'reading', done: rows, total: rows });
  return { ids, numbers, facets };
}

/** Ids seen, a bit each. */
class IdSet {
  #bits = new Uint32Array(1024);

  /** Gives the id back. Throws ERR_EASY11_DUPLICATE_ID. */
  add(id: number): number {
    const word = id >>> 5;
    if (word >= this.#bits.length) {
      const larger = new Uint32Array(Math.max(word + 1, this.#bits.length * 2));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (id & 31);
    const now = this.#bits[word] as number;
    if (now & bit) throw new Easy11Error('ERR_EASY11_DUPLICATE_ID', `The id ${id} is that of an earlier row`);
    this.#bits[word] = now | bit;
    return id;
  }
}

function isIterable(value: unknown, symbol: symbol): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as Record<symbol, unknown>)[symbol] === 'function'
  );
}
