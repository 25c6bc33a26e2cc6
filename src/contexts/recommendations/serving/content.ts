import { Cache } from '../../../core';
import type { ProductTable } from '../product-table';

/** Products that are alike, the most alike first. */
export interface Neighbours {
  readonly rows: Uint32Array;
  /** 0 to 1. */
  readonly cosines: Float32Array;
}

const KEPT = 40;
/** Features are looked at anew after six hours: words have become rarer or more common, and so have products. */
export const FEATURES_MS = 6 * 3_600_000;

/**
 * Which products are alike: the greatest cosine of their words' TF-IDF (Salton, Buckley 1988), exactly, by the table's
 * SparseVectorIndex. How rare a word is, is that of the build. What was found is kept for six hours.
 */
export class ContentIndex {
  readonly #kept: Cache<Buffer>;
  readonly #found = { ids: new Uint32Array(KEPT), scores: new Float32Array(KEPT) };
  #changed = 0;

  private constructor(
    private readonly table: ProductTable,
    cacheBytes: number,
  ) {
    this.#kept = new Cache<Buffer>({ maxBytes: cacheBytes, ttl: FEATURES_MS });
  }

  /** Counts how rare words are, in slices of the event loop. O(words of all products). Rejects with AbortError when the signal aborts. */
  static async build(table: ProductTable, cacheBytes: number, signal: AbortSignal): Promise<ContentIndex> {
    await table.words.refresh({ signal });
    return new ContentIndex(table, cacheBytes);
  }

  /** The share of the products that came or have other words since the build. */
  get changed(): number {
    return this.#changed / Math.max(1, this.table.active);
  }

  hits(): { readonly hits: number; readonly misses: number } {
    return this.#kept.stats();
  }

  /** Whether it takes no search to say what is like this product. */
  knows(row: number): boolean {
    return this.#kept.peek(String(row)) !== undefined;
  }

  /** The active products that are most like one, itself left out, ties by row. O(1) where it is kept, else a search. */
  near(row: number): Neighbours {
    const kept = this.#kept.get(String(row));
    if (kept) return unpacked(kept);
    const { words, activeBits } = this.table;
    const found = words.nearestInto(row, this.#found, { filter: activeBits });
    const near = { rows: this.#found.ids.slice(0, found), cosines: this.#found.scores.slice(0, found) };
    this.#kept.set(String(row), packed(near));
    return near;
  }

  /** A product is new, or has other words: what is like it is told of it. */
  update(row: number): void {
    this.#changed++;
    this.#kept.delete(String(row));
    // Those that are like it would go on without it for hours.
    for (const other of this.near(row).rows) this.#kept.delete(String(other));
  }

  close(): void {
    this.#kept.close();
  }
}

function packed({ rows, cosines }: Neighbours): Buffer {
  const bytes = Buffer.alloc(8 * rows.length);
  bytes.set(new Uint8Array(rows.buffer), 0);
  bytes.set(new Uint8Array(cosines.buffer), 4 * rows.length);
  return bytes;
}

function unpacked(bytes: Buffer): Neighbours {
  // A copy, whose beginning is where numbers of four bytes may begin.
  const { buffer } = new Uint8Array(bytes);
  const length = bytes.length / 8;
  return { rows: new Uint32Array(buffer, 0, length), cosines: new Float32Array(buffer, 4 * length, length) };
}
