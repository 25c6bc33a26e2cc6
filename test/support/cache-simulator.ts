import type { Random } from './random';

/**
 * S3-FIFO and LRU as the papers' pseudocode has them, over plain arrays and as slow as that: what the engines must agree
 * with, hit for hit. Every key has size `sizeOf(key)`; the capacity is a sum of sizes.
 */
export interface Simulator {
  /** Asks for a key and, if it is not there, sets it. Returns whether it was there. */
  request(key: string): boolean;
}

export class LruSimulator implements Simulator {
  private order: string[] = [];
  constructor(
    private readonly capacity: number,
    private readonly sizeOf: (key: string) => number = () => 1,
  ) {}

  request(key: string): boolean {
    const at = this.order.indexOf(key);
    if (at >= 0) {
      this.order.push(...this.order.splice(at, 1));
      return true;
    }
    const used = (): number => this.order.reduce((sum, one) => sum + this.sizeOf(one), 0);
    while (this.order.length > 0 && used() + this.sizeOf(key) > this.capacity) this.order.shift();
    this.order.push(key);
    return false;
  }
}

interface Item {
  readonly key: string;
  frequency: number;
}

/** Promotion at the first hit; frequencies up to 3; ghosts of the last 0.9 × entries evictions from the small queue. */
export class S3FifoSimulator implements Simulator {
  private small: Item[] = [];
  private main: Item[] = [];
  private ghosts: { key: string; turn: number }[] = [];
  private turns = 0;

  constructor(
    private readonly capacity: number,
    private readonly sizeOf: (key: string) => number = () => 1,
  ) {}

  request(key: string): boolean {
    const found = [...this.small, ...this.main].find((item) => item.key === key);
    if (found) {
      found.frequency = Math.min(3, found.frequency + 1);
      return true;
    }
    const ghost = this.ghosts.findIndex((one) => one.key === key);
    if (ghost >= 0) this.ghosts.splice(ghost, 1);
    const used = (items: readonly Item[]): number => items.reduce((sum, item) => sum + this.sizeOf(item.key), 0);
    while (
      this.small.length + this.main.length > 0 &&
      used(this.small) + used(this.main) + this.sizeOf(key) > this.capacity
    ) {
      const smallTarget = Math.max(1, Math.floor(this.capacity / 10));
      if (this.small.length > 0 && (this.main.length === 0 || used(this.small) >= smallTarget)) this.evictSmall();
      else this.evictMain();
    }
    (ghost >= 0 ? this.main : this.small).push({ key, frequency: 0 });
    return false;
  }

  private evictSmall(): void {
    const oldest = this.small.shift() as Item;
    if (oldest.frequency > 0) {
      this.main.push({ key: oldest.key, frequency: 0 });
      return;
    }
    const memory = Math.floor(((this.small.length + this.main.length) * 9) / 10);
    if (memory === 0) return;
    this.ghosts = this.ghosts.filter(({ key, turn }) => key !== oldest.key && turn > this.turns - memory);
    this.ghosts.push({ key: oldest.key, turn: this.turns++ });
  }

  private evictMain(): void {
    const oldest = this.main.shift() as Item;
    if (oldest.frequency > 0) this.main.push({ key: oldest.key, frequency: oldest.frequency - 1 });
  }
}

/** Keys `k0`, `k1`, … by Zipf's law with exponent `skew`: k0 is the most frequent. */
export function zipfTrace(random: Random, length: number, keys: number, skew: number): string[] {
  const sums: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= keys; rank++) sums.push((sum += rank ** -skew));
  return Array.from({ length }, () => {
    const target = random.next() * sum;
    let [low, high] = [0, keys - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < target) low = middle + 1;
      else high = middle;
    }
    return `k${low}`;
  });
}

/** The same, with runs of keys that never come again: a crawler reading the whole catalogue. */
export function scannedTrace(random: Random, length: number, keys: number, skew: number): string[] {
  let next = 0;
  return zipfTrace(random, length, keys, skew).flatMap((key, i) =>
    i % 1_000 === 999 ? [key, ...Array.from({ length: 300 }, () => `scan${next++}`)] : [key],
  );
}

export function uniformTrace(random: Random, length: number, keys: number): string[] {
  return Array.from({ length }, () => `k${Math.floor(random.next() * keys)}`);
}
