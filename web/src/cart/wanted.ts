import type { Cart, CartLine } from '../api/cart';
import type { Money } from '../api/types';

/** Quantities that somebody has chosen and the shop has not confirmed yet, by sku; 0 takes the line out. */
export type Wanted = ReadonlyMap<string, number>;

/** The cart as it will be when what is wanted has been saved: what the page shows between a click and its answer. */
export function withWanted(cart: Cart, wanted: Wanted): Cart {
  if (wanted.size === 0) return cart;
  const lines = cart.lines.flatMap((line) => {
    const quantity = wanted.get(line.sku) ?? line.quantity;
    return quantity === 0 ? [] : [quantity === line.quantity ? line : withQuantity(line, quantity)];
  });
  const amount = lines.reduce((sum, { total }) => sum + (total?.amount ?? 0), 0);
  return {
    ...cart,
    lines,
    units: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    subtotal: { amount, currency: cart.currency },
    ready: lines.length > 0 && lines.every(({ problem }) => problem === null),
  };
}

function withQuantity(line: CartLine, quantity: number): CartLine {
  const { unitPrice, total, available, problem } = line;
  const scaled: Money | null = total && unitPrice && { ...total, amount: unitPrice.amount * quantity };
  if (problem !== null && problem !== 'short-of-stock') return { ...line, quantity, total: scaled };
  return { ...line, quantity, total: scaled, problem: available < quantity ? 'short-of-stock' : null };
}
