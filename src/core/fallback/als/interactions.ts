import { GrowingUint32 } from '../growing';
import type { Steps } from '../steps';

/** Compressed sparse rows: row i has columns (ascending, each once) and weights from starts[i] to starts[i + 1]. */
export interface Interactions {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
}

/** Interactions as they come. */
export class Pending {
  readonly users = new GrowingUint32();
  readonly items = new GrowingUint32();
  weights = new Float32Array(1024);

  append(users: Uint32Array, items: Uint32Array, weights: Float32Array, count: number): void {
    if (this.users.length + count > this.weights.length) {
      const grown = new Float32Array(Math.max(this.users.length + count, 2 * this.weights.length));
      grown.set(this.weights);
      this.weights = grown;
    }
    this.weights.set(weights.subarray(0, count), this.users.length);
    for (let e = 0; e < count; e++) {
      this.users.push(users[e] as number);
      this.items.push(items[e] as number);
    }
  }
}

/** The same entries by column. O(entries). */
export function* transpose(from: Interactions, columns: number): Steps<Interactions> {
  const entries = from.columns.length;
  const starts = new Uint32Array(columns + 1);
  for (let e = 0; e < entries; e++) {
    (starts[(from.columns[e] as number) + 1] as number)++;
    if (e % 16384 === 0) yield;
  }
  for (let i = 0; i < columns; i++) (starts[i + 1] as number) += starts[i] as number;
  const next = starts.slice();
  const out = { starts, columns: new Uint32Array(entries), weights: new Float32Array(entries) };
  for (let row = 0, e = 0; row + 1 < from.starts.length; row++) {
    for (const end = from.starts[row + 1] as number; e < end; e++) {
      const to = (next[from.columns[e] as number] as number)++;
      out.columns[to] = row;
      out.weights[to] = from.weights[e] as number;
      if (e % 16384 === 0) yield;
    }
  }
  return out;
}

/** Rows from entries: equal pairs summed, then zeros dropped. */
export function* compress(pending: Pending, users: number, items: number): Steps<Interactions> {
  const count = pending.users.length;
  const starts = new Uint32Array(items + 1);
  for (let e = 0; e < count; e++) (starts[(pending.items.values[e] as number) + 1] as number)++;
  yield;
  for (let i = 0; i < items; i++) (starts[i + 1] as number) += starts[i] as number;
  const next = starts.slice();
  const byItem = { starts, columns: new Uint32Array(count), weights: new Float32Array(count) };
  for (let e = 0; e < count; e++) {
    const to = (next[pending.items.values[e] as number] as number)++;
    byItem.columns[to] = pending.users.values[e] as number;
    byItem.weights[to] = pending.weights[e] as number;
    if (e % 16384 === 0) yield;
  }
  const rows = yield* transpose(byItem, users);
  let to = 0;
  for (let row = 0, at = 0; row < users; row++) {
    const end = rows.starts[row + 1] as number;
    rows.starts[row] = to;
    while (at < end) {
      const column = rows.columns[at] as number;
      let weight = 0;
      for (; at < end && rows.columns[at] === column; at++) weight += rows.weights[at] as number;
      if (weight <= 0) continue;
      rows.columns[to] = column;
      rows.weights[to++] = weight;
    }
    if (row % 1024 === 0) yield;
  }
  rows.starts[users] = to;
  return { starts: rows.starts, columns: rows.columns.slice(0, to), weights: rows.weights.slice(0, to) };
}
