import { get } from './client';
import type { Money, ShelfItem } from './types';

/** Where recommendations stand. */
export type RecommendationSlot = 'home' | 'product' | 'cart';

export type ReasonCode = 'bought-together' | 'similar' | 'because-you-viewed' | 'popular' | 'trending' | 'new';

export interface Recommendation extends ShelfItem {
  readonly reason: { readonly code: ReasonCode; readonly text: string };
}

export interface RecommendationQuery {
  readonly slot: RecommendationSlot;
  /** The product that is looked at. */
  readonly product?: string;
  /** What is in the basket. */
  readonly products?: readonly string[];
  readonly limit: number;
}

interface Answer {
  readonly items: readonly {
    readonly id: string;
    readonly name: string;
    readonly price: Money;
    readonly image: string;
    readonly inStock: boolean;
    readonly reason: { readonly code: ReasonCode; readonly text: string };
  }[];
}

/** As many products of a basket as the shop looks at. */
const MOST_PRODUCTS = 100;

/** What may please this visitor, or anybody where that is undefined. */
export async function fetchRecommendations(
  { slot, product, products = [], limit }: RecommendationQuery,
  visitor: string | undefined,
  signal: AbortSignal,
): Promise<readonly Recommendation[]> {
  const parameters = new URLSearchParams({ slot, limit: String(limit) });
  if (visitor) parameters.set('visitor', visitor);
  if (product) parameters.set('product', product);
  if (products.length > 0) parameters.set('products', products.slice(0, MOST_PRODUCTS).join(','));
  const { items } = await get<Answer>(`/v1/recommendations?${parameters}`, signal);
  return items.map((item) => ({ ...item, brand: null }));
}
