/** What a shopper has chosen, in the numbers of ProductRows. */
export interface Conditions {
  /** Category codes that will do; undefined: any. */
  readonly categories: readonly number[] | undefined;
  readonly brands: readonly number[] | undefined;
  readonly price: { readonly gte: number; readonly lte: number } | undefined;
  readonly inStock: boolean | undefined;
  /** Only products whose price can be compared. */
  readonly comparable: boolean;
}

export type OrderBy = 'price' | 'popularity' | 'createdAt';

/** An order of results: by how well the text matches first, if so, then by a number, then by id. */
export interface Order {
  readonly by: OrderBy;
  readonly descending: boolean;
  readonly tiers: boolean;
}

/** A place in an order, whether a product stands there or not. */
export interface Place {
  readonly tier: number;
  readonly value: number;
  readonly id: string;
  /** Where the id stands among the rows in order (ProductRows.placeOf). */
  readonly row: number;
}

/** Products by value of each facet, by code; a facet's own condition does not count for it. */
export interface Counts {
  readonly category: ArrayLike<number>;
  readonly brand: ArrayLike<number>;
  /** Not in stock, in stock. */
  readonly inStock: readonly [number, number];
  /** By step of the price ladder. */
  readonly price: ArrayLike<number>;
}

export interface Selection {
  readonly total: number;
  readonly rows: readonly number[];
  /** The tiers of `rows`. */
  readonly tiers: readonly number[];
  readonly counts: Counts | undefined;
}

export interface Question {
  readonly conditions: Conditions;
  readonly order: Order;
  readonly after: Place | undefined;
  readonly limit: number;
  /** Whether facets are to be counted. */
  readonly count: boolean;
}
