import type { EntryStore } from './entry-store';

/** The filter of the searches to come. */
export class EntryFilter {
  /** The categories, joined: names the set of entries they select. */
  categories = '';
  /** Inclusive bounds of the price. */
  least = -Infinity;
  most = Infinity;
  /** 0, 1 or -1 for any. */
  inStock = -1;
  /** 1 for each category set that has one of the categories. */
  private allowed = new Uint8Array(0);
  private marked: number[] = [];
  /** How many category sets there were when `allowed` was made: entries that came later may have brought new ones. */
  private known = -1;

  constructor(private readonly store: EntryStore) {}

  set(categories: string, least: number, most: number, inStock: number): void {
    if (categories !== this.categories) this.known = -1;
    this.categories = categories;
    this.least = least;
    this.most = most;
    this.inStock = inStock;
  }

  get hasPrice(): boolean {
    return this.least !== -Infinity || this.most !== Infinity;
  }

  /** Brings the filter up to date with the store; to be called before a search. */
  refresh(): void {
    const { sets } = this.store;
    if (this.known === sets.count || this.categories === '') return;
    this.known = sets.count;
    if (this.allowed.length < sets.count) this.allowed = new Uint8Array(sets.count * 2);
    else for (const set of this.marked) this.allowed[set] = 0;
    this.marked = [];
    for (const category of this.categories.split('\u0001')) {
      for (const set of sets.setsWith(category)) {
        this.allowed[set] = 1;
        this.marked.push(set);
      }
    }
  }

  allowsSet(set: number): boolean {
    return this.allowed[set] === 1;
  }

  acceptsPrice(slot: number): boolean {
    const price = this.store.prices[slot] as number;
    // NaN, which stands for no price, fails both.
    return price >= this.least && price <= this.most;
  }

  accepts(slot: number): boolean {
    return (
      (this.categories === '' || this.allowsSet(this.store.categorySets[slot] as number)) &&
      (this.inStock < 0 || this.store.inStock[slot] === this.inStock) &&
      (!this.hasPrice || this.acceptsPrice(slot))
    );
  }
}
