import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { requestQuote, type Cart, type QuoteRequest } from '../api/cart';
import { ApiError } from '../api/client';
import { fetchMarkets, fetchOrder, fetchPaymentMethods, type OrderState } from '../api/orders';
import { basket } from '../cart/basket';

export const useMarkets = () =>
  useQuery({ queryKey: ['markets'], queryFn: ({ signal }) => fetchMarkets(signal), staleTime: 3_600_000 });

export const usePaymentMethods = (country: string, currency: string) =>
  useQuery({
    queryKey: ['payment-methods', country, currency],
    queryFn: ({ signal }) => fetchPaymentMethods(country, currency, signal),
    staleTime: 300_000,
    enabled: country !== '' && currency !== '',
  });

/** Shorter than a quote is valid: whoever waits sees its renewal before checkout refuses it. */
const QUOTE_FRESH_MS = 600_000;

/** A stored quote of the cart at a destination; a new one when either changes. The one before stays in sight until it is there. */
export const useQuote = (cart: Cart, request: QuoteRequest | undefined) =>
  useQuery({
    queryKey: ['quote', cart.id, cart.version, request],
    queryFn: () => {
      const { key } = basket;
      if (!key || !request) throw new Error('there is no basket, or no destination');
      return requestQuote(key, request);
    },
    enabled: request !== undefined,
    staleTime: QUOTE_FRESH_MS,
    refetchInterval: QUOTE_FRESH_MS,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });

/** How soon an order is looked at again, in milliseconds; false when nothing more will happen to it. */
const PAUSES: Readonly<Record<OrderState, number | false>> = {
  pending: 1_000,
  'in-review': 5_000,
  confirmed: 5_000,
  dispatching: 1_000,
  dispatched: false,
  cancelling: 1_000,
  cancelled: false,
};

/** An order, followed for as long as something may happen to it. */
export const useOrder = (id: string, token: string | undefined) =>
  useQuery({
    queryKey: ['order', id],
    queryFn: ({ signal }) => fetchOrder(id, token ?? '', signal),
    enabled: token !== undefined,
    staleTime: 0,
    refetchInterval: ({ state: { data, error } }) => {
      const pause = data ? PAUSES[data.state] : 3_000;
      // Never sooner than the shop wants to be asked again.
      return pause && error instanceof ApiError ? Math.max(pause, error.retryAfterMs) : pause;
    },
  });
