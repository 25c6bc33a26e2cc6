import { STEPS, stepOf } from './price-ladder';

/** Values of a facet by number; 0 is no value. Numbers are not given twice. */
export class Codes {
  readonly values: (string | null)[] = [null];
  readonly #codes = new Map<string, number>();

  codeOf(value: string | null): number {
    if (value === null) return 0;
    let code = this.#codes.get(value);
    if (code === undefined) {
      code = this.values.push(value) - 1;
      this.#codes.set(value, code);
    }
    return code;
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
 * Products as rows. Row numbers go up with the ids at the build, and a product that comes later gets the next: ties of an
 * order go by row, so that they go by id. A product that goes and comes back has its row again.
 */
export class ProductRows {
  readonly ids: string[] = [];
  readonly categories = new Codes();
  readonly brands = new Codes();
  readonly #rowOf = new Map<string, number>();
  #live = 0;
  /** How many of the first rows are in order of their ids. */
  #inOrder = 0;
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

  /** The row behind which a product of that id stands: its own, or that of the greatest lesser id; -1 before all. */
  placeOf(id: string): number {
    const row = this.#rowOf.get(id);
    if (row !== undefined) return row;
    let low = 0;
    let high = this.#inOrder;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.ids[middle] as string) < id) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Adds or replaces a product; returns its row. */
  put(id: string, { price, popularity, createdAt, category, brand, inStock }: RowValues): number {
    let row = this.#rowOf.get(id);
    if (row === undefined) {
      row = this.ids.length;
      if (row === this.#inOrder && (row === 0 || (this.ids[row - 1] as string) < id)) this.#inOrder++;
      this.ids.push(id);
      this.#rowOf.set(id, row);
      if (row * DOUBLES === this.doubles.length) this.#grow();
    }
    if (!this.holds(row)) this.#live++;
    const step = price === null ? NO_STEP : stepOf(price);
    this.doubles[row * DOUBLES + PRICE] = price ?? NaN;
    this.doubles[row * DOUBLES + POPULARITY] = popularity;
    this.doubles[row * DOUBLES + CREATED_AT] = createdAt;
    this.integers[row * INTEGERS + CATEGORY] = this.categories.codeOf(category);
    this.integers[row * INTEGERS + BRAND] = this.brands.codeOf(brand);
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
    if (this.holds(row)) this.#live--;
    this.integers[row * INTEGERS + STATE] = 0;
  }

  #grow(): void {
    const larger = new Float64Array(this.doubles.length * 2);
    larger.set(this.doubles);
    this.doubles = larger;
    this.integers = new Uint32Array(larger.buffer);
  }
}
