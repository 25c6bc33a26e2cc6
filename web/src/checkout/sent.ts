import { useSyncExternalStore } from 'react';
import type { CartKey } from '../api/cart';
import type { CheckoutCall } from '../api/orders';
import { BrowserStore } from '../lib/browser-store';

/** An order that was sent, as it was sent, and what is needed when its answer comes. */
export interface SentOrder extends CheckoutCall {
  /** The names of what is ordered, by sku. */
  readonly names: Readonly<Record<string, string>>;
  /** The products that are ordered, by sku. */
  readonly products?: Readonly<Record<string, string>>;
  readonly basket: CartKey | undefined;
  /** Milliseconds of this browser's clock. */
  readonly at: number;
}

const isSent = (value: unknown): value is SentOrder => {
  if (typeof value !== 'object' || value === null) return false;
  const { path, text, key, names, at } = value as Record<string, unknown>;
  const isText = [path, text, key].every((part) => typeof part === 'string');
  return isText && typeof names === 'object' && names !== null && typeof at === 'number';
};

const store = new BrowserStore<SentOrder>('easy11.checkout', isSent);
const listeners = new Set<() => void>();
let known = store.read();

function tell(): void {
  known = store.read();
  for (const listener of listeners) listener();
}
store.onChange(tell);

/**
 * The order of this browser that has no answer yet. It is written down before it is sent and forgotten when the shop has
 * answered, so that a lost connection or a closed window leaves behind what has to be asked again.
 */
export const sentOrder = {
  read: (): SentOrder | undefined => store.read(),
  /** Writes an order down, unless there is one without an answer already, of this window or another; whichever it then is. */
  claim(order: SentOrder): SentOrder {
    const before = store.read();
    if (before) return before;
    store.write(order);
    tell();
    return order;
  },
  forget({ key }: SentOrder): void {
    if (store.read()?.key === key) store.write(undefined);
    tell();
  },
};

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** The order of this browser that has no answer yet. */
export const useSentOrder = (): SentOrder | undefined => useSyncExternalStore(subscribe, () => known);
