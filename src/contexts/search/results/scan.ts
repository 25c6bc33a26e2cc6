import type { Conditions, Counts, Order, OrderBy, Place, Question, Selection } from './conditions';
import type { ProductRows } from './product-rows';
import * as layout from './product-rows';
import type { Matches } from './text-matches';

/** Copies: under tsx, which runs the bench, each use of an import calls a getter, which costs more than the loops below do with it. */
const { BRAND, CATEGORY, CREATED_AT, DOUBLES, IN_STOCK, INTEGERS, NO_STEP, POPULARITY, PRICE, STATE, STEP_SHIFT } =
  layout;

/** Which condition a row failed. */
const FAILED_PRICE = 1;
const FAILED_CATEGORY = 2;
const FAILED_BRAND = 3;
const FAILED_STOCK = 4;

/**
 * Answers from the rows that match a text, in one pass: a row that fails no condition is a result and counts everywhere; one
 * that fails a single condition counts for that facet alone, since a facet's own choice does not narrow its counts.
 * O(rows), whatever the conditions.
 */
export function scanMatches(products: ProductRows, matches: Matches, question: Question): Selection {
  const { conditions, order, after, limit, count } = question;
  const best = new Best(products, order, after, limit);
  const counts = count ? new Tally(products) : undefined;
  const total = visit(products, matches, conditions, best, counts);
  return { total, ...best.found(), counts: counts?.counts() };
}

/**
 * The pass itself, in a function of its own that ends with its loop: V8 enters a long loop in code that was optimised before
 * what follows the loop ever ran, and gives that code up there, call after call.
 */
function visit(
  products: ProductRows,
  { rows, tiers }: Matches,
  conditions: Conditions,
  best: Best,
  counts: Tally | undefined,
): number {
  const { doubles, integers } = products;
  const categories = maskOf(conditions.categories, products.categories.values.length);
  const brands = maskOf(conditions.brands, products.brands.values.length);
  const { gte = 0, lte = 0 } = conditions.price ?? {};
  const priced = conditions.price !== undefined;
  const { comparable } = conditions;
  const stock = conditions.inStock === undefined ? -1 : Number(conditions.inStock);
  let total = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number;
    const amount = doubles[row * DOUBLES + PRICE] as number;
    if (comparable && amount !== amount) continue;
    const at = row * INTEGERS;
    const category = integers[at + CATEGORY] as number;
    const brand = integers[at + BRAND] as number;
    const state = integers[at + STATE] as number;
    let fails = 0;
    let failed = 0;
    if (priced && !(amount >= gte && amount <= lte)) {
      fails++;
      failed = FAILED_PRICE;
    }
    if (categories && categories[category] === 0) {
      fails++;
      failed = FAILED_CATEGORY;
    }
    if (brands && brands[brand] === 0) {
      fails++;
      failed = FAILED_BRAND;
    }
    if (stock >= 0 && (state & IN_STOCK) !== stock) {
      fails++;
      failed = FAILED_STOCK;
    }
    if (fails > 1) continue;
    if (fails === 0) {
      total++;
      best.offer(row, tiers[i] as number);
    }
    if (!counts) continue;
    if (fails === 0 || failed === FAILED_CATEGORY) addOne(counts.category, category);
    if (fails === 0 || failed === FAILED_BRAND) addOne(counts.brand, brand);
    if (fails === 0 || failed === FAILED_STOCK) addOne(counts.stock, state & IN_STOCK);
    if (fails === 0 || failed === FAILED_PRICE) addOne(counts.price, state >>> STEP_SHIFT);
  }
  return total;
}

function addOne(counts: Uint32Array, at: number): void {
  counts[at] = (counts[at] as number) + 1;
}

function maskOf(codes: Conditions['categories'], size: number): Uint8Array | undefined {
  if (codes === undefined) return undefined;
  const mask = new Uint8Array(size);
  for (const code of codes) mask[code] = 1;
  return mask;
}

class Tally {
  readonly category: Uint32Array;
  readonly brand: Uint32Array;
  readonly stock = new Uint32Array(2);
  readonly price = new Uint32Array(NO_STEP + 1);

  constructor({ categories, brands }: ProductRows) {
    this.category = new Uint32Array(categories.values.length);
    this.brand = new Uint32Array(brands.values.length);
  }

  counts(): Counts {
    const [out = 0, available = 0] = this.stock;
    return {
      category: this.category,
      brand: this.brand,
      inStock: [out, available],
      price: this.price.subarray(0, NO_STEP),
    };
  }
}

const COLUMNS: Readonly<Record<OrderBy, number>> = { price: PRICE, popularity: POPULARITY, createdAt: CREATED_AT };

/** The first `limit` rows of an order behind a place. Few of many are ever kept: a row is compared with the last one first. */
class Best {
  readonly #doubles: Float64Array;
  readonly #column: number;
  readonly #sign: number;
  readonly #rows: number[] = [];
  readonly #tiers: number[] = [];
  /** The last of those kept: nearly every row is behind it. */
  #last = { tier: 0, value: 0, row: 0 };

  constructor(
    private readonly products: ProductRows,
    private readonly order: Order,
    private readonly after: Place | undefined,
    private readonly limit: number,
  ) {
    this.#doubles = products.doubles;
    this.#column = COLUMNS[order.by];
    this.#sign = order.descending ? -1 : 1;
  }

  offer(row: number, matched: number): void {
    const tier = this.order.tiers ? matched : 0;
    const value = this.#valueOf(row);
    if (this.after && !this.#isBehind(tier, value, row, this.after)) return;
    const rows = this.#rows;
    if (rows.length === this.limit) {
      const { tier: lastTier, value: lastValue, row: lastRow } = this.#last;
      if (this.#compare(tier, value, row, lastTier, lastValue, lastRow) >= 0) return;
      rows.pop();
      this.#tiers.pop();
    }
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = rows[middle] as number;
      if (this.#compare(tier, value, row, this.#tiers[middle] as number, this.#valueOf(other), other) > 0)
        low = middle + 1;
      else high = middle;
    }
    rows.splice(low, 0, row);
    this.#tiers.splice(low, 0, tier);
    const last = rows[rows.length - 1] as number;
    this.#last = { tier: this.#tiers[rows.length - 1] as number, value: this.#valueOf(last), row: last };
  }

  found(): { readonly rows: readonly number[]; readonly tiers: readonly number[] } {
    return { rows: this.#rows, tiers: this.#tiers };
  }

  #valueOf(row: number): number {
    return this.#doubles[row * DOUBLES + this.#column] as number;
  }

  #compare(tier: number, value: number, row: number, otherTier: number, otherValue: number, otherRow: number): number {
    if (tier !== otherTier) return tier - otherTier;
    if (value !== otherValue) return value < otherValue ? -this.#sign : this.#sign;
    return this.products.compareIds(row, otherRow) * this.#sign;
  }

  #isBehind(tier: number, value: number, row: number, place: Place): boolean {
    if (tier !== place.tier) return tier > place.tier;
    if (value !== place.value) return value < place.value === this.#sign < 0;
    return this.products.compareToId(row, place.id, place.row) * this.#sign > 0;
  }
}
