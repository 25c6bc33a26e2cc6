import { streamPastPurchases } from './contexts/analytics';
import { streamPurchases } from './contexts/orders';
import { customerKey, type InteractionKind, type SourceInteraction } from './contexts/recommendations';
import { streamInteractions, type ProductEvent } from './contexts/tracking';
import type { Database } from './platform/database';

export const INTERACTION_KINDS: Readonly<Record<ProductEvent['type'], InteractionKind>> = {
  view: 'view',
  click: 'click',
  add_to_cart: 'add',
  purchase: 'purchase',
};

/** What anybody did with a product, as recommendations learn from it: past orders, orders, and the events that tracking keeps. */
export async function* streamAllInteractions(database: Database): AsyncGenerator<SourceInteraction> {
  for await (const { source, invoice, customer, sku, at } of streamPastPurchases(database)) {
    const user = customer === null ? `past:${source}:${invoice}` : customerKey(`${source}:${customer}`);
    yield { user, product: { sku }, kind: 'purchase', at };
  }
  for await (const { orderId, email, sku, at } of streamPurchases(database))
    yield { user: email === null ? orderId : customerKey(email), product: { sku }, kind: 'purchase', at };
  for await (const { visitorId, productId, type, at } of streamInteractions(database))
    yield { user: visitorId, product: { id: productId }, kind: INTERACTION_KINDS[type], at };
}
