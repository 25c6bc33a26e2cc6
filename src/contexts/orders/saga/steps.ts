import type pg from 'pg';
import type { Queryable } from '../store/orders';
import type { Scorer } from '../../fraud';
import type { Payments, PaymentView, ProviderPayment, RefundedPayment } from '../../payments';
import type { Step, Undoing } from '../rules';
import type { Saga } from '../store/sagas';
import { capture, authorise, refund, undoPayment } from './money';
import { cancel, commit, complete, confirm, release, screen } from './local';

/** What a step leads to. */
export type Outcome =
  | { readonly to: Step }
  | { readonly turnBack: string }
  | { readonly waitFor: 'review' | 'payment'; readonly seconds: number }
  /** What was recorded stays; the step is tried again after a pause. */
  | { readonly again: string }
  | 'done';

export interface StepContext {
  readonly payments: Payments;
  readonly scorer: Scorer;
  readonly pool: Queryable;
}

/** What a call to the provider ended in; undefined where none was needed. */
export interface Called {
  readonly payment: PaymentView | undefined;
  readonly result?: ProviderPayment;
  readonly refunded?: RefundedPayment;
  /** Which part of the undoing it was. */
  readonly did?: Undoing;
  /** The provider will not do it, and has not. */
  readonly refused?: string;
}

/**
 * One step of a saga. `call` is outside of any transaction and has a deterministic key, so that doing it again does nothing new.
 * `record` writes what the call ended in, and `decide` what follows from it, in one transaction that begins with the fence. When
 * the saga was turned meanwhile, only `record` runs: what has happened outside must be known before it can be undone.
 */
export interface StepDefinition {
  call?(context: StepContext, saga: Saga, signal: AbortSignal): Promise<Called>;
  record?(context: StepContext, client: pg.PoolClient, saga: Saga, called: Called): Promise<void>;
  decide(context: StepContext, client: pg.PoolClient, saga: Saga, called: Called): Promise<Outcome>;
}

export const STEP_DEFINITIONS: Readonly<Record<Step, StepDefinition>> = {
  fraud: screen,
  authorise,
  commit,
  confirm,
  capture,
  complete,
  'undo-payment': undoPayment,
  release,
  cancel,
  refund,
};
