import type { Money } from '../../kernel/money';
import type { DisputeStatus } from './dispute-rules';
import type { PaymentMethod } from './methods';
import type { NextAction } from './next-action';
import type { PaymentStatus, RefundStatus } from './rules';

/** One attempt to pay an order. */
export interface PaymentView {
  readonly id: string;
  readonly orderId: string;
  readonly attempt: number;
  readonly method: PaymentMethod;
  readonly status: PaymentStatus;
  readonly provider: string;
  /** Null until the provider has answered. */
  readonly providerId: string | null;
  /** The provider's, for what the customer pays with. Never the card itself. Not shown over HTTP. */
  readonly token: string;
  readonly country: string;
  /** Where a payer comes back to who acts at the provider's. */
  readonly returnUrl: string | null;
  /** What the payer has still to do elsewhere. */
  readonly nextAction: NextAction | null;
  /** Whether there was something to do, and it is done. */
  readonly actionDone: boolean;
  readonly amount: Money;
  readonly authorised: Money;
  readonly captured: Money;
  readonly refunded: Money;
  /** Asked of the provider and not answered yet. */
  readonly refundPending: Money;
  /** What the payer's bank has taken back, in open and lost disputes. */
  readonly disputed: Money;
  readonly declineCode: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface RefundView {
  readonly id: string;
  readonly paymentId: string;
  readonly amount: Money;
  readonly reason: string;
  readonly status: RefundStatus;
  readonly failureCode: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** What a payer's bank takes back, or asks about. */
export interface DisputeView {
  readonly id: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly providerId: string;
  readonly status: DisputeStatus;
  readonly amount: Money;
  readonly reason: string;
  /** Until when the bank wants an answer, where it does. */
  readonly respondBy: string | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}
