import type pg from 'pg';
import { newId } from '../../kernel/ids';
import { appendAtCommit } from '../../platform/outbox';
import { holdoutExposed } from './events';
import { holdoutVariant, type CouponTerms, type HoldoutVariant } from './rules';
import type { Queryable } from './store/coupons';
import * as store from './store/holdouts';

/** Whether some shoppers do not get this coupon now: it matters then who somebody is. */
export const isMeasured = ({ holdoutPpm }: Pick<CouponTerms, 'holdoutPpm'>): boolean => holdoutPpm > 0;

/**
 * Notes that a shopper has typed in a coupon that some do not get, in the caller's transaction: once for each of both, however often
 * and wherever at once they do. What they get is what `assess` says of them.
 */
export async function noteExposure(client: pg.PoolClient, coupon: CouponTerms, shopper: string): Promise<void> {
  const [id, variant] = [newId('hox'), holdoutVariant(coupon, shopper)];
  const isFirst = await store.insertExposure(client, { id, couponId: coupon.id, shopper, variant });
  if (isFirst) await appendAtCommit(client, [holdoutExposed(coupon.id, id, variant)]);
}

/** A measured coupon for those who count: as it is now. */
export interface HoldoutFact {
  readonly couponId: string;
  /** Of several facts about a coupon, the one with the highest holds. */
  readonly version: number;
  readonly code: string;
  readonly name: string;
  /** A decimal: how many were held out of it while that lasted. */
  readonly holdoutPercent: string;
  /** ISO 8601, UTC. */
  readonly begunAt: string;
  readonly endedAt: string | null;
}

/** Somebody's first try of such a coupon. */
export interface ExposureFact {
  readonly id: string;
  readonly couponId: string;
  readonly shopper: string;
  readonly variant: HoldoutVariant;
  /** ISO 8601, UTC. */
  readonly exposedAt: string;
}

/** What a coupon took off an order, minor units of the order's currency. */
export interface RedemptionFact {
  readonly orderId: string;
  readonly couponId: string;
  readonly amount: number;
}

/** Measured coupons by id. Others, and ids that are none, are passed over. */
export async function readHoldoutFacts(client: Queryable, couponIds: readonly string[]): Promise<HoldoutFact[]> {
  const rows = await store.listHoldouts(client, couponIds);
  return rows.map(({ begunAt, endedAt, ...row }) => ({
    ...row,
    version: endedAt === null ? 1 : 2,
    begunAt: begunAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }));
}

export async function readExposureFacts(client: Queryable, ids: readonly string[]): Promise<ExposureFact[]> {
  const rows = await store.listExposures(client, ids);
  return rows.map((row) => ({ ...row, exposedAt: row.exposedAt.toISOString() }));
}

/** What coupons took off these orders, also of those that are cancelled by now. */
export const readRedemptionFacts = (client: Queryable, orderIds: readonly string[]): Promise<RedemptionFact[]> =>
  store.listRedemptions(client, orderIds);
