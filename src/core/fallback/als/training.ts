import type { Steps } from '../steps';
import type { Interactions } from './interactions';
import { dotRow, Solver } from './solve';

export interface Settings {
  readonly factors: number;
  readonly regularization: number;
  readonly unobservedWeight: number;
  readonly nu: number;
  readonly exact: boolean;
  readonly seed: number;
}

/** XᵀX, factors × factors. */
export function* gramMatrix(table: Float32Array, f: number): Steps<Float64Array> {
  const gram = new Float64Array(f * f);
  for (let at = 0, row = 0; at < table.length; at += f, row++) {
    for (let i = 0; i < f; i++) {
      const x = table[at + i] as number;
      const to = i * f;
      for (let j = i; j < f; j++) (gram[to + j] as number) += x * (table[at + j] as number);
    }
    if (row % 64 === 0) yield;
  }
  for (let i = 0; i < f; i++) for (let j = 0; j < i; j++) gram[i * f + j] = gram[j * f + i] as number;
  return gram;
}

/** Turns a table into a basis whose vectors are rows. */
export function* turnInto(vectors: Float64Array, table: Float32Array, f: number): Steps<void> {
  const old = new Float64Array(f);
  for (let at = 0, row = 0; at < table.length; at += f, row++) {
    for (let k = 0; k < f; k++) old[k] = table[at + k] as number;
    for (let j = 0; j < f; j++) {
      table[at + j] = dotRow(vectors, j * f, old, f);
    }
    if (row % 32 === 0) yield;
  }
}

/** λ of a row by its number of entries. */
export function lambdasOf(settings: Settings, others: number, base: Float64Array): (n: number) => number {
  const { regularization, unobservedWeight, nu, factors } = settings;
  let trace = 0;
  for (let k = 0; k < factors; k++) trace += base[k] as number;
  const least = Math.max((1e-6 * trace) / factors, 1e-12);
  return (n) => Math.max(regularization * (n + unobservedWeight * others) ** nu, least);
}

export function lambdaOf(settings: Settings, n: number, others: number, base: Float64Array): number {
  return lambdasOf(settings, others, base)(n);
}

/** Solves every row of `own` for the other side's table, both in the eigenbasis of `base`. */
export function* solveRows(
  own: Float32Array,
  other: Float32Array,
  rows: Interactions,
  base: Float64Array,
  settings: Settings,
): Steps<void> {
  const { factors: f, exact } = settings;
  const solver = new Solver(f);
  const lambdaFor = lambdasOf(settings, other.length / f, base);
  for (let row = 0, work = 0; row + 1 < rows.starts.length; row++) {
    const from = rows.starts[row] as number;
    const to = rows.starts[row + 1] as number;
    const lambda = lambdaFor(to - from);
    solver.solve({ ...rows, factors: other, f, from, to, base, lambda }, exact, own, row * f);
    work += to - from + 8;
    if (work * f > 20_000) {
      work = 0;
      yield;
    }
  }
}

/** A random float in ±√3/10/√f, the same as in native/src/als/tables.cpp. */
export function* initialTable(rows: number, f: number, seed: number): Steps<Float32Array> {
  const table = new Float32Array(rows * f);
  const reach = Math.fround(Math.fround(0.173205) / Math.fround(Math.sqrt(f)));
  for (let row = 0; row < rows; row++) {
    if (row % 256 === 255) yield;
    for (let k = 0; k < f; k++) {
      let h = seed ^ Math.imul(row, 0x9e3779b1) ^ Math.imul(k, 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
      h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
      h ^= h >>> 16;
      table[row * f + k] = Math.fround((h >>> 8) / 8388608 - 1) * reach;
    }
  }
  return table;
}

/** The loss of Rendle et al. (2022), eq. 3. */
export function* computeLoss(
  x: Float32Array,
  y: Float32Array,
  byUser: Interactions,
  byItem: Interactions,
  settings: Settings,
): Steps<number> {
  const { factors: f, unobservedWeight } = settings;
  const ofUsers = yield* gramMatrix(x, f);
  const ofItems = yield* gramMatrix(y, f);
  let pairs = 0;
  for (let i = 0; i < f * f; i++) pairs += (ofUsers[i] as number) * (ofItems[i] as number);
  let loss = unobservedWeight * pairs;
  for (let user = 0, e = 0; user + 1 < byUser.starts.length; user++) {
    for (const end = byUser.starts[user + 1] as number; e < end; e++) {
      const item = byUser.columns[e] as number;
      let error = -1;
      for (let k = 0; k < f; k++) error += (x[user * f + k] as number) * (y[item * f + k] as number);
      loss += (byUser.weights[e] as number) * error * error;
    }
    if (user % 16 === 0) yield;
  }
  for (const [table, rows, others, gram] of [
    [x, byUser, y.length / f, ofItems],
    [y, byItem, x.length / f, ofUsers],
  ] as const) {
    const diagonal = Float64Array.from({ length: f }, (_, k) => unobservedWeight * (gram[k * f + k] as number));
    const lambdaFor = lambdasOf(settings, others, diagonal);
    for (let row = 0; row + 1 < rows.starts.length; row++) {
      let squares = 0;
      for (let k = 0; k < f; k++) squares += (table[row * f + k] as number) ** 2;
      const n = (rows.starts[row + 1] as number) - (rows.starts[row] as number);
      loss += lambdaFor(n) * squares;
      if (row % 64 === 0) yield;
    }
  }
  return loss;
}
