import type { Settings } from '../training';
import { PRIMAL_ROWS } from './direct';

/** Rows that are turned at a time, a multiple of four. */
export const TURN_ROWS = 64;
/** Entries up to which a row is solved exactly in fast mode, as in solve.ts. */
export const SHORT = 12;

export const filledUp = (count: number, by: number): number => Math.ceil(count / by) * by;

/** Where everything lies in the memory, in bytes from its beginning. */
export interface Places {
  /** How long all of it is. */
  readonly bytes: number;
  /** From a row to the next. */
  readonly stride: number;
  /** Of users and of items. */
  readonly tables: readonly [number, number];
  /** Sums of a Gram matrix, a basis by columns, rows that have been turned. */
  readonly gram: number;
  readonly basis: number;
  readonly turned: number;
  /** The eigenvalues, then the entries of the row that is being solved. */
  readonly base: number;
  readonly columns: number;
  readonly weights: number;
  readonly scratch: number;
}

/** `longest` is the most entries that a row has. */
export function placesFor(
  tables: readonly [Float32Array, Float32Array],
  { factors: f, exact }: Settings,
  longest: number,
): Places {
  let end = 0;
  const take = (bytes: number): number => {
    const at = end;
    end += filledUp(bytes, 64);
    return at;
  };
  const width = filledUp(f, 8);
  const stride = 4 * width;
  const square = width * stride;
  const tableOf = (table: Float32Array): number => take(filledUp(table.length / f, 4) * stride);
  const entries = filledUp(longest, 4);
  const most = filledUp(exact ? f : SHORT, 4);
  const dual = stride + 4 * most + most * stride + 4 * most * most;
  const long = exact ? square + PRIMAL_ROWS * stride : 5 * stride;
  const places = {
    stride,
    tables: [tableOf(tables[0]), tableOf(tables[1])] as const,
    gram: take(square),
    basis: take(square),
    turned: take(TURN_ROWS * stride),
    base: take(stride),
    columns: take(4 * entries),
    weights: take(4 * entries),
    scratch: take(Math.max(dual, long)),
  };
  return { ...places, bytes: end };
}
