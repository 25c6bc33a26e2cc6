/**
 * Random numbers that are the same everywhere for the same seed: xoshiro128** (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2021), its state filled by splitmix32. Not for secrets.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private d: number;

  /** A stream of its own for every combination of seeds. */
  constructor(...seeds: readonly number[]) {
    let state = 0x9e3779b9;
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> 0;
    };
    for (const seed of seeds) state = (state ^ Math.imul(seed | 0, 0x85ebca6b) ^ split()) | 0;
    [this.a, this.b, this.c, this.d] = [split(), split(), split(), split() | 1];
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const product = Math.imul(this.b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = this.b << 9;
    this.c ^= this.a;
    this.d ^= this.b;
    this.b ^= this.c;
    this.a ^= this.d;
    this.c ^= shifted;
    this.d = (this.d << 11) | (this.d >>> 21);
    return result;
  }

  /** From 0 up to but not including 1. */
  fraction(): number {
    return this.next() / 0x1_0000_0000;
  }

  /** A whole number from 0 to `count - 1`. */
  below(count: number): number {
    return Math.floor(this.fraction() * count);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** Normally distributed around 0 with deviation 1 (Box and Muller, 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.fraction())) * Math.cos(2 * Math.PI * this.fraction());
  }
}

/**
 * A fixed shuffle of 0 … count - 1 that needs no memory: a Feistel network on the next power of four, walked until it
 * falls into the range (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
 */
export function shuffled(index: number, count: number, seed: number): number {
  const half = Math.max(1, Math.ceil(Math.log2(count) / 2));
  const mask = 2 ** half - 1;
  let value = index;
  do {
    let left = Math.floor(value / (mask + 1));
    let right = value & mask;
    for (let round = 0; round < 4; round++) {
      const mixed = Math.imul((right + 1) ^ Math.imul(seed + round, 0x9e3779b9), 0x85ebca6b);
      [left, right] = [right, left ^ ((mixed ^ (mixed >>> 13) ^ (mixed >>> 21)) & mask)];
    }
    value = left * (mask + 1) + right;
  } while (value >= count);
  return value;
}
