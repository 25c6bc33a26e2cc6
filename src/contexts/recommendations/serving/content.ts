import { Cache } from '../../../core';
import type { ProductTable } from '../product-table';
import { Greatest } from './greatest';
import { Postings } from './postings';

/** Products that are alike, the most alike first. */
export interface Neighbours {
  readonly rows: Uint32Array;
  /** 0 to 1. */
  readonly cosines: Float32Array;
}

/** Rows that are looked at, those with the rarest words first, and how many of them are compared in full at most. */
const LOOKED_AT = 60_000;
const COMPARED = 3_000;
/**
 * Of the squared weights of a product's words, what may be left unlooked at: the likeness of who shares nothing else is at most its
 * root. The second is for where what the first finds is not that much alike.
 */
const LEFT = [0.4, 0.25];
const BINS = 256;
/** Rows whose sums lie in the nearest cache together. */
const WINDOW = 8_192;
const KEPT = 40;
/** Features are looked at anew after six hours: words have become rarer or more common, and so have products. */
export const FEATURES_MS = 6 * 3_600_000;

/**
 * Which products are alike: the greatest cosine of their words' TF-IDF. The lists of rows of each word are gone through from the
 * rarest word on, as far as LOOKED_AT goes; those that share most of these words are compared in full, down to where nobody can be
 * as alike as what was found (the bound of MaxScore, Turtle and Flood 1995), or to COMPARED. So it is not exact: a row that shares
 * only common words may be missed. The bench says how many are. What was found is kept for six hours.
 */
export class ContentIndex {
  readonly #kept: Cache<Buffer>;
  /** Sums of a window, and places in it that have one. */
  readonly #sums = new Float32Array(WINDOW);
  readonly #places = new Uint32Array(WINDOW);
  /** Rows that were met, and their sums. */
  readonly #met = new Uint32Array(LOOKED_AT);
  readonly #shared = new Float32Array(LOOKED_AT);
  readonly #ordered = new Uint32Array(COMPARED);
  #changed = 0;

  private constructor(
    private readonly table: ProductTable,
    private readonly postings: Postings,
    cacheBytes: number,
  ) {
    this.#kept = new Cache<Buffer>({ maxBytes: cacheBytes, ttl: FEATURES_MS });
  }

  /** Lists the words of all active products, in slices of the event loop. Rejects with the signal's reason when it aborts. */
  static async build(table: ProductTable, cacheBytes: number, signal: AbortSignal): Promise<ContentIndex> {
    table.words.weigh(table.size);
    return new ContentIndex(table, await Postings.build(table, signal), cacheBytes);
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

  /** The active products that are most like one, itself left out. O(1) where it is kept, else O(LOOKED_AT). */
  near(row: number): Neighbours {
    const kept = this.#kept.get(String(row));
    if (kept) return unpacked(kept);
    const { table } = this;
    const { words } = table;
    words.compareWith(row);
    let greatest = new Greatest(KEPT);
    for (const most of LEFT) {
      greatest = new Greatest(KEPT);
      const { count, all, left } = this.#sharing(row, most);
      // Who shares this much of the squared weights, and all of what was not looked at, is at most as alike as the root of that.
      const reaches = (bin: number): boolean => (bin + 1) / BINS + left >= greatest.least ** 2;
      this.#descend(count, all, reaches, (other) => {
        if (other !== row && table.isActive(other)) greatest.offer(other, words.likenessTo(other));
      });
      // Nobody else is as alike, or there is no room to look further.
      if (greatest.least ** 2 >= left || left > most) break;
    }
    const rows = Uint32Array.from(greatest.rows());
    const near = { rows, cosines: Float32Array.from(rows, (other) => words.likenessTo(other)) };
    this.#kept.set(String(row), packed(near));
    return near;
  }

  /** A product is new, or has other words: from now on it is found by what is like it. */
  update(row: number): void {
    this.#changed++;
    this.#kept.delete(String(row));
    this.table.words.each(row, (word) => this.postings.add(word, row));
    // Those that are like it would go on without it for hours.
    for (const other of this.near(row).rows) this.#kept.delete(String(other));
  }

  close(): void {
    this.#kept.close();
  }

  /** Notes the rows that share a row's rare words: how many, the sum of its squared weights, and its share not looked at. O(LOOKED_AT). */
  #sharing(row: number, most: number): { readonly count: number; readonly all: number; readonly left: number } {
    const own: { word: number; says: number; count: number }[] = [];
    this.table.words.each(row, (word, weight) => {
      own.push({ word, says: weight * weight, count: this.postings.count(word) });
    });
    own.sort((a, b) => a.count - b.count || a.word - b.word);
    const all = own.reduce((sum, { says }) => sum + says, 0);
    let [left, room] = [all, LOOKED_AT];
    const lists: { rows: Uint32Array; says: number; next: number }[] = [];
    for (const { word, says, count } of own) {
      // A list that is cut short is better than none, but only then.
      if (lists.length > 0 && (left <= most * all || count > room)) break;
      for (const listed of this.postings.of(word)) {
        const rows = listed.subarray(0, room);
        lists.push({ rows, says, next: 0 });
        room -= rows.length;
      }
      left -= says;
    }
    return { count: this.#sum(lists), all, left: all > 0 ? left / all : 0 };
  }

  /** Sums up what each row of ascending lists says, a window of rows after the other; returns how many rows were met. */
  #sum(lists: readonly { readonly rows: Uint32Array; readonly says: number; next: number }[]): number {
    const [sums, places, met, shared] = [this.#sums, this.#places, this.#met, this.#shared];
    let end = 0;
    for (let start = 0; start < this.table.size; start += WINDOW) {
      let count = 0;
      for (const list of lists) {
        const { rows, says } = list;
        let i = list.next;
        for (; i < rows.length && (rows[i] as number) < start + WINDOW; i++) {
          const place = (rows[i] as number) - start;
          const before = sums[place] as number;
          if (before === 0) places[count++] = place;
          sums[place] = before + says;
        }
        list.next = i;
      }
      for (let i = 0; i < count; i++) {
        const place = places[i] as number;
        met[end] = start + place;
        shared[end++] = sums[place] as number;
        sums[place] = 0;
      }
    }
    return end;
  }

  /** Calls with the first `count` rows that were met, those that share most first, as long as a bin of them reaches; at most COMPARED. */
  #descend(count: number, all: number, reaches: (bin: number) => boolean, call: (row: number) => void): void {
    const [shared, met, ordered] = [this.#shared, this.#met, this.#ordered];
    // Whole numbers below 2³¹ by the bitwise or: a row listed twice for a word may have more than all.
    const binOf = (i: number): number => Math.min(BINS - 1, ((shared[i] as number) * (BINS / all)) | 0);
    const ends = new Uint32Array(BINS);
    for (let i = 0; i < count; i++) {
      const bin = binOf(i);
      ends[bin] = (ends[bin] as number) + 1;
    }
    // Where the next row of a bin goes, the bin of those that share most first.
    let [least, above] = [BINS, 0];
    while (least > 0 && above < COMPARED) {
      const size = ends[--least] as number;
      ends[least] = above;
      above += size;
    }
    for (let i = 0; i < count; i++) {
      const bin = binOf(i);
      if (bin < least) continue;
      const at = ends[bin] as number;
      ends[bin] = at + 1;
      if (at < COMPARED) ordered[at] = met[i] as number;
    }
    for (let [bin, at] = [BINS - 1, 0]; bin >= least && reaches(bin); bin--)
      for (; at < Math.min(COMPARED, ends[bin] as number); at++) call(ordered[at] as number);
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
