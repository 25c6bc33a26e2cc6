import type { Money } from '../../../src/kernel/money';

export type { Money };

/** Where a category stands: `path` is its address in the shop, such as `kitchen/mugs`. */
export interface CategoryLink {
  readonly id: string;
  readonly path: string;
  readonly name: string;
}

export interface Category extends CategoryLink {
  readonly parentId: string | null;
  readonly productCount: number;
}

/** Half-open range of UTF-16 units, [start, end). */
export type TextRange = readonly [number, number];

export interface Suggestion {
  readonly id: string;
  readonly sku: string;
  readonly text: string;
  readonly highlights: readonly TextRange[];
  readonly brand: string | null;
  readonly category: CategoryLink | null;
  readonly price: Money;
  readonly image: string;
  readonly inStock: boolean;
}

export interface Product {
  readonly id: string;
  readonly sku: string;
  readonly name: string;
  readonly description: string;
  readonly brand: { readonly id: string; readonly name: string } | null;
  readonly category: (CategoryLink & { readonly ancestors: readonly CategoryLink[] }) | null;
  readonly price: Money;
  readonly image: string;
  readonly inStock: boolean;
}

export interface ProductPage {
  readonly data: readonly Product[];
  readonly page: { readonly next: string | null; readonly hasMore: boolean };
}

/** A product in a list of results: what a shelf needs of it. */
export type ShelfItem = Pick<Product, 'id' | 'name' | 'price' | 'image' | 'inStock'> & {
  readonly brand: { readonly name: string } | null;
  /** Why it stands here, where something is known of that. */
  readonly reason?: { readonly text: string };
};

export interface CategoryCount {
  readonly value: string;
  readonly id: string;
  readonly count: number;
}
export interface BrandCount {
  readonly value: string;
  readonly count: number;
}
/** Bin i has the prices from edges[i] to below edges[i + 1]. */
export interface PriceHistogram {
  readonly currency: string;
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}
export interface Facets {
  readonly category: readonly CategoryCount[];
  readonly brand: readonly BrandCount[];
  readonly inStock: readonly { readonly value: boolean; readonly count: number }[];
  readonly price: PriceHistogram;
}
/** What to search for instead. */
export interface OtherWords {
  readonly q: string;
  readonly reason: 'spelling' | 'fewer-words';
  readonly total: number;
}

export interface ResultPage {
  readonly data: readonly ShelfItem[];
  readonly page: { readonly next: string | null; readonly hasMore: boolean };
  readonly total: number;
  /** Of the first page only. */
  readonly facets: Facets | undefined;
  readonly suggestions: readonly OtherWords[];
}
