import type { Assembly, Local } from '../../wasm/assembly';
import { type F32, type I32, type V128, ZERO } from '../../wasm/values';
import { forFour, PAIR, sumsOf } from './products';

/** What the solvers of a row take, in this order: see solve.ts for the problem. */
export interface RowParameters {
  /** The table whose rows are gathered. */
  readonly factors: Local<I32>;
  readonly stride: Local<I32>;
  /** Numbers and weights of the rows, filled up to a multiple of four with row 0 at a weight of 0, which changes nothing. */
  readonly columns: Local<I32>;
  readonly weights: Local<I32>;
  /** How many with those that fill up, times four. */
  readonly bytes: Local<I32>;
  readonly base: Local<I32>;
  readonly lambda: Local<F32>;
  /** Where the solution goes. */
  readonly x: Local<I32>;
  readonly scratch: Local<I32>;
}

export function takeRow(f: Assembly): RowParameters {
  const [factors, stride] = [f.takeInteger(), f.takeInteger()];
  const [columns, weights, bytes] = [f.takeInteger(), f.takeInteger(), f.takeInteger()];
  const [base, lambda, x, scratch] = [f.takeInteger(), f.takeFloat(), f.takeInteger(), f.takeInteger()];
  return { factors, stride, columns, weights, bytes, base, lambda, x, scratch };
}

export type Four<T> = readonly [T, T, T, T];

/** Gathers four rows at a time: pointers to them, where their weights stand, and how far in bytes of weights that is. */
export function eachFour(
  f: Assembly,
  { factors, stride, columns, weights, bytes }: RowParameters,
  body: (rows: Four<Local<I32>>, weights: Local<I32>, at: Local<I32>) => void,
): void {
  f.loop(0, bytes, 16, (at) => {
    const from = f.integer(columns.plus(at));
    const rows = forFour((r) => f.integer(factors.plus(from.integer(4 * r).times(stride))));
    body(rows, f.integer(weights.plus(at)), at);
  });
}

/** The products of four rows and p, side by side. Two sums a row, as an addition takes three cycles. */
export function productsWith(f: Assembly, rows: Four<I32>, p: I32, stride: I32): Local<V128> {
  const even = forFour(() => f.vector(ZERO));
  const odd = forFour(() => f.vector(ZERO));
  f.loop(0, stride, PAIR, (k) => {
    const at = f.integer(p.plus(k));
    const [left, right] = [f.vector(at.vector()), f.vector(at.vector(16))];
    rows.forEach((row, r) => {
      const own = f.integer(row.plus(k));
      f.add(even[r] as Local<V128>, own.vector().times(left));
      f.add(odd[r] as Local<V128>, own.vector(16).times(right));
    });
  });
  return sumsOf(
    f,
    forFour((r) => f.vector((even[r] as V128).plus(odd[r] as V128))),
  );
}

/** Each of the four lanes spread over a vector of its own. */
export function spreadLanes(f: Assembly, vector: Local<V128>): Four<Local<V128>> {
  return forFour((r) => f.vector(vector.lanes(vector, [r, r, r, r])));
}

/** For every vector of a row. */
export function eachVector(f: Assembly, stride: I32, body: (k: Local<I32>) => void): void {
  f.loop(0, stride, 16, body);
}
