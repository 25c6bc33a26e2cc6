import { SparseVectorIndex } from '../../core';
import type { SearchableProduct } from '../catalogue';
import { wordsOf } from './words';

/** What an answer shows of a product: the names of GET /v1/products. */
export interface ShownProduct {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly price: { readonly amount: number; readonly currency: string };
  readonly image: string;
  readonly inStock: boolean;
}

const FIRST_ROOM = 1 << 12;
const ACTIVE = 1;
const IN_STOCK = 2;

/**
 * The products of the catalogue in columns: a row each, which it keeps as long as the table lives. What is deleted or no longer
 * active stays as a row that nobody is shown.
 */
export class ProductTable {
  /** The words of all rows, by row: those of products that are gone too. */
  readonly words = new SparseVectorIndex({ weighting: 'rarity' });
  readonly #rows = new Map<string, number>();
  readonly #bySku = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #skus: string[] = [];
  readonly #names: string[] = [];
  readonly #images: (string | null)[] = [];
  readonly #currencies: string[] = [];
  readonly #categoryNumbers = new Map<string, number>();
  #amounts = new Float64Array(FIRST_ROOM);
  #popularity = new Float64Array(FIRST_ROOM);
  #createdAt = new Float64Array(FIRST_ROOM);
  #versions = new Uint32Array(FIRST_ROOM);
  #categories = new Int32Array(FIRST_ROOM);
  #flags = new Uint8Array(FIRST_ROOM);
  #activeBits = new Uint32Array(FIRST_ROOM / 32);
  #active = 0;

  /** Rows, those of products that are gone included. */
  get size(): number {
    return this.#ids.length;
  }

  /** Products that may be shown. */
  get active(): number {
    return this.#active;
  }

  rowOf(id: string): number | undefined {
    return this.#rows.get(id);
  }

  rowOfSku(sku: string): number | undefined {
    return this.#bySku.get(sku);
  }

  idOf(row: number): string {
    return this.#ids[row] as string;
  }

  nameOf(row: number): string {
    return this.#names[row] as string;
  }

  versionOf(id: string): number {
    const row = this.#rows.get(id);
    return row === undefined ? 0 : (this.#versions[row] as number);
  }

  /** A bit for each row: whether it may be shown. */
  get activeBits(): Uint32Array {
    return this.#activeBits;
  }

  isActive(row: number): boolean {
    return ((this.#flags[row] as number) & ACTIVE) !== 0;
  }

  /** Whether it may be shown, and there is some of it. */
  canBeHad(row: number): boolean {
    return this.#flags[row] === (ACTIVE | IN_STOCK);
  }

  popularityOf(row: number): number {
    return this.#popularity[row] as number;
  }

  /** Milliseconds since the epoch, from the id where it is a UUIDv7. */
  createdAt(row: number): number | undefined {
    const at = this.#createdAt[row] as number;
    return at === 0 ? undefined : at;
  }

  categoryOf(row: number): number | undefined {
    const number = this.#categories[row] as number;
    return number < 0 ? undefined : number;
  }

  show(row: number): ShownProduct {
    const id = this.idOf(row);
    return {
      id,
      sku: this.#skus[row] as string,
      name: this.nameOf(row),
      price: { amount: this.#amounts[row] as number, currency: this.#currencies[row] as string },
      image: this.#images[row] ?? pictureOf(id),
      inStock: ((this.#flags[row] as number) & IN_STOCK) !== 0,
    };
  }

  /** Adds a product, or brings its row up to date; returns the row, and whether its words are others than before. */
  put(product: SearchableProduct): { readonly row: number; readonly reworded: boolean } {
    const known = this.#rows.get(product.id);
    const row = known ?? this.#ids.length;
    if (known === undefined) this.#add(product.id, row);
    const before = known === undefined ? undefined : this.#wordingOf(row);
    if (known !== undefined && this.#skus[row] !== product.sku) this.#bySku.delete(this.#skus[row] as string);
    this.#skus[row] = product.sku;
    this.#bySku.set(product.sku, row);
    this.#names[row] = product.name;
    this.#images[row] = product.image === pictureOf(product.id) ? null : product.image;
    this.#currencies[row] = product.price.currency;
    this.#amounts[row] = product.price.amount;
    this.#popularity[row] = product.popularity;
    this.#versions[row] = product.version;
    this.#categories[row] = product.category === null ? -1 : this.#categoryNumber(product.category.id);
    const active = product.status === 'active';
    this.#setActive(row, active);
    this.#flags[row] = (active ? ACTIVE : 0) | (product.inStock ? IN_STOCK : 0);
    const reworded = before !== this.#wordingOf(row);
    if (reworded) this.words.put(row, wordsOf(product));
    return { row, reworded };
  }

  remove(id: string, version: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    this.#setActive(row, false);
    this.#flags[row] = 0;
    this.#versions[row] = version;
    if (this.#bySku.get(this.#skus[row] as string) === row) this.#bySku.delete(this.#skus[row] as string);
  }

  /** Frees what lies outside the JavaScript heap: nothing is asked of its words from then on. */
  close(): void {
    this.words.close();
  }

  #setActive(row: number, active: boolean): void {
    this.#active += Number(active) - Number(this.isActive(row));
    const bit = 1 << (row & 31);
    const word = this.#activeBits[row >> 5] as number;
    this.#activeBits[row >> 5] = active ? word | bit : word & ~bit;
  }

  /** What words are made of. A change of the brand alone shows when all is built anew. */
  #wordingOf(row: number): string {
    return `${this.#names[row]}\n${this.#categories[row]}\n${this.#amounts[row]}`;
  }

  #add(id: string, row: number): void {
    this.#rows.set(id, row);
    this.#ids.push(id);
    if (row >= this.#flags.length) this.#grow();
    this.#createdAt[row] = timeOf(id);
  }

  #grow(): void {
    const room = 2 * this.#flags.length;
    const float = (old: Float64Array): Float64Array<ArrayBuffer> => {
      const more = new Float64Array(room);
      more.set(old);
      return more;
    };
    [this.#amounts, this.#popularity, this.#createdAt] = [
      float(this.#amounts),
      float(this.#popularity),
      float(this.#createdAt),
    ];
    const [versions, categories, flags] = [new Uint32Array(room), new Int32Array(room), new Uint8Array(room)];
    const activeBits = new Uint32Array(room / 32);
    activeBits.set(this.#activeBits);
    this.#activeBits = activeBits;
    versions.set(this.#versions);
    categories.set(this.#categories);
    flags.set(this.#flags);
    [this.#versions, this.#categories, this.#flags] = [versions, categories, flags];
  }

  #categoryNumber(id: string): number {
    let number = this.#categoryNumbers.get(id);
    if (number === undefined) this.#categoryNumbers.set(id, (number = this.#categoryNumbers.size));
    return number;
  }
}

/** The address that the catalogue gives to a product without a picture of its own: not worth keeping a million times. */
const pictureOf = (id: string): string => `/media/products/${id}.svg`;

/** The moment in an id `prd_` and UUIDv7; 0 for other ids. */
function timeOf(id: string): number {
  const match = /^prd_([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id);
  return match ? parseInt(`${match[1]}${match[2]}`, 16) : 0;
}
