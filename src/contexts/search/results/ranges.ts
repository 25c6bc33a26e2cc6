import { RangeIndex, type RangeRow, type RangeSchema, type RowWithId, type Where } from '../../../core';
import type { Counts, Place, Question, Selection, Conditions } from './conditions';
import { stepOf } from './price-ladder';
import type { ProductRows } from './product-rows';
import { scanMatches } from './scan';
import type { TextMatches } from './text-matches';

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

  /**
   * Answers about the products that match a text, or about all. Undefined when it is not usable, or too many values were
   * chosen. Counting looks once at each that fails at most one of the conditions, 64 at a time; the page is mostly walked to.
   */
  select(question: Question, matches?: TextMatches): Selection | undefined {
    const index = this.#index;
    const { conditions, count } = question;
    if (!index || (conditions.categories?.length ?? 0) + (conditions.brands?.length ?? 0) > MOST_CHOSEN)
      return undefined;
    const where = whereOf(conditions);
    const named = matches ? { ...where, id: matches.ids } : where;
    const page = index.page({ where: named, facets: count ? FACETS : [], without: WITHOUT, named: MOST_NAMED });
    const found = page.named ? this.#first(page.named, question, matches) : this.#page(index, where, question, matches);
    return { total: page.rows, ...found, counts: count ? countsOf(index, page.facets) : undefined };
  }

  /** The first of few rows that meet all conditions: to compare them costs less than to come upon them in the order of all. */
  #first(rows: Uint32Array, question: Question, matches: TextMatches | undefined): Pick<Selection, 'rows' | 'tiers'> {
    const tiers = new Uint8Array(rows.length);
    if (matches) rows.forEach((row, i) => (tiers[i] = matches.tierOf(row)));
    return scanMatches(this.products, { rows, tiers }, { ...question, count: false });
  }

  /** The index breaks ties by row, which is right for rows in order; late ones are looked at one by one. */
  #page(
    index: RangeIndex,
    conditions: Where,
    question: Question,
    matches: TextMatches | undefined,
  ): Pick<Selection, 'rows' | 'tiers'> {
    const { late } = this.products;
    const { order, after, limit } = question;
    const where = late.size === 0 ? conditions : { ...conditions, late: false };
    const rows: number[] = [];
    const tiers: number[] = [];
    const byTier = order.tiers && matches ? matches.byTier : [{ tier: 0, ids: () => matches?.ids }];
    for (const { tier, ids } of byTier) {
      if (rows.length === limit) break;
      if (order.tiers && after && tier < after.tier) continue;
      const behind = after && (!order.tiers || tier === after.tier) ? after : undefined;
      const named = ids();
      const found = pageOf(index, named ? { ...where, id: named } : where, order, behind, limit - rows.length);
      rows.push(...found);
      tiers.push(...found.map(() => tier));
    }
    if (late.size === 0) return { rows, tiers };
    const tierOf = (row: number): number => (matches ? matches.tierOf(row) : 0);
    const others = late.rows.filter((row) => tierOf(row) >= 0);
    const all = {
      rows: Uint32Array.of(...rows, ...others),
      tiers: Uint8Array.of(...tiers, ...Array.from(others, tierOf)),
    };
    const first = scanMatches(this.products, all, { ...question, count: false });
    return { rows: first.rows, tiers: first.tiers };
  }
}

/** Each facet is counted without the choice made in it. */
const FACETS = ['category', 'brand', 'inStock', 'step'];
const WITHOUT = { category: 'category', brand: 'brand', inStock: 'inStock', step: 'price' };
/** So many rows that meet all conditions are compared with each other, for a page in their order. */
const MOST_NAMED = 900;
/** Categories and brands that can be chosen at once: RangeIndex takes 1,024 values. */
const MOST_CHOSEN = 1000;
/** A value that no product has: codes are written in figures. */
const NOTHING = ['-'];

function whereOf({ categories, brands, price, inStock, comparable }: Conditions): Where {
  const chosen = (codes: readonly number[]): readonly string[] => (codes.length > 0 ? codes.map(String) : NOTHING);
  return {
    ...(price || comparable ? { price: price ?? { gte: 0 } } : {}),
    ...(inStock === undefined ? {} : { inStock }),
    ...(brands ? { brand: chosen(brands) } : {}),
    // Last: it may have many values, which are looked up row by row when few rows are left.
    ...(categories ? { category: chosen(categories) } : {}),
  };
}

function countsOf(index: RangeIndex, facets: Readonly<Record<string, Uint32Array>>): Counts {
  const counted = (name: string): Uint32Array => byCode(index, name, facets[name] as Uint32Array);
  const [out = 0, available = 0] = counted('inStock');
  return { category: counted('category'), brand: counted('brand'), inStock: [out, available], price: counted('step') };
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

/** Counts by our codes of counts by the index's own; rows without a value count nowhere. */
function byCode(index: RangeIndex, facet: string, counts: Uint32Array): Uint32Array {
  const values = index.facetValues(facet);
  // A flag is 0 or 1, a code of ours is written in figures.
  const codes = values.map(Number);
  const result = new Uint32Array(codes.reduce((most, code) => Math.max(most, code), 0) + 1);
  for (let own = 1; own < counts.length; own++) result[codes[own] as number] = counts[own] as number;
  return result;
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
