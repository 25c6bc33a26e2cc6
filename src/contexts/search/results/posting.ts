/** The rows that have a word, ascending. Rows are dense numbers, so four bytes each. */
export class Posting {
  #rows = new Uint32Array(4);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The rows themselves: they hold until the next change. */
  get rows(): Uint32Array {
    return this.#rows.subarray(0, this.#size);
  }

  /** Writes `mark` at each row. */
  markIn(marks: Uint8Array, mark: number): void {
    const rows = this.#rows;
    for (let i = 0; i < this.#size; i++) marks[rows[i] as number] = mark;
  }

  /** Sets the bit of each row. */
  setIn(bits: Uint32Array): void {
    const rows = this.#rows;
    for (let i = 0; i < this.#size; i++) {
      const row = rows[i] as number;
      bits[row >>> 5] = (bits[row >>> 5] as number) | (1 << (row & 31));
    }
  }

  /** O(1) for a row behind all others, which a build brings; else a copy of what lies behind it. */
  add(row: number): void {
    const at = this.#size > 0 && (this.#rows[this.#size - 1] as number) >= row ? this.#place(row) : this.#size;
    if (at < this.#size && this.#rows[at] === row) return;
    if (this.#size === this.#rows.length) {
      const larger = new Uint32Array(this.#size * 2);
      larger.set(this.#rows);
      this.#rows = larger;
    }
    this.#rows.copyWithin(at + 1, at, this.#size);
    this.#rows[at] = row;
    this.#size++;
  }

  remove(row: number): void {
    const at = this.#place(row);
    if (at === this.#size || this.#rows[at] !== row) return;
    this.#rows.copyWithin(at, at + 1, this.#size);
    this.#size--;
  }

  /** O(log size). */
  has(row: number): boolean {
    const at = this.#place(row);
    return at < this.#size && this.#rows[at] === row;
  }

  /** The first place whose row is not below `row`. */
  #place(row: number): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#rows[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
