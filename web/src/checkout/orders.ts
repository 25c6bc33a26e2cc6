import type { CartKey } from '../api/cart';
import type { Order, OrderState } from '../api/orders';
import { BrowserStore } from '../lib/browser-store';
import { purchased } from '../tracking/tracker';

/** What this browser keeps of an order that it placed: without the token nobody gets to see it. */
export interface PlacedHere {
  readonly id: string;
  readonly token: string;
  /** The names of what was ordered, by sku. */
  readonly names: Readonly<Record<string, string>>;
  /** The products that were ordered, by sku. */
  readonly products?: Readonly<Record<string, string>> | undefined;
  /** Whether its purchase has been told of, or passed over because the shopper did not want that. */
  readonly told?: boolean;
  /** The basket that was ordered, to be brought back if nothing comes of it. */
  readonly basket: CartKey | undefined;
}

const isList = (value: unknown): value is readonly PlacedHere[] =>
  Array.isArray(value) &&
  value.every((one: unknown) => {
    if (typeof one !== 'object' || one === null) return false;
    const { id, token, names } = one as Record<string, unknown>;
    return typeof id === 'string' && typeof token === 'string' && typeof names === 'object' && names !== null;
  });

const store = new BrowserStore<readonly PlacedHere[]>('easy11.orders', isList);
const MOST = 50;

export const findPlaced = (id: string): PlacedHere | undefined => store.read()?.find((order) => order.id === id);

/** Remembers an order, the youngest first; of very many the oldest are forgotten. */
export const rememberPlaced = (order: PlacedHere): void =>
  store.write([order, ...(store.read() ?? []).filter(({ id }) => id !== order.id)].slice(0, MOST));

const BOUGHT: ReadonlySet<OrderState> = new Set(['confirmed', 'dispatching', 'dispatched']);

/** Tells once that what is in an order was bought, when it is; what was not to be told then is not told later. */
export function tellOfPurchase({ id, state, lines }: Pick<Order, 'id' | 'state' | 'lines'>): void {
  const placed = findPlaced(id);
  if (!placed || placed.told || !BOUGHT.has(state)) return;
  const bought = lines.map(({ sku, quantity }) => ({ productId: placed.products?.[sku], quantity }));
  purchased(
    id,
    bought.flatMap(({ productId, quantity }) => (productId === undefined ? [] : [{ productId, quantity }])),
  );
  store.write((store.read() ?? []).map((order) => (order.id === id ? { ...order, told: true } : order)));
}
