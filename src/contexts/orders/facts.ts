import { createHash } from 'node:crypto';
import type pg from 'pg';
import { readRedemptionFacts } from '../promotions';
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
  /** Of the order: who is counted where coupons are measured. Null where it came from no cart. */
  readonly shopper: string | null;
  /** Of the order, the same on each line: its coupon, and what of all discounts is the coupon's. Null without one. */
  readonly couponId: string | null;
  readonly couponDiscount: number | null;
}

/** All lines of these orders, as they are now. Ids that are none are passed over. */
export async function readOrderFacts(
  pool: Pick<pg.Pool, 'query'>,
  orderIds: readonly string[],
): Promise<OrderLineFact[]> {
  const [rows, redemptions] = [await listFacts(pool, orderIds), await readRedemptionFacts(pool, orderIds)];
  const coupons = new Map(redemptions.map((redemption) => [redemption.orderId, redemption]));
  return rows.map(({ email, placedAt, ...row }) => ({
    ...row,
    couponId: coupons.get(row.orderId)?.couponId ?? null,
    couponDiscount: coupons.get(row.orderId)?.amount ?? null,
    placedAt: placedAt.toISOString(),
    customer: email === null ? null : createHash('sha256').update(email.toLowerCase()).digest('hex').slice(0, 32),
  }));
}
