/**
 * Bitmaps that are used again: one for a million rows is 125 kB, and a new one for every text that is looked up makes the
 * collector look through the whole heap every few hundred texts.
 */
export class BitPool {
  #free: Uint32Array<ArrayBuffer>[] = [];
  #words = 0;

  /** A bitmap with room for so many rows, all zero. */
  take(rows: number): Uint32Array<ArrayBuffer> {
    const words = (rows + 31) >>> 5;
    if (words > this.#words) {
      // With room for more rows, lest each one that comes make all of them too short.
      this.#words = words + (words >>> 3) + 8;
      this.#free = [];
    }
    return this.#free.pop()?.fill(0) ?? new Uint32Array(this.#words);
  }

  /** Takes one back. Whoever has it must not look at it again. */
  give(bits: Uint32Array<ArrayBuffer>): void {
    if (bits.length === this.#words && this.#free.length < MOST) this.#free.push(bits);
  }
}

const MOST = 32;
