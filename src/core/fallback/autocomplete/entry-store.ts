import { CategorySets } from './category-sets';
import { compareCodePoints, compareUnits, hasSurrogates } from './code-points';
import { IdMap } from './id-map';

/** What `set` and `append` are given. */
export interface StoredEntry {
  readonly id: string;
  readonly text: string;
  readonly analysis: string | null;
  readonly weight: number;
  readonly price: number;
  readonly inStock: boolean;
  readonly categories: string;
}

/**
 * The entries, by slot. A slot's content never changes from `add` to `release`: replacing an entry gives it a new slot, so
 * that a merge or a snapshot that takes many turns of the event loop reads what was there when it began.
 */
export class EntryStore {
  readonly ids: string[] = [];
  readonly texts: string[] = [];
  readonly analyses: (string | null)[] = [];
  weights = new Float64Array(0);
  prices = new Float64Array(0);
  inStock = new Uint8Array(0);
  categorySets = new Uint32Array(0);
  /** The part of the index that has the slot's entry, and where in it. */
  part = new Uint32Array(0);
  position = new Uint32Array(0);

  readonly slotById = new IdMap();
  readonly sets = new CategorySets();
  /** UTF-16 units of all texts, ids and analyses: for the estimate of memory. */
  units = 0;

  private readonly free: number[] = [];
  /** Slots let go while a job may still read them. */
  private readonly leaving: number[] = [];
  private holders = 0;
  private surrogatesInIds = false;

  /** Stores an entry under a slot of its own; the caller maps the id to it. */
  add(entry: StoredEntry): number {
    const slot = this.free.pop() ?? this.ids.length;
    if (slot >= this.weights.length) this.grow(Math.max(64, slot + 1, Math.ceil(this.weights.length * 1.5)));
    this.ids[slot] = entry.id;
    this.texts[slot] = entry.text;
    this.analyses[slot] = entry.analysis;
    // Adding zero turns -0 into 0: the two are one weight, and a snapshot must not tell them apart.
    this.weights[slot] = entry.weight + 0;
    this.prices[slot] = entry.price + 0;
    this.inStock[slot] = entry.inStock ? 1 : 0;
    this.categorySets[slot] = this.sets.numberOf(entry.categories);
    this.surrogatesInIds ||= hasSurrogates(entry.id);
    this.units += entry.id.length + entry.text.length + (entry.analysis?.length ?? 0);
    return slot;
  }

  /** Lets a slot go; it is reused once nobody holds the store. */
  release(slot: number): void {
    if (this.holders > 0) this.leaving.push(slot);
    else this.forget(slot);
  }

  /** Keeps the content of released slots until `letGo`. */
  hold(): void {
    this.holders++;
  }

  letGo(): void {
    if (--this.holders > 0) return;
    for (const slot of this.leaving) this.forget(slot);
    this.leaving.length = 0;
  }

  /** The entry of a slot, as it was given. */
  entryAt(slot: number): StoredEntry {
    return {
      id: this.ids[slot] as string,
      text: this.texts[slot] as string,
      analysis: this.analyses[slot] as string | null,
      weight: this.weights[slot] as number,
      price: this.prices[slot] as number,
      inStock: this.inStock[slot] === 1,
      categories: this.sets.joinedOf(this.categorySets[slot] as number),
    };
  }

  /** The order of results: weight descending, id ascending by code point. */
  compare(a: number, b: number): number {
    const difference = (this.weights[b] as number) - (this.weights[a] as number);
    if (difference !== 0) return difference;
    const compareIds = this.surrogatesInIds ? compareCodePoints : compareUnits;
    return compareIds(this.ids[a] as string, this.ids[b] as string);
  }

  /** Bytes held, roughly: strings count as one byte a unit plus their headers and the map's share. */
  bytes(): number {
    return (
      this.weights.length * (8 + 8 + 1 + 4 + 4 + 4) +
      this.ids.length * (3 * 8 + 2 * 16) +
      this.slotById.size * 40 +
      this.units
    );
  }

  private forget(slot: number): void {
    const analysis = this.analyses[slot];
    this.units -= (this.ids[slot] as string).length + (this.texts[slot] as string).length + (analysis?.length ?? 0);
    this.ids[slot] = '';
    this.texts[slot] = '';
    this.analyses[slot] = null;
    this.free.push(slot);
  }

  private grow(capacity: number): void {
    const grown = <T extends Float64Array | Uint32Array | Uint8Array>(made: T, old: T): T => {
      made.set(old);
      return made;
    };
    this.weights = grown(new Float64Array(capacity), this.weights);
    this.prices = grown(new Float64Array(capacity), this.prices);
    this.inStock = grown(new Uint8Array(capacity), this.inStock);
    this.categorySets = grown(new Uint32Array(capacity), this.categorySets);
    this.part = grown(new Uint32Array(capacity), this.part);
    this.position = grown(new Uint32Array(capacity), this.position);
  }
}
