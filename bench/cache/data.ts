/** Seeded, so that every process measures the same (mulberry32). */
export function randomSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A string of that many bytes which no other shares. */
export function textOf(id: number, bytes: number): string {
  const text = `${id}:`.padEnd(bytes, 'a retrospot mug, red, with a handle; ');
  // Through a Buffer: V8 would keep padEnd's result as a rope.
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** A product as a shop's page shows it: about 330 bytes of JSON. */
export function productOf(id: number): object {
  return {
    id: `product-${id}`,
    name: `Red Retrospot Mug No. ${id}`,
    description: 'A mug of fine bone china with red spots, made to be kept, dishwasher safe.',
    price: { amount: 295 + (id % 1000), currency: 'GBP' },
    stock: id % 50,
    categories: ['mugs', 'kitchen', `range-${id % 20}`],
    rating: { average: (id % 50) / 10, count: id % 777 },
  };
}

/** The trace that workers share: how many products and requests, and room for how many. */
export const KEYS = 50_000;
export const LENGTH = 400_000;
export const ENTRIES = KEYS / 20;
export const SEED = 8;

export type TraceName = 'zipf' | 'scans' | 'shop';

/**
 * Which of `keys` products is asked for, one request after the other.
 * zipf: by Zipf's law with exponent 0.9. scans: the same, and one in five requests is of a crawler that reads the catalogue
 * from end to end. shop: half of the requests are for what one of the last 2,000 requests asked for, as people who browse go
 * back and forth; the rest by Zipf's law.
 */
export function trace(name: TraceName, length: number, keys: number, seed: number): Uint32Array {
  const random = randomSource(seed);
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank++) sums[rank] = sum += (rank + 1) ** -0.9;
  const zipf = (): number => {
    const target = random() * sum;
    let [low, high] = [0, keys - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const out = new Uint32Array(length);
  let scan = 0;
  for (let i = 0; i < length; i++) {
    const draw = random();
    if (name === 'scans' && draw < 0.2) out[i] = scan++ % keys;
    else if (name === 'shop' && draw < 0.5 && i > 0)
      out[i] = out[i - 1 - Math.floor(random() * Math.min(i, 2_000))] as number;
    else out[i] = zipf();
  }
  return out;
}
