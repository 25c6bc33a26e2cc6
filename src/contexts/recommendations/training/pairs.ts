const FIRST_SLOTS = 1 << 10;

/** A set of pairs of numbers: an open table of two numbers a slot, at most half of it taken. */
export class PairSet {
  #table = new Uint32Array(2 * FIRST_SLOTS);
  #count = 0;

  /** Adds a pair of numbers below 2³² − 1; false where it is in already. O(1). */
  add(a: number, b: number): boolean {
    const at = placeOf(this.#table, a, b);
    if (this.#table[at] !== 0) return false;
    this.#table[at] = a + 1;
    this.#table[at + 1] = b;
    if (++this.#count > this.#table.length / 4) this.#grow();
    return true;
  }

  #grow(): void {
    const old = this.#table;
    const table = new Uint32Array(2 * old.length);
    for (let from = 0; from < old.length; from += 2) {
      const [first, b] = [old[from] as number, old[from + 1] as number];
      if (first === 0) continue;
      const at = placeOf(table, first - 1, b);
      table[at] = first;
      table[at + 1] = b;
    }
    this.#table = table;
  }
}

/** Where a pair is, or where there is room for it. */
function placeOf(table: Uint32Array, a: number, b: number): number {
  const mask = table.length / 2 - 1;
  const hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
  for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
    const found = table[2 * slot] as number;
    if (found === 0 || (found === a + 1 && table[2 * slot + 1] === b)) return 2 * slot;
  }
}
