import { Posting } from './posting';
import { STEPS, stepOf } from './price-ladder';

/** The values of a facet that products have now, by number; 0 is no value. The number of a value that nobody has is given again. */
export class Codes {
  /** By number; null where one is free. */
  readonly values: (string | null)[] = [null];
  readonly #codes = new Map<string, number>();
  readonly #uses: number[] = [0];
  readonly #free: number[] = [];

  /** The number of a product's value; `release` it when the product has it no more. */
  take(value: string | null): number {
    if (value === null) return 0;
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.#free.pop() ?? this.values.length;
      this.values[code] = value;
      this.#uses[code] = 0;
      this.#codes.set(value, code);
    }
    this.#uses[code] = (this.#uses[code] as number) + 1;
    return code;
  }

  release(code: number): void {
    const value = this.values[code];
    if (typeof value !== 'string') return;
    const uses = (this.#uses[code] as number) - 1;
    this.#uses[code] = uses;
    if (uses > 0) return;
    this.#codes.delete(value);
    this.values[code] = null;
    this.#free.push(code);
  }

  find(value: string): number | undefined {
    return this.#codes.get(value);
  }
}

/** What filters, facets and orders need to know of a product. */
export interface RowValues {
  /** Minor units of the shop's currency; null for a price in another, which cannot be compared. */
  readonly price: number | null;
  readonly popularity: number;
  readonly createdAt: number;
  readonly category: string | null;
  readonly brand: string | null;
  readonly inStock: boolean;
}

/** The same with the codes of its facets. */
export interface StoredRow extends Omit<RowValues, 'category' | 'brand'> {
  readonly category: number;
  readonly brand: number;
}

/** The step of a price that cannot be compared. */
export const NO_STEP = STEPS;

/**
 * A row is 40 bytes in one place, so that looking at it fetches a line of memory or two, not one for each of its values:
 * three doubles (price, NaN where there is none in the shop's currency; popularity; createdAt), then integers of four bytes
 * (category, brand, and the step of the price ladder above a bit for stock and one for presence), and four bytes of nothing.
 */
export const DOUBLES = 5;
export const INTEGERS = 10;
export const PRICE = 0;
export const POPULARITY = 1;
export const CREATED_AT = 2;
export const CATEGORY = 6;
export const BRAND = 7;
export const STATE = 8;
export const IN_STOCK = 1;
export const PRESENT = 2;
export const STEP_SHIFT = 2;

/**
 * Products as rows. A build brings products in order of their ids, and a product that comes later gets the next row: most
 * rows are in order of their ids, and ties of an order are broken by comparing two numbers. A product that comes after one
 * with a greater id is "late" (a draft that is put on sale; events of two partitions): ties with it compare the ids themselves,
 * so that the order is the same in every process, whatever came first there. A product that goes and comes back has its row
 * again.
 */
export class ProductRows {
  readonly ids: string[] = [];
  readonly categories = new Codes();
  readonly brands = new Codes();
  /** The late rows that hold a product now. */
  readonly late = new Posting();
  readonly #rowOf = new Map<string, number>();
  readonly #lateRows = new Set<number>();
  #live = 0;
  /** All rows before it are in order. */
  #firstLate = Infinity;
  /** The rows in order behind the first late one. */
  readonly #inOrder: number[] = [];
  #greatestId = '';
  /** The rows, as doubles and as integers: they hold until the next `put`. */
  doubles = new Float64Array(1024 * DOUBLES);
  integers = new Uint32Array(this.doubles.buffer);

  /** Row numbers given so far. */
  get size(): number {
    return this.ids.length;
  }

  /** Rows that hold a product now. */
  get live(): number {
    return this.#live;
  }

  rowOf(id: string): number | undefined {
    return this.#rowOf.get(id);
  }

  isLate(row: number): boolean {
    return row >= this.#firstLate && this.#lateRows.has(row);
  }

  /** Which of two rows has the lesser id: negative when it is the first. */
  compareIds(row: number, other: number): number {
    if (row < this.#firstLate && other < this.#firstLate) return row - other;
    if (row === other) return 0;
    if (!this.isLate(row) && !this.isLate(other)) return row - other;
    return (this.ids[row] as string) < (this.ids[other] as string) ? -1 : 1;
  }

  /** The same of a row and an id that stands at `placeOf(id)`. */
  compareToId(row: number, id: string, place: number): number {
    if (!this.isLate(row)) return row - place;
    const own = this.ids[row] as string;
    return own < id ? -1 : own > id ? 1 : 0;
  }

  /** Where an id stands among the rows in order: at its row, or half a row behind that of the greatest lesser id. */
  placeOf(id: string): number {
    const row = this.#rowOf.get(id);
    if (row !== undefined && !this.isLate(row)) return row;
    const first = Math.min(this.#firstLate, this.size);
    const rowAt = (at: number): number => (at < first ? at : (this.#inOrder[at - first] as number));
    let low = 0;
    let high = first + this.#inOrder.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ids[rowAt(middle)] as string) < id) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? -0.5 : rowAt(low - 1) + 0.5;
  }

  /** Adds or replaces a product; returns its row. */
  put(id: string, { price, popularity, createdAt, category, brand, inStock }: RowValues): number {
    let row = this.#rowOf.get(id);
    if (row === undefined) {
      row = this.ids.length;
      this.ids.push(id);
      this.#rowOf.set(id, row);
      this.#place(row, id);
      if (row * DOUBLES === this.doubles.length) this.#grow();
    }
    // The new values first, lest those that stay are given up meanwhile.
    const [newCategory, newBrand] = [this.categories.take(category), this.brands.take(brand)];
    if (this.holds(row)) this.#release(row);
    else {
      this.#live++;
      if (this.isLate(row)) this.late.add(row);
    }
    const step = price === null ? NO_STEP : stepOf(price);
    this.doubles[row * DOUBLES + PRICE] = price ?? NaN;
    this.doubles[row * DOUBLES + POPULARITY] = popularity;
    this.doubles[row * DOUBLES + CREATED_AT] = createdAt;
    this.integers[row * INTEGERS + CATEGORY] = newCategory;
    this.integers[row * INTEGERS + BRAND] = newBrand;
    this.integers[row * INTEGERS + STATE] = (step << STEP_SHIFT) | PRESENT | (inStock ? IN_STOCK : 0);
    return row;
  }

  holds(row: number): boolean {
    return ((this.integers[row * INTEGERS + STATE] as number) & PRESENT) !== 0;
  }

  read(row: number): StoredRow {
    const price = this.doubles[row * DOUBLES + PRICE] as number;
    return {
      price: price === price ? price : null,
      popularity: this.doubles[row * DOUBLES + POPULARITY] as number,
      createdAt: this.doubles[row * DOUBLES + CREATED_AT] as number,
      category: this.integers[row * INTEGERS + CATEGORY] as number,
      brand: this.integers[row * INTEGERS + BRAND] as number,
      inStock: ((this.integers[row * INTEGERS + STATE] as number) & IN_STOCK) !== 0,
    };
  }

  /** Forgets the product of a row, not its number. */
  remove(row: number): void {
    if (!this.holds(row)) return;
    this.#release(row);
    this.#live--;
    if (this.isLate(row)) this.late.remove(row);
    this.integers[row * INTEGERS + STATE] = 0;
  }

  #release(row: number): void {
    this.categories.release(this.integers[row * INTEGERS + CATEGORY] as number);
    this.brands.release(this.integers[row * INTEGERS + BRAND] as number);
  }

  #place(row: number, id: string): void {
    if (id < this.#greatestId) {
      this.#lateRows.add(row);
      this.#firstLate = Math.min(this.#firstLate, row);
      return;
    }
    this.#greatestId = id;
    if (row > this.#firstLate) this.#inOrder.push(row);
  }

  #grow(): void {
    const larger = new Float64Array(this.doubles.length * 2);
    larger.set(this.doubles);
    this.doubles = larger;
    this.integers = new Uint32Array(larger.buffer);
  }
}
