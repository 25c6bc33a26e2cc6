/**
 * Lists by the row that they stand at, the best first (value descending, id ascending): a binary heap. A list is a level and an
 * entry among the lists of its level. Columns instead of objects, and numbers of them instead of four moves.
 */
export class Candidates {
  size = 0;
  /** A permutation: behind `size` are those that are free. */
  #heap = Uint32Array.from({ length: 64 }, (_, i) => i);
  #values = new Float64Array(64);
  #ids = new Uint32Array(64);
  #entries = new Uint32Array(64);
  #levels = new Uint8Array(64);

  // Of the best; there is one.
  get value(): number {
    return this.#values[this.#heap[0] as number] as number;
  }
  get id(): number {
    return this.#ids[this.#heap[0] as number] as number;
  }
  get entry(): number {
    return this.#entries[this.#heap[0] as number] as number;
  }
  get level(): number {
    return this.#levels[this.#heap[0] as number] as number;
  }

  /** Adds one; `order` has to follow. */
  add(value: number, id: number, level: number, entry: number): void {
    if (this.size === this.#heap.length) this.#grow();
    const own = this.#heap[this.size++] as number;
    this.#values[own] = value;
    this.#ids[own] = id;
    this.#levels[own] = level;
    this.#entries[own] = entry;
  }

  /** After any number of `add`. */
  order(): void {
    for (let at = this.size >> 1; at-- > 0;) this.#sink(at);
  }

  /** Adds one to those in order. */
  push(value: number, id: number, level: number, entry: number): void {
    this.add(value, id, level, entry);
    const heap = this.#heap;
    let at = this.size - 1;
    const own = heap[at] as number;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBetter(own, heap[parent] as number)) break;
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = own;
  }

  /** Moves the best on, to a row of its list that is no better. */
  advance(value: number, id: number, entry: number): void {
    const own = this.#heap[0] as number;
    this.#values[own] = value;
    this.#ids[own] = id;
    this.#entries[own] = entry;
    this.#sink(0);
  }

  dropBest(): void {
    const heap = this.#heap;
    const own = heap[0] as number;
    const last = --this.size;
    heap[0] = heap[last] as number;
    heap[last] = own;
    this.#sink(0);
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const { size } = this;
    const own = heap[from] as number;
    let at = from;
    for (let child = 2 * at + 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && this.#isBetter(heap[child + 1] as number, heap[child] as number)) child++;
      if (!this.#isBetter(heap[child] as number, own)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = own;
  }

  #isBetter(a: number, b: number): boolean {
    const [value, other] = [this.#values[a] as number, this.#values[b] as number];
    return value > other || (value === other && (this.#ids[a] as number) < (this.#ids[b] as number));
  }

  #grow(): void {
    const old = this.#heap.length;
    const heap = Uint32Array.from({ length: 2 * old }, (_, i) => i);
    heap.set(this.#heap);
    this.#heap = heap;
    this.#values = doubled(this.#values, new Float64Array(2 * old));
    this.#ids = doubled(this.#ids, new Uint32Array(2 * old));
    this.#entries = doubled(this.#entries, new Uint32Array(2 * old));
    this.#levels = doubled(this.#levels, new Uint8Array(2 * old));
  }
}

function doubled<T extends Float64Array | Uint32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
