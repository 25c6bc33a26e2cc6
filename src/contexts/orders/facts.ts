import { createHash } from 'node:crypto';
import type pg from 'pg';
import { listFacts } from './store/facts';
import type { OrderState } from './rules';

/** A line of an order for those who count: nothing in it says who a person is. Amounts are minor units. */
export interface OrderLineFact {
  readonly orderId: string;
  /** Of the order: of several facts about a line, the one with the highest holds. */
  readonly version: number;
  readonly line: number;
  readonly state: OrderState;
  /** The same for all orders to one e-mail address: its digest. Null where there is none. */
  readonly customer: string | null;
  readonly country: string;
  readonly region: string | null;
  /** ISO 8601, UTC. */
  readonly placedAt: string;
  readonly sku: string;
  readonly quantity: number;
  readonly unitAmount: number;
  readonly subtotal: number;
  readonly discount: number;
  readonly tax: number;
  readonly total: number;
  readonly currency: string;
}

/** All lines of these orders, as they are now. Ids that are none are passed over. */
export async function readOrderFacts(
  pool: Pick<pg.Pool, 'query'>,
  orderIds: readonly string[],
): Promise<OrderLineFact[]> {
  const rows = await listFacts(pool, orderIds);
  return rows.map(({ email, placedAt, ...row }) => ({
    ...row,
    placedAt: placedAt.toISOString(),
    customer: email === null ? null : createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 32),
  }));
}
