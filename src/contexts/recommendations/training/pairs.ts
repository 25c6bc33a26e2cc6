const FIRST_ROOM = 1 << 10;

/** A set of pairs of numbers, in tables that it fills one after the other: a table that grew would hold everybody up while it moves. */
export class PairSet {
  readonly #tables: Uint32Array[] = [];
  #room = 0;

  /** Adds a pair of numbers below 2³² − 1; false where it is in already. */
  add(a: number, b: number): boolean {
    let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    for (const table of this.#tables) if (table[this.#placeOf(table, hash, a, b)] !== 0) return false;
    if (this.#room === 0) this.#more();
    const newest = this.#tables.at(-1) as Uint32Array;
    const at = this.#placeOf(newest, hash, a, b);
    newest[at] = a + 1;
    newest[at + 1] = b;
    this.#room--;
    return true;
  }

  /** Where a pair is, or where there is room for it. */
  #placeOf(table: Uint32Array, hash: number, a: number, b: number): number {
    const mask = table.length / 2 - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = table[2 * slot] as number;
      if (found === 0 || (found === a + 1 && table[2 * slot + 1] === b)) return 2 * slot;
    }
  }

  /** A table twice as large as the last, which is filled to a half. */
  #more(): void {
    const slots = 2 * ((this.#tables.at(-1)?.length ?? FIRST_ROOM) / 2);
    const table = new Uint32Array(4 * slots);
    this.#tables.push(table);
    this.#room = slots;
  }
}
