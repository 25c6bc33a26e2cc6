import { useQuery } from '@tanstack/react-query';
import { useMemo, useSyncExternalStore } from 'react';
import { cartApi, type Cart, type CartKey } from '../api/cart';
import { BrowserStore } from '../lib/browser-store';
import { inOneWindow } from '../lib/locks';
import { visitorId } from '../tracking/visitor';
import { BasketKeeper, type BasketState } from './keeper';
import { withWanted } from './wanted';

const isKey = (value: unknown): value is CartKey =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as CartKey).id === 'string' &&
  typeof (value as CartKey).token === 'string';

const keys = new BrowserStore<CartKey>('easy11.cart', isKey);

/** The basket of this browser. */
export const basket = new BasketKeeper(cartApi, keys, (task) => inOneWindow('easy11.cart', task), visitorId);

// Another window put something into it, or made it: an error here shows itself on the next look at the basket.
keys.onChange(() => void basket.refresh().catch(() => undefined));

export interface Basket extends BasketState {
  /** With what is wanted and not saved yet. */
  readonly shown: Cart | null | undefined;
  /** Units in it and on their way into it. */
  readonly count: number;
}

/** The basket as it is now, without asking the shop. */
export function useBasket(): Basket {
  const state = useSyncExternalStore(basket.subscribe, basket.snapshot);
  return useMemo(() => {
    const shown = state.cart && withWanted(state.cart, state.wanted);
    return { ...state, shown, count: (shown?.units ?? 0) + state.adding };
  }, [state]);
}

/** Asks the shop for the basket, and again every `everyMs` where that is given: prices and stock move. */
export const useFreshBasket = (everyMs?: number) =>
  useQuery({
    queryKey: ['basket'],
    queryFn: async ({ signal }) => (await basket.refresh(signal))?.version ?? null,
    staleTime: everyMs === undefined ? 60_000 : 0,
    refetchInterval: everyMs ?? false,
  });
