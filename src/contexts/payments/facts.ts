import type { Queryable } from './store/payments';
import { listPaidRefunds } from './store/refunds';

/** A refund that was paid, for those who count. The amount is in minor units. */
export interface RefundFact {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: string;
  /** ISO 8601, UTC: when it was noted as paid. */
  readonly refundedAt: string;
}

/** Of these refunds those that were paid. */
export async function readRefundFacts(client: Queryable, refundIds: readonly string[]): Promise<RefundFact[]> {
  const rows = await listPaidRefunds(client, refundIds);
  return rows.map((row) => ({ ...row, refundedAt: row.refundedAt.toISOString() }));
}
