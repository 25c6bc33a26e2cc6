import { get, newRequestKey, send, sendText } from './client';
import type { Money } from './types';

/** Where the shop sells, and what is paid there. */
export interface Market {
  readonly country: string;
  readonly state: string | null;
  readonly currencies: readonly string[];
}

export interface PaymentMethod {
  readonly method: string;
  readonly name: string;
  /** Whether the answer comes at once, or the payer confirms it elsewhere first. */
  readonly confirms: 'at-once' | 'later';
}

export interface PaymentOffer {
  readonly data: readonly PaymentMethod[];
  /** Who takes the money; null where payments are off. These pages can only pay at the sandbox. */
  readonly provider: string | null;
}

export interface Address {
  readonly name: string;
  readonly lines: readonly string[];
  readonly city: string;
  readonly postcode: string;
  readonly country: string;
  readonly state?: string | undefined;
}

export interface CheckoutRequest {
  readonly quoteId: string;
  readonly method: string;
  readonly token: string;
  readonly email: string;
  readonly shippingAddress: Address;
  /** Where a payer comes back to from their bank; `{order}` becomes the order's id. */
  readonly returnUrl: string;
}

/** What the payer has still to do elsewhere. */
export type NextAction = { readonly expiresAt: string | null } & (
  | { readonly type: 'pix'; readonly code: string; readonly url: string | null }
  | { readonly type: 'upi'; readonly uri: string | null; readonly url: string | null }
  | { readonly type: 'mandate'; readonly reference: string | null; readonly url: string }
  | { readonly type: 'redirect'; readonly url: string }
);

export type OrderState =
  'pending' | 'in-review' | 'confirmed' | 'dispatching' | 'dispatched' | 'cancelling' | 'cancelled';

export interface Order {
  readonly id: string;
  readonly state: OrderState;
  readonly reason: string | null;
  readonly email: string | null;
  readonly shippingAddress: Address;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly subtotal: Money }[];
  readonly subtotal: Money;
  readonly discount: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly taxIncluded: boolean;
  /** Null where there is nothing to pay. */
  readonly payment: { readonly nextAction: NextAction | null } | null;
  readonly createdAt: string;
}

export async function fetchMarkets(signal: AbortSignal): Promise<readonly Market[]> {
  return (await get<{ data: readonly Market[] }>('/v1/markets', signal)).data;
}

export async function fetchPaymentMethods(
  country: string,
  currency: string,
  signal: AbortSignal,
): Promise<PaymentOffer> {
  const query = new URLSearchParams({ country, currency });
  return get<PaymentOffer>(`/v1/payment-methods?${query}`, signal);
}

/** How long the shop may wait for the payment before it answers, in milliseconds. */
const WAIT_MS = 1_500;

/** The request that places an order, to the byte: sent again like this, it places no second one. */
export interface CheckoutCall {
  readonly path: string;
  readonly text: string;
  readonly key: string;
}

export const checkoutCall = (request: CheckoutRequest, key: string): CheckoutCall => ({
  path: `/v1/checkout?wait=${WAIT_MS}`,
  text: JSON.stringify(request),
  key,
});

/** Places the order; the same call places it once, however often it is made. */
export const checkOut = async ({
  path,
  text,
  key,
}: CheckoutCall): Promise<{ readonly order: Order; readonly orderToken: string }> =>
  (await sendText('POST', path, { 'Idempotency-Key': key }, text)) as { order: Order; orderToken: string };

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

export const fetchOrder = (id: string, token: string, signal: AbortSignal): Promise<Order> =>
  get<Order>(`/v1/orders/${encodeURIComponent(id)}`, signal, bearer(token));

export const cancelOrder = async (id: string, token: string): Promise<Order> => {
  const headers = { ...bearer(token), 'Idempotency-Key': newRequestKey() };
  return (await send('POST', `/v1/orders/${encodeURIComponent(id)}/cancellation`, headers)) as Order;
};
