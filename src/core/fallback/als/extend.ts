import type { Steps } from '../steps';
import { compress, type Interactions, type Pending } from './interactions';

/** A user's history: columns, in any order, and weights. */
export interface Row {
  readonly columns: Uint32Array;
  readonly weights: Float32Array;
}

/** What an engine takes over from a finished one. */
export interface Adopted {
  readonly factors: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly users: number;
  readonly items: number;
  /** A user's history; what it reads does not change any more. */
  readonly rowOf: (user: number) => Row;
}

/** The first `length` numbers of a table. */
export function* copyOf(table: Float32Array, length: number): Steps<Float32Array> {
  const copy = new Float32Array(length);
  const step = 1 << 18;
  for (let from = 0; from < length; from += step) {
    copy.set(table.subarray(from, Math.min(length, from + step)), from);
    yield;
  }
  return copy;
}

/** Rows from entries, together with those of an adopted engine: weights of a pair that both have are summed. O(old + new log new). */
export function* putTogether(
  pending: Pending,
  adopted: Adopted | undefined,
  users: number,
  items: number,
): Steps<Interactions> {
  const fresh = yield* compress(pending, users, items);
  if (!adopted) return fresh;
  let most = fresh.columns.length;
  for (let user = 0; user < adopted.users; user++) most += adopted.rowOf(user).columns.length;
  yield;
  const all = { starts: new Uint32Array(users + 1), columns: new Uint32Array(most), weights: new Float32Array(most) };
  let to = 0;
  for (let user = 0; user < users; user++) {
    const old = user < adopted.users ? ascending(adopted.rowOf(user), adopted.items) : NO_ROW;
    to += mergeRow(old, rowOf(fresh, user), all.columns.subarray(to), all.weights.subarray(to));
    all.starts[user + 1] = to;
    if (user % 256 === 255) yield;
  }
  return { starts: all.starts, columns: all.columns.subarray(0, to), weights: all.weights.subarray(0, to) };
}

const NO_ROW: Row = { columns: new Uint32Array(0), weights: new Float32Array(0) };

export function rowOf({ starts, columns, weights }: Interactions, user: number): Row {
  const from = starts[user] ?? 0;
  const to = starts[user + 1] ?? from;
  return { columns: columns.subarray(from, to), weights: weights.subarray(from, to) };
}

/** By column, without items that came to the other engine later: another has their number here. */
function ascending({ columns, weights }: Row, items: number): Row {
  const { length } = columns;
  let isInOrder = length === 0 || (columns[length - 1] as number) < items;
  for (let e = 1; isInOrder && e < length; e++) isInOrder = (columns[e - 1] as number) < (columns[e] as number);
  if (isInOrder) return { columns, weights };
  const order = Uint32Array.from(columns, (_, e) => e)
    .filter((e) => (columns[e] as number) < items)
    .sort((a, b) => (columns[a] as number) - (columns[b] as number));
  return {
    columns: order.map((e) => columns[e] as number),
    weights: Float32Array.from(order, (e) => weights[e] as number),
  };
}

function mergeRow(old: Row, fresh: Row, columns: Uint32Array, weights: Float32Array): number {
  let [done, to] = [0, 0];
  for (let i = 0; i < fresh.columns.length; i++) {
    const column = fresh.columns[i] as number;
    for (; done < old.columns.length && (old.columns[done] as number) < column; done++, to++) {
      columns[to] = old.columns[done] as number;
      weights[to] = old.weights[done] as number;
    }
    let weight = fresh.weights[i] as number;
    if (old.columns[done] === column) weight += old.weights[done++] as number;
    columns[to] = column;
    weights[to++] = weight;
  }
  columns.set(old.columns.subarray(done), to);
  weights.set(old.weights.subarray(done), to);
  return to + old.columns.length - done;
}
