import type { Generated } from './shapes';

/** Compressed sparse rows: row i has the columns from starts[i] to starts[i + 1]. */
export interface Rows {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
}

/** Interactions by user or by item. O(entries). */
export function rowsOf(rows: Uint32Array, columns: Uint32Array, count: number): Rows {
  const starts = new Uint32Array(count + 1);
  for (const row of rows) (starts[row + 1] as number)++;
  for (let i = 0; i < count; i++) (starts[i + 1] as number) += starts[i] as number;
  const next = starts.slice(0, count);
  const out = new Uint32Array(columns.length);
  for (let e = 0; e < rows.length; e++) out[(next[rows[e] as number] as number)++] = columns[e] as number;
  return { starts, columns: out };
}

export const byUser = ({ users, items }: Generated, count: number): Rows => rowsOf(users, items, count);
export const byItem = ({ users, items }: Generated, count: number): Rows => rowsOf(items, users, count);

/** What all contenders minimise; each interaction has the same weight. */
export interface Objective {
  readonly factors: number;
  readonly regularization: number;
  readonly unobservedWeight: number;
  readonly nu: number;
  readonly weight: number;
}

/** Vectors, one behind the other. */
export interface Tables {
  readonly users: Float32Array;
  readonly items: Float32Array;
}

/** λ of a row with n interactions. */
export const lambdaOf = ({ regularization, unobservedWeight, nu }: Objective, n: number, others: number): number =>
  regularization * (n + unobservedWeight * others) ** nu;

/** YᵀY in double precision. */
export function gramOf(table: Float32Array, factors: number): Float64Array {
  const gram = new Float64Array(factors * factors);
  for (let at = 0; at < table.length; at += factors)
    for (let i = 0; i < factors; i++) {
      const value = table[at + i] as number;
      for (let j = 0; j <= i; j++) (gram[i * factors + j] as number) += value * (table[at + j] as number);
    }
  for (let i = 0; i < factors; i++) for (let j = 0; j < i; j++) gram[j * factors + i] = gram[i * factors + j] as number;
  return gram;
}

/** Eq. 3 of Rendle et al. (2022), computed here from anybody's vectors: one function for all contenders. */
export function lossOf({ users, items }: Tables, rows: Rows, takers: Rows, objective: Objective): number {
  const { factors, unobservedWeight, weight } = objective;
  const [ofUsers, ofItems] = [gramOf(users, factors), gramOf(items, factors)];
  let loss = 0;
  for (let i = 0; i < ofUsers.length; i++) loss += unobservedWeight * (ofUsers[i] as number) * (ofItems[i] as number);
  const userCount = rows.starts.length - 1;
  const itemCount = takers.starts.length - 1;
  const square = (table: Float32Array, row: number): number => {
    let sum = 0;
    for (let k = row * factors; k < (row + 1) * factors; k++) sum += (table[k] as number) ** 2;
    return sum;
  };
  for (let user = 0; user < userCount; user++) {
    const [from, to] = [rows.starts[user] as number, rows.starts[user + 1] as number];
    loss += lambdaOf(objective, to - from, itemCount) * square(users, user);
    for (let e = from; e < to; e++) {
      let score = -1;
      const item = (rows.columns[e] as number) * factors;
      for (let k = 0; k < factors; k++) score += (users[user * factors + k] as number) * (items[item + k] as number);
      loss += weight * score * score;
    }
  }
  for (let item = 0; item < itemCount; item++)
    loss +=
      lambdaOf(objective, (takers.starts[item + 1] as number) - (takers.starts[item] as number), userCount) *
      square(items, item);
  return loss;
}
