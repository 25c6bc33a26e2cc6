import type { Side } from '../../../als/engine';
import type { Steps } from '../../steps';
import type { Interactions } from '../interactions';
import type { Kernels } from '../kernels';
import { lambdasOf, type Settings } from '../training';
import { filledUp, type Places, placesFor, SHORT, TURN_ROWS } from './layout';
import { openWasm, type OpenWasm, type WasmFunctions } from './module';

/** Rows whose Gram matrix is summed in single precision, as in the native engine; the sums of these in double. */
const GRAM_ROWS = 256;
/** Floats that are copied at a time. */
const COPIED = 65_536;

/**
 * Copies of both tables in a memory of WebAssembly, each row filled up with zeros to a multiple of eight floats, and the kernels over
 * it. They last for a training; the memory goes when nobody holds it any more, as that of an array does.
 */
export class WasmKernels implements Kernels {
  readonly isa = 'wasm-simd128';
  readonly #functions: WasmFunctions;
  readonly #floats: Float32Array;
  readonly #integers: Uint32Array;

  private constructor(
    private readonly tables: readonly [Float32Array, Float32Array],
    private readonly settings: Settings,
    private readonly places: Places,
    wasm: OpenWasm,
  ) {
    this.#functions = wasm.functions;
    this.#floats = new Float32Array(wasm.buffer);
    this.#integers = new Uint32Array(wasm.buffer);
  }

  /** Copies the tables in; undefined where that cannot be. `longest` is the most entries that a row will have. */
  static *open(
    tables: readonly [Float32Array, Float32Array],
    settings: Settings,
    longest: number,
  ): Steps<WasmKernels | undefined> {
    const places = placesFor(tables, settings, longest);
    const wasm = yield* openWasm(places.bytes);
    if (!wasm) return undefined;
    const kernels = new WasmKernels(tables, settings, places, wasm);
    yield* kernels.#copy((own, table) => own.set(table));
    return kernels;
  }

  *store(): Steps<void> {
    yield* this.#copy((own, table) => table.set(own));
  }

  *gram(side: Side): Steps<Float64Array> {
    const { factors: f } = this.settings;
    const { stride, gram: at } = this.places;
    const sums = new Float64Array(f * f);
    const block = this.#floats.subarray(at / 4, at / 4 + f * (stride / 4));
    for (let row = 0, rows = this.#rows(side); row < rows; row += GRAM_ROWS) {
      block.fill(0);
      const count = Math.min(GRAM_ROWS, rows - row);
      this.#functions.gram(this.#row(side, row), count, stride, at);
      for (let i = 0; i < f; i++)
        for (let j = i; j < f; j++) (sums[i * f + j] as number) += block[i * (stride / 4) + j] as number;
      yield;
    }
    for (let i = 0; i < f; i++) for (let j = 0; j < i; j++) sums[i * f + j] = sums[j * f + i] as number;
    return sums;
  }

  *turn(side: Side, vectors: Float64Array): Steps<void> {
    const { factors: f } = this.settings;
    const { stride, basis, turned } = this.places;
    const width = stride / 4;
    for (let i = 0; i < f; i++)
      for (let k = 0; k < f; k++) this.#floats[basis / 4 + k * width + i] = vectors[i * f + k] as number;
    // The last rows may be none of the table's: zeros that stay zeros.
    const rows = filledUp(this.#rows(side), 4);
    for (let row = 0; row < rows; row += TURN_ROWS) {
      const count = Math.min(TURN_ROWS, rows - row);
      const at = this.#row(side, row);
      this.#functions.rotate(at, count, stride, basis, turned);
      this.#floats.copyWithin(at / 4, turned / 4, turned / 4 + count * width);
      yield;
    }
  }

  *solve(side: Side, rows: Interactions, base: Float64Array): Steps<void> {
    const { factors: f, exact } = this.settings;
    const { stride, columns, weights, base: baseAt, scratch } = this.places;
    const { dual, primal, conjugate } = this.#functions;
    const other = side === 0 ? 1 : 0;
    const from = this.#row(other, 0);
    const lambda = lambdasOf(this.settings, this.#rows(other), base);
    this.#floats.set(base, baseAt / 4);
    const [short, long] = exact ? [f, primal] : [SHORT, conjugate];
    for (let row = 0, work = 0; row + 1 < rows.starts.length; row++) {
      const first = rows.starts[row] as number;
      const size = (rows.starts[row + 1] as number) - first;
      const x = this.#row(side, row);
      if (size === 0) this.#floats.fill(0, x / 4, x / 4 + f);
      else {
        const bytes = this.#gather(rows, first, size);
        const solve = size <= short ? dual : long;
        solve(from, stride, columns, weights, bytes, baseAt, lambda(size), x, scratch);
      }
      work += (exact ? f : 1) * (size + 8);
      if (work * f > 200_000) {
        work = 0;
        yield;
      }
    }
  }

  /** Copies a row's entries in, filled up to a multiple of four. Returns their number times four. */
  #gather({ columns, weights }: Interactions, first: number, size: number): number {
    const [column, weight] = [this.places.columns / 4, this.places.weights / 4];
    const full = filledUp(size, 4);
    for (let e = 0; e < size; e++) {
      this.#integers[column + e] = columns[first + e] as number;
      this.#floats[weight + e] = weights[first + e] as number;
    }
    for (let e = size; e < full; e++) this.#integers[column + e] = this.#floats[weight + e] = 0;
    return 4 * full;
  }

  #rows(side: Side): number {
    return this.tables[side].length / this.settings.factors;
  }

  /** Where a row begins, in bytes. */
  #row(side: Side, row: number): number {
    return this.places.tables[side] + row * this.places.stride;
  }

  *#copy(one: (own: Float32Array, table: Float32Array) => void): Steps<void> {
    const { factors: f } = this.settings;
    const width = this.places.stride / 4;
    // Where nothing is filled up, many rows are one piece.
    const step = width === f ? Math.max(1, Math.floor(COPIED / f)) : 1;
    for (const side of [0, 1] as const) {
      const table = this.tables[side];
      for (let row = 0, copied = 0; row < this.#rows(side); row += step) {
        const piece = table.subarray(row * f, (row + step) * f);
        const at = this.#row(side, row) / 4;
        one(this.#floats.subarray(at, at + piece.length), piece);
        copied += piece.length;
        if (copied < COPIED) continue;
        copied = 0;
        yield;
      }
    }
  }
}
