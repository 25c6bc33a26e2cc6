import type { ProviderDispute } from './gateway';
import type { LedgerEntry, LedgerTransaction } from './rules';

/** Pure decisions of disputes: no I/O, no clock, no randomness. Amounts are minor units of the payment's currency. */

/**
 * `inquiry`: the bank asks, and no money has moved; `closed` is its end. `open`: the bank has taken the money; `won`: it has given it back;
 * `lost`: it keeps it.
 */
export const DISPUTE_STATUSES = ['inquiry', 'open', 'won', 'lost', 'closed'] as const;
export type DisputeStatus = (typeof DISPUTE_STATUSES)[number];

const FORWARD: Readonly<Record<DisputeStatus, readonly DisputeStatus[]>> = {
  inquiry: ['open', 'won', 'lost', 'closed'],
  open: ['won', 'lost'],
  won: [],
  lost: [],
  closed: [],
};

export type DisputeStep = 'dispute-opened' | 'dispute-won' | 'dispute-lost' | 'dispute-inquired' | 'dispute-closed';

export interface DisputeAdvance {
  readonly status: DisputeStatus;
  /** What is told of it, in order. */
  readonly steps: readonly DisputeStep[];
  /** By how much what the bank holds changes. */
  readonly disputedNow: number;
}

/**
 * What becomes of a dispute when the provider says so, in whatever order that reaches us; `before` is undefined for one that is new.
 * An end that comes before its beginning brings the beginning with it. Undefined when nothing changes.
 */
export function advanceDispute(
  before: DisputeStatus | undefined,
  { status, amount: { amount } }: Pick<ProviderDispute, 'status' | 'amount'>,
): DisputeAdvance | undefined {
  if (before !== undefined && !FORWARD[before].includes(status)) return undefined;
  if (status === 'inquiry') return { status, steps: ['dispute-inquired'], disputedNow: 0 };
  if (status === 'closed') return { status, steps: ['dispute-closed'], disputedNow: 0 };
  const opens: readonly DisputeStep[] = before === 'open' ? [] : ['dispute-opened'];
  const taken = before === 'open' ? 0 : amount;
  if (status === 'open') return { status, steps: opens, disputedNow: taken };
  const steps: readonly DisputeStep[] = [...opens, status === 'won' ? 'dispute-won' : 'dispute-lost'];
  return { status, steps, disputedNow: status === 'won' ? taken - amount : taken };
}

const ACCOUNTS = {
  // The provider has taken it out of what it owes us.
  'dispute-opened': ['disputed_funds', 'provider_clearing'],
  'dispute-won': ['provider_clearing', 'disputed_funds'],
  'dispute-lost': ['dispute_losses', 'disputed_funds'],
} as const;

/** The transaction of a step; undefined for one that moves no money. */
export function disputeTransaction(
  step: DisputeStep,
  disputeId: string,
  amount: number,
  currency: string,
): LedgerTransaction | undefined {
  if (step === 'dispute-inquired' || step === 'dispute-closed') return undefined;
  const [to, from] = ACCOUNTS[step];
  const entries: LedgerEntry[] = [
    { account: to, currency, amount },
    { account: from, currency, amount: -amount },
  ];
  return { kind: step, reference: disputeId, entries };
}
