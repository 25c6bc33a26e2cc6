/**
 * A program: uses one engine in rounds and prints what the process holds after each.
 * node --expose-gc -r tsx/cjs plateau.ts <engine>
 */
import { AlsModel, Autocomplete, backend, Cache, RangeIndex, SparseVectorIndex } from '../../src/core';

const ROUNDS = 24;
/** The fallback, which has nothing outside V8's heap, is slower. */
const SIZE = backend().backend === 'native' ? 0.4 : 0.1;
const numbers = (count: number): number[] => Array.from({ length: Math.ceil(count * SIZE) }, (_, i) => i);
const text = (i: number): string => `item ${(i * 7919) % 10007} of ${i % 97} shelves`;

/** Each makes megabytes, changes and asks them, and closes what it made. */
const rounds: Record<string, () => Promise<void>> = {
  async autocomplete() {
    using index = await Autocomplete.build(
      numbers(12_000).map((i) => ({ id: `id${i}`, text: text(i), weight: i, price: i })),
    );
    for (const i of numbers(2_000)) index.set({ id: `id${i * 3}`, text: text(i + 1), weight: i });
    for (const i of numbers(2_000)) index.delete(`id${i * 5}`);
    for (const i of numbers(500)) index.search(`item ${i}`, { filter: { price: { gte: i } } });
  },
  cache() {
    using cache = new Cache({ maxBytes: 8 * 2 ** 20 });
    for (const i of numbers(15_000)) cache.set(`key ${i}`, 'x'.repeat(i % 700), { tags: [`tag ${i % 1_000}`] });
    for (const i of numbers(1_000)) cache.invalidateTag(`tag ${i}`);
    for (const i of numbers(5_000)) cache.set(`key ${i}`, Buffer.alloc(500, i));
    for (const i of numbers(5_000)) cache.get(`key ${i}`);
    for (const i of numbers(3_000)) cache.set(`text ${i}`, 'y'.repeat(3_000)).get(`text ${i}`);
    cache.getMany(numbers(1_000).map((i) => `key ${i}`));
    new Cache({ max: 100 }).set('never closed', 'and collected with its object');
    return Promise.resolve();
  },
  async range() {
    using index = await RangeIndex.build(
      { numbers: { price: { type: 'int32', tree: true } }, facets: ['kind'] },
      numbers(15_000).map((id) => ({ id, price: (id * 7919) % 5_003, kind: `k${id % 50}` })),
    );
    for (const i of numbers(2_000)) index.set(i * 3, { price: i, kind: `k${i % 60}` });
    for (const i of numbers(2_000)) index.delete(i * 5);
    for (const i of numbers(300)) index.count({ price: { gte: i, lte: i + 500 } });
  },
  async vectors() {
    using index = new SparseVectorIndex({ weighting: 'rarity' });
    for (const i of numbers(12_000))
      index.put(i, { [`kind ${i % 90}`]: 1, [`brand ${(i * 7919) % 301}`]: 1, [`of ${i}`]: 1 });
    await index.refresh();
    for (const i of numbers(2_000)) index.put(i * 3, { [`kind ${i % 70}`]: 1, [`later ${i}`]: 2 });
    for (const i of numbers(2_000)) index.delete(i * 5);
    for (const i of numbers(300)) index.nearest({ [`kind ${i % 90}`]: 1, [`brand ${i}`]: 1 });
  },
  async als() {
    using model = await AlsModel.fit(
      numbers(20_000).map((i) => ({ user: `u${i % 900}`, item: `i${(i * 7919) % 3_001}` })),
      { factors: 16, iterations: 1 },
    );
    for (const i of numbers(200)) model.recommend([`i${i}`], { limit: 10 });
  },
};

/** Bytes that the process holds after a round. */
export interface Held {
  readonly rss: number;
  /** V8's heap and what it knows to lie outside. */
  readonly heap: number;
}

async function main(engine = ''): Promise<void> {
  const held: Held[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await rounds[engine]?.();
    // Twice, with a turn of the event loop between: the second collects what the finalizers of the first let go.
    globalThis.gc?.();
    await new Promise(setImmediate);
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    held.push({ rss, heap: heapUsed + external });
  }
  process.stdout.write(JSON.stringify(held));
}

if (require.main === module) void main(process.argv[2]);
