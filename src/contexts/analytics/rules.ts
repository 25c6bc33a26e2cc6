/** Pure decisions of analytics: no I/O, clock or randomness. */

/** What a cancellation is matched by. */
export interface Bought {
  readonly id: string;
  readonly kind: 'sale' | 'cancellation';
  readonly customer: string;
  readonly sku: string;
  readonly quantity: number;
  readonly orderedAt: Date;
}

/**
 * Which sale each cancellation takes back: the last one of the same article by the same customer, not after it, of which as much is
 * left. The files do not say it: this is a reading of them. A cancellation that no single sale covers gets none. Lines must come by
 * time, sales before cancellations of the same moment. O(lines × sales of one customer and article).
 */
export function matchCancellations(lines: Iterable<Bought>): Map<string, string> {
  const left = new Map<string, { readonly id: string; quantity: number }[]>();
  const matches = new Map<string, string>();
  for (const { id, kind, customer, sku, quantity } of lines) {
    const key = JSON.stringify([customer, sku]);
    const sales = left.get(key) ?? [];
    if (kind === 'sale') {
      sales.push({ id, quantity });
      left.set(key, sales);
      continue;
    }
    const sale = sales.findLast((one) => one.quantity >= -quantity);
    if (!sale || quantity >= 0) continue;
    sale.quantity += quantity;
    matches.set(id, sale.id);
  }
  return matches;
}
