/** What a shopper did, as the shop takes it (docs/guides/tracking.md), without what every event has. */
export type Happening =
  | { readonly type: 'view'; readonly productId: string; readonly slot?: string }
  | { readonly type: 'search'; readonly query: string; readonly results: number }
  | {
      readonly type: 'click';
      readonly productId: string;
      readonly slot: string;
      /** From 0. */
      readonly position: number;
      readonly query?: string;
    }
  | { readonly type: 'add_to_cart'; readonly productId: string; readonly quantity: number; readonly slot?: string }
  | { readonly type: 'purchase'; readonly productId: string; readonly orderId: string; readonly quantity: number }
  | { readonly type: 'exposure'; readonly experiment: string; readonly variant: string };

/** A happening on its way to the shop. */
export type ShopEvent = Happening & {
  /** `evt_` and a UUIDv7: made when it happens, and the same each time it is sent. */
  readonly id: string;
  readonly visitorId: string;
  readonly consent: true;
};
