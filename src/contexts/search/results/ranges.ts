import { RangeIndex, type RangeRow, type RangeSchema, type RowWithId, type Where } from '../../../core';
import type { Conditions, Counts, Place, Question, Selection } from './conditions';
import { stepOf } from './price-ladder';
import type { ProductRows } from './product-rows';
import { firstRows, scanMatches } from './scan';

/** Facets of RangeIndex have at most 16,383 values, and fewer when several are counted at once; with more: scans. */
const MOST_VALUES = 15_000;

const SCHEMA: RangeSchema = {
  numbers: { price: { tree: true }, popularity: { tree: true }, createdAt: { tree: true } },
  facets: ['category', 'brand', 'step'],
  flags: ['inStock', 'late'],
};

/** The same products in a RangeIndex, which answers about many of them without looking at each. */
export class Ranges {
  #index: RangeIndex | undefined;

  private constructor(
    private readonly products: ProductRows,
    index: RangeIndex | undefined,
  ) {
    this.#index = index;
  }

  /** Rejects when `signal` is aborted. */
  static async build(products: ProductRows, signal: AbortSignal): Promise<Ranges> {
    if (tooMany(products)) return new Ranges(products, undefined);
    return new Ranges(products, await RangeIndex.build(SCHEMA, everyRow(products), { signal }));
  }

  /** Whether it can be asked. */
  get usable(): boolean {
    return this.#index !== undefined;
  }

  put(row: number): void {
    if (tooMany(this.products)) return this.close();
    this.#index?.set(row, valuesOf(this.products, row));
  }

  remove(row: number): void {
    this.#index?.delete(row);
  }

  close(): void {
    this.#index?.close();
    this.#index = undefined;
  }

  /** Answers about all products. Undefined when it is not usable. */
  select(question: Question): Selection | undefined {
    const index = this.#index;
    if (!index) return undefined;
    const { conditions, count } = question;
    const where = this.#where(conditions);
    const counts = count ? this.#count(index, conditions, where) : undefined;
    const total = where === undefined ? 0 : index.count(where);
    const rows = where === undefined ? [] : this.#page(index, where, question);
    return { total, rows, tiers: rows.map(() => 0), counts };
  }

  /** The index breaks ties by row, which is right for rows in order; late ones are looked at one by one. */
  #page(index: RangeIndex, where: Where, question: Question): number[] {
    const { late } = this.products;
    const { order, after, limit } = question;
    if (late.size === 0) return pageOf(index, where, order, after, limit);
    const inOrder = pageOf(index, { ...where, late: false }, order, after, limit);
    const matches = { rows: late.rows, tiers: new Uint8Array(late.size), exact: late.size };
    const others = scanMatches(this.products, matches, { ...question, count: false }).rows;
    return firstRows(this.products, order, [...inOrder, ...others], limit);
  }

  #count(index: RangeIndex, conditions: Conditions, where: Where | undefined): Counts {
    const { categories, brands, price, inStock } = conditions;
    const none = new Uint32Array(0);
    // A facet without a condition of its own counts what matches: all of those in one pass, or, where a single range
    // matches, from the nodes of its tree. The others take a pass each, without their condition.
    const free = [
      ...(categories ? [] : ['category']),
      ...(brands ? [] : ['brand']),
      ...(price ? [] : ['step']),
      ...(inStock === undefined ? ['inStock'] : []),
    ];
    const single = !categories && !brands && inStock === undefined;
    const together = where && !single ? index.page({ where, facets: free }).facets : undefined;
    const counted = (name: string, without: Partial<Conditions>): Uint32Array => {
      const ready = together?.[name];
      if (ready) return byCode(index, name, ready);
      const others = this.#where({ ...conditions, ...without });
      return others ? byCode(index, name, index.facetCounts(name, others)) : none;
    };
    const stock = counted('inStock', { inStock: undefined });
    return {
      category: counted('category', { categories: undefined }),
      brand: counted('brand', { brands: undefined }),
      inStock: [stock[0] ?? 0, stock[1] ?? 0],
      price: counted('step', { price: undefined }),
    };
  }

  /** Undefined when nothing can meet the conditions. */
  #where({ categories, brands, price, inStock, comparable }: Conditions): Where | undefined {
    if (categories?.length === 0 || brands?.length === 0) return undefined;
    return {
      ...(price || comparable ? { price: price ?? { gte: 0 } } : {}),
      ...(inStock === undefined ? {} : { inStock }),
      ...(brands ? { brand: brands.map(String) } : {}),
      // Last: it may have many values, which are looked up row by row when few rows are left.
      ...(categories ? { category: categories.map(String) } : {}),
    };
  }
}

function pageOf(
  index: RangeIndex,
  where: Where,
  { by, descending }: Question['order'],
  after: Place | undefined,
  limit: number,
): number[] {
  const behind = after && { after: positionOf(after, descending) };
  return index.list({ by, order: descending ? 'desc' : 'asc', where, limit, ...behind }).map(({ id }) => id);
}

const GREATEST_ROW = 2 ** 27 - 1;

/**
 * Half a row behind a row, a list goes on behind it upwards, and downwards from the next one. Before every row with its
 * value is behind the last row with the value before: prices, the only ones that ascend, are whole.
 */
function positionOf({ value, row }: Place, descending: boolean): { id: number; value: number } {
  if (descending) return { id: Math.max(0, Math.ceil(row)), value };
  return row < 0 ? { id: GREATEST_ROW, value: value - 1 } : { id: Math.floor(row), value };
}

/** Counts by our codes of counts by the index's own. */
function byCode(index: RangeIndex, facet: string, counts: Uint32Array): Uint32Array {
  const values = index.facetValues(facet);
  const result: number[] = [];
  for (let own = 0; own < counts.length; own++) {
    // A flag is 0 or 1, a code of ours is written in figures, and no value is 0.
    const code = Number(values[own] ?? 0);
    while (result.length <= code) result.push(0);
    result[code] = counts[own] as number;
  }
  return Uint32Array.from(result);
}

function valuesOf(products: ProductRows, row: number): RangeRow {
  const { price, popularity, createdAt, category, brand, inStock } = products.read(row);
  const facet = (code: number): string | null => (code === 0 ? null : String(code));
  return {
    price,
    popularity,
    createdAt,
    category: facet(category),
    brand: facet(brand),
    step: price === null ? null : String(stepOf(price)),
    inStock,
    late: products.isLate(row),
  };
}

function* everyRow(products: ProductRows): Generator<RowWithId> {
  for (let row = 0; row < products.size; row++) {
    if (products.holds(row)) yield { id: row, ...valuesOf(products, row) };
  }
}

const tooMany = ({ categories, brands }: ProductRows): boolean =>
  Math.max(categories.values.length, brands.values.length) > MOST_VALUES;
