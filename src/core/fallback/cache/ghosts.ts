/** The keys that S3-FIFO evicted lately: those of the last so many evictions. */
export class Ghosts {
  readonly #turns = new Map<string, number>();
  #next = 0;
  #first = 0;

  /** Remembers a key for the next `memory` evictions. */
  add(key: string, memory: number): void {
    if (memory === 0) return;
    this.#turns.delete(key);
    this.#first = Math.max(this.#first, this.#next - memory + 1);
    for (const [old, turn] of this.#turns) {
      if (turn >= this.#first) break;
      this.#turns.delete(old);
    }
    this.#turns.set(key, this.#next++);
  }

  /** Whether the key was evicted lately; forgets it. */
  take(key: string): boolean {
    return this.#turns.delete(key);
  }

  clear(): void {
    this.#turns.clear();
  }
}
