import type { ProductCost, SearchableProduct } from '../catalogue';

export type InteractionKind = 'view' | 'click' | 'add' | 'purchase';

/** Somebody did something with a product, as the contexts that know it tell. */
export interface SourceInteraction {
  /** `vis_…`, `cus_…`, or the id of an order by nobody in particular. */
  readonly user: string;
  readonly product: { readonly id: string } | { readonly sku: string };
  readonly kind: InteractionKind;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What a visitor did, as it is kept for answers. */
export interface HeardEvent {
  /** The event's own id: heard twice, it counts once. */
  readonly id: string;
  readonly productId: string;
  readonly kind: InteractionKind;
  readonly at: number;
}

/** What was bought in an order: `customer` is null where nobody can be told. */
export interface Bought {
  readonly customer: string | null;
  readonly sku: string;
  readonly at: number;
}

/** What recommendations need of the contexts that they may not enter; wired in `src/recommending.ts`. */
export interface Sources {
  readonly products: () => AsyncIterable<SearchableProduct>;
  /** What the products that have a cost are sold for and cost. */
  readonly costs: () => AsyncIterable<ProductCost>;
  /** The same of some: events do not carry it. */
  readonly costsOf: (productIds: readonly string[]) => Promise<readonly ProductCost[]>;
  /** Everything there is to learn from. */
  readonly interactions: () => AsyncIterable<SourceInteraction>;
  /** The last events of a visitor, the newest first. */
  readonly visitor: (visitorId: string, most: number) => Promise<readonly HeardEvent[]>;
  /** The products in the greatest demand, the greatest first. */
  readonly demand: (most: number) => Promise<readonly { readonly productId: string; readonly demand: number }[]>;
  /** What was bought after a moment. */
  readonly boughtSince: (at: number) => AsyncIterable<Bought>;
  /** What was bought in these orders. */
  readonly boughtIn: (orderIds: readonly string[]) => Promise<readonly Bought[]>;
  /** The type of the event that says that an order stands. */
  readonly orderConfirmed: string;
}
