/** Keeps the rows of the greatest values: a heap whose root is the least of them. */
export class Greatest {
  readonly #heap: { readonly row: number; readonly value: number }[] = [];

  constructor(private readonly most: number) {}

  /** What a value must exceed to be kept; 0 as long as there is room. */
  get least(): number {
    return this.#heap.length < this.most ? 0 : (this.#heap[0]?.value ?? 0);
  }

  offer(row: number, value: number): void {
    const heap = this.#heap;
    if (heap.length < this.most) {
      heap.push({ row, value });
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (!this.#less(i, parent)) break;
        this.#swap(i, parent);
        i = parent;
      }
      return;
    }
    const least = heap[0];
    if (!least || value <= least.value) return;
    heap[0] = { row, value };
    for (let i = 0; ;) {
      let child = 2 * i + 1;
      if (child >= heap.length) return;
      if (child + 1 < heap.length && this.#less(child + 1, child)) child++;
      if (!this.#less(child, i)) return;
      this.#swap(i, child);
      i = child;
    }
  }

  /** The greatest first; of equals the one that came first. */
  rows(): number[] {
    return [...this.#heap].sort((a, b) => b.value - a.value || a.row - b.row).map(({ row }) => row);
  }

  #less(a: number, b: number): boolean {
    return (this.#heap[a]?.value ?? 0) < (this.#heap[b]?.value ?? 0);
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const [left, right] = [heap[a], heap[b]];
    if (left && right) [heap[a], heap[b]] = [right, left];
  }
}
