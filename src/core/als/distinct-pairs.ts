/** Rows of numbers, each in ascending order: row r is columns[starts[r]] to columns[ends[r] - 1]. */
export interface Rows {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly columns: Uint32Array;
}

/** Rows between two looks at the clock. */
const SLICE = 64;

/**
 * Pairs of a user and an item, told any number of times and kept once: in typed arrays, so that millions of them are no work for
 * the garbage collector. O(pairs log longest row).
 */
export class DistinctPairs {
  readonly #users: Uint32Array[] = [];
  readonly #items: Uint32Array[] = [];

  /** Keeps those of a block for which `wanted` holds. */
  add(users: Uint32Array, items: Uint32Array, count: number, wanted: (e: number) => boolean): void {
    const [ownUsers, ownItems] = [new Uint32Array(count), new Uint32Array(count)];
    let size = 0;
    for (let e = 0; e < count; e++) {
      if (!wanted(e)) continue;
      ownUsers[size] = users[e] as number;
      ownItems[size++] = items[e] as number;
    }
    this.#users.push(ownUsers.subarray(0, size));
    this.#items.push(ownItems.subarray(0, size));
  }

  /** The items of each user. */
  async byUser(users: number, breathe: () => Promise<void>): Promise<Rows> {
    const starts = new Uint32Array(users + 1);
    for (const block of this.#users) {
      for (const user of block) (starts[user + 1] as number)++;
      await breathe();
    }
    for (let user = 0; user < users; user++) (starts[user + 1] as number) += starts[user] as number;
    const columns = new Uint32Array(starts[users] as number);
    const ends = starts.slice(0, users);
    for (const [b, block] of this.#users.entries()) {
      const items = this.#items[b] as Uint32Array;
      for (let e = 0; e < block.length; e++) columns[(ends[block[e] as number] as number)++] = items[e] as number;
      await breathe();
    }
    for (let user = 0; user < users; user++) {
      const start = starts[user] as number;
      const row = columns.subarray(start, ends[user]).sort();
      let size = 0;
      for (const item of row) if (size === 0 || item !== row[size - 1]) row[size++] = item;
      ends[user] = start + size;
      if (user % SLICE === 0) await breathe();
    }
    return { starts, ends, columns };
  }
}

/** The same pairs the other way around: the rows in which each of `columns` numbers stands. */
export async function transposed(rows: Rows, columns: number, breathe: () => Promise<void>): Promise<Rows> {
  const count = rows.ends.length;
  const starts = new Uint32Array(columns + 1);
  for (let row = 0; row < count; row++) {
    for (let at = rows.starts[row] as number; at < (rows.ends[row] as number); at++)
      (starts[(rows.columns[at] as number) + 1] as number)++;
    if (row % SLICE === 0) await breathe();
  }
  for (let column = 0; column < columns; column++) (starts[column + 1] as number) += starts[column] as number;
  const ends = starts.slice(0, columns);
  const out = new Uint32Array(starts[columns] as number);
  for (let row = 0; row < count; row++) {
    for (let at = rows.starts[row] as number; at < (rows.ends[row] as number); at++)
      out[(ends[rows.columns[at] as number] as number)++] = row;
    if (row % SLICE === 0) await breathe();
  }
  return { starts, ends, columns: out };
}
