import { get, newRequestKey, send } from './client';
import type { Money } from './types';

/** What is needed to reach a cart: whoever has both may change it. */
export interface CartKey {
  readonly id: string;
  readonly token: string;
}

export type LineProblem = 'not-for-sale' | 'out-of-stock' | 'short-of-stock' | 'other-currency' | 'too-large';

export interface CartLine {
  readonly sku: string;
  readonly quantity: number;
  readonly productId: string | null;
  readonly name: string | null;
  readonly image: string | null;
  readonly unitPrice: Money | null;
  readonly total: Money | null;
  readonly available: number;
  readonly problem: LineProblem | null;
}

/** The cart's coupon: what it takes off the subtotal, or why it takes nothing off. */
export interface CartCoupon {
  readonly code: string;
  readonly applied: boolean;
  readonly problem: string | null;
  readonly discount: Money | null;
}

export interface Cart {
  readonly id: string;
  readonly version: number;
  readonly currency: string;
  readonly lines: readonly CartLine[];
  readonly units: number;
  readonly subtotal: Money;
  readonly ready: boolean;
  readonly coupon: CartCoupon | null;
}

export interface Destination {
  readonly country: string;
  readonly state?: string;
}

interface Figures {
  readonly subtotal: Money;
  readonly discount: Money;
  readonly tax: Money;
  readonly total: Money;
}

/** What the cart costs at a destination; checkout charges exactly this until it expires. */
export interface Quote extends Figures {
  readonly id: string;
  readonly currency: string;
  readonly lines: readonly ({ readonly sku: string; readonly quantity: number } & Figures)[];
  readonly coupon: { readonly code: string; readonly problem: string | null } | null;
  readonly taxIncluded: boolean;
  readonly taxes: readonly { readonly name: string; readonly percent: string; readonly amount: Money }[];
  readonly expiresAt: string;
}

/** What the basket needs of the shop. `visitorId`: of who has agreed to be remembered. */
export interface CartApi {
  create(requestKey: string, visitorId?: string): Promise<Cart & CartKey>;
  read(key: CartKey, signal?: AbortSignal): Promise<Cart>;
  add(key: CartKey, line: { readonly sku: string; readonly quantity: number }, requestKey: string): Promise<Cart>;
  /** A quantity of 0 takes the line out. */
  change(key: CartKey, version: number, sku: string, quantity: number): Promise<Cart>;
  /** Null takes the coupon out. */
  setCoupon(key: CartKey, version: number, code: string | null, visitorId?: string): Promise<Cart>;
  merge(into: CartKey, from: CartKey, requestKey: string): Promise<Cart>;
}

const at = ({ id }: CartKey): string => `/v1/carts/${encodeURIComponent(id)}`;
const own = ({ token }: CartKey): Record<string, string> => ({ 'Cart-Token': token });

export const cartApi: CartApi = {
  create: async (requestKey, visitorId) =>
    (await send('POST', '/v1/carts', { 'Idempotency-Key': requestKey }, { visitorId })) as Cart & CartKey,
  read: (key, signal = new AbortController().signal) => get<Cart>(at(key), signal, own(key)),
  add: async (key, line, requestKey) =>
    (await send('POST', `${at(key)}/lines`, { ...own(key), 'Idempotency-Key': requestKey }, line)) as Cart,
  change: async (key, version, sku, quantity) => {
    const headers = { ...own(key), 'If-Match': `"${version}"` };
    const where = `${at(key)}/lines/${encodeURIComponent(sku)}`;
    return (await (quantity === 0
      ? send('DELETE', where, headers)
      : send('PATCH', where, headers, { quantity }))) as Cart;
  },
  setCoupon: async (key, version, code, visitorId) => {
    const headers = { ...own(key), 'If-Match': `"${version}"` };
    return (await send('PUT', `${at(key)}/coupon`, headers, { code, visitorId })) as Cart;
  },
  merge: async (into, from, requestKey) => {
    const body = { cartId: from.id, token: from.token };
    return (await send('POST', `${at(into)}/merge`, { ...own(into), 'Idempotency-Key': requestKey }, body)) as Cart;
  },
};

export interface QuoteRequest {
  readonly destination: Destination;
  readonly currency?: string;
}

export const requestQuote = async (key: CartKey, request: QuoteRequest): Promise<Quote> =>
  (await send('POST', `${at(key)}/quotes`, { ...own(key), 'Idempotency-Key': newRequestKey() }, request)) as Quote;
