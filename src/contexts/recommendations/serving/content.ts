import { setImmediate as nextTurn } from 'node:timers/promises';
import { AlsModel, Cache } from '../../../core';
import type { ProductTable } from '../product-table';

/** Products that are alike, the most alike first. */
export interface Neighbours {
  readonly rows: Uint32Array;
  /** 0 to 1. */
  readonly cosines: Float32Array;
}

const NONE: Neighbours = { rows: new Uint32Array(), cosines: new Float32Array() };
const FACTORS = 64;
const ITERATIONS = 3;
/** How many the vectors find, and how many of them, by their words, are kept. */
const FOUND = 100;
const KEPT = 40;
/** Features are looked at anew after six hours: words have become rarer or more common, and so have products. */
export const FEATURES_MS = 6 * 3_600_000;
const SLICE_MS = 2;

/**
 * Which products are alike by their words. Each product has a vector that is learnt from which words it has, as tastes are from what
 * people took: words are the users, products the items. An exact search over the vectors finds candidates; the cosine of their
 * TF-IDF orders them. What was found is kept for six hours.
 */
export class ContentIndex {
  readonly #kept: Cache<Buffer>;
  #changed = 0;

  private constructor(
    private readonly table: ProductTable,
    private readonly model: AlsModel | undefined,
    cacheBytes: number,
  ) {
    this.#kept = new Cache<Buffer>({ maxBytes: cacheBytes, ttl: FEATURES_MS });
  }

  /** Learns the vectors of all active products on the engine's threads. Rejects with the signal's reason when it aborts. */
  static async build(table: ProductTable, cacheBytes: number, signal: AbortSignal): Promise<ContentIndex> {
    const { size, words } = table;
    words.weigh(size);
    const itemIds: string[] = [];
    let room = 1 << 16;
    let [users, items, weights] = [new Uint32Array(room), new Uint32Array(room), new Float32Array(room)];
    let count = 0;
    let sliceEnd = performance.now() + SLICE_MS;
    for (let row = 0; row < size; row++) {
      if (row % 64 === 0 && performance.now() > sliceEnd) {
        await nextTurn();
        signal.throwIfAborted();
        sliceEnd = performance.now() + SLICE_MS;
      }
      if (!table.isActive(row)) continue;
      if (count + 256 > room) {
        room *= 2;
        const [moreUsers, moreItems, moreWeights] = [
          new Uint32Array(room),
          new Uint32Array(room),
          new Float32Array(room),
        ];
        moreUsers.set(users);
        moreItems.set(items);
        moreWeights.set(weights);
        [users, items, weights] = [moreUsers, moreItems, moreWeights];
      }
      const item = itemIds.push(String(row)) - 1;
      words.each(row, (word, weight) => {
        users[count] = word;
        items[count] = item;
        weights[count++] = weight;
      });
    }
    if (count === 0) return new ContentIndex(table, undefined, cacheBytes);
    const userIds = Array.from({ length: words.size }, (_, word) => String(word));
    const columns = {
      userIds,
      itemIds,
      users: users.subarray(0, count),
      items: items.subarray(0, count),
      weights: weights.subarray(0, count),
    };
    const model = await AlsModel.fit(columns, { factors: FACTORS, iterations: ITERATIONS, signal });
    return new ContentIndex(table, model, cacheBytes);
  }

  /** The share of the products that came or have other words since the build; 1 where nothing has been learnt at all. */
  get changed(): number {
    return this.model ? this.#changed / Math.max(1, this.table.active) : 1;
  }

  hits(): { readonly hits: number; readonly misses: number } {
    return this.#kept.stats();
  }

  /** Whether it takes no search to say what is like this product. */
  knows(row: number): boolean {
    return this.model === undefined || this.#kept.peek(String(row)) !== undefined;
  }

  /** The active products that are most like one, itself left out. O(1) where it is kept. */
  near(row: number): Neighbours {
    if (!this.model) return NONE;
    const kept = this.#kept.get(String(row));
    if (kept) return unpacked(kept);
    const found = this.model
      .recommend([String(row)], { limit: FOUND })
      .map(({ item }) => ({ row: Number(item), cosine: this.table.words.cosine(row, Number(item)) }))
      .filter(({ row: other, cosine }) => cosine > 0 && this.table.isActive(other))
      .sort((a, b) => b.cosine - a.cosine || a.row - b.row)
      .slice(0, KEPT);
    const near = {
      rows: Uint32Array.from(found, (one) => one.row),
      cosines: Float32Array.from(found, (one) => one.cosine),
    };
    this.#kept.set(String(row), packed(near));
    return near;
  }

  /** A product is new, or has other words: when this resolves it has its vector, and is found by what is like it. */
  async update(row: number): Promise<void> {
    this.#changed++;
    this.#kept.delete(String(row));
    const own: { user: string; weight: number }[] = [];
    this.table.words.each(row, (word, weight) => own.push({ user: String(word), weight }));
    await this.model?.updateItem(String(row), own);
    // Those that are like it would go on without it for hours.
    for (const other of this.near(row).rows) this.#kept.delete(String(other));
  }

  close(): void {
    this.model?.close();
    this.#kept.close();
  }
}

function packed({ rows, cosines }: Neighbours): Buffer {
  const bytes = Buffer.alloc(8 * rows.length);
  rows.forEach((row, i) => {
    bytes.writeUInt32LE(row, 8 * i);
    bytes.writeFloatLE(cosines[i] as number, 8 * i + 4);
  });
  return bytes;
}

function unpacked(bytes: Buffer): Neighbours {
  const length = bytes.length / 8;
  const [rows, cosines] = [new Uint32Array(length), new Float32Array(length)];
  for (let i = 0; i < length; i++) {
    rows[i] = bytes.readUInt32LE(8 * i);
    cosines[i] = bytes.readFloatLE(8 * i + 4);
  }
  return { rows, cosines };
}
