import { idOf, pageQuery } from '../../platform/http/fields';
import { z } from '../../platform/http/zod';
import { DISPUTE_STATUSES } from './dispute-rules';
import { PAYMENT_METHODS } from './methods';
import { nextActionSchema } from './next-action';
import { LEDGER_ACCOUNTS, LEDGER_KINDS } from './rules';

/** What payments takes and gives over HTTP. OpenAPI is generated from these; unknown fields are refused. */

export const paymentIdSchema = idOf('pay');
export const orderIdSchema = idOf('ord');
export const reconciliationIdSchema = idOf('rcn');
export const providerSchema = z.enum(['sandbox', 'stripe']);

export const methodsQuerySchema = z.strictObject({
  country: z.string().regex(/^[A-Z]{2}$/, { error: 'must be a country code of ISO 3166 such as DE' }),
  currency: z.string().regex(/^[A-Z]{3}$/, { error: 'must be a currency code of ISO 4217 such as EUR' }),
});
export const paymentsQuerySchema = z.strictObject({ order: orderIdSchema });
export const ledgerQuerySchema = z.strictObject({ ...pageQuery, payment: paymentIdSchema.optional() });
export const reconciliationsQuerySchema = z.strictObject(pageQuery);

const money = z.object({ amount: z.int(), currency: z.string() });

export const methodSchema = z
  .object({
    method: z.enum(PAYMENT_METHODS),
    name: z.string(),
    confirms: z.enum(['at-once', 'later']).describe('Whether the payer confirms it elsewhere, later.'),
  })
  .openapi('PaymentMethod');

export const refundSchema = z
  .object({
    id: z.string(),
    paymentId: z.string(),
    amount: money,
    reason: z.string(),
    status: z.enum(['pending', 'succeeded', 'failed']),
    failureCode: z.string().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Refund');

export const disputeSchema = z
  .object({
    id: z.string(),
    paymentId: z.string(),
    orderId: z.string(),
    providerId: z.string(),
    status: z
      .enum(DISPUTE_STATUSES)
      .describe(
        'inquiry: the bank asks; open: it has taken the money; won: it gave it back; lost: it keeps it; closed: it asks no more.',
      ),
    amount: money,
    reason: z.string(),
    respondBy: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .openapi('Dispute');
export const disputesQuerySchema = z.strictObject({ ...pageQuery, status: z.enum(DISPUTE_STATUSES).optional() });

export const paymentSchema = z
  .object({
    id: z.string(),
    orderId: z.string(),
    attempt: z.int(),
    method: z.enum(PAYMENT_METHODS),
    status: z.enum(['created', 'pending', 'authorised', 'captured', 'voided', 'declined']),
    provider: z.string(),
    providerId: z.string().nullable(),
    country: z.string(),
    nextAction: nextActionSchema.nullable().describe('What the payer has still to do elsewhere.'),
    amount: money,
    authorised: money,
    captured: money,
    refunded: money,
    refundPending: money,
    disputed: money.describe('What the payer’s bank has taken back, in open and lost disputes.'),
    declineCode: z.string().nullable(),
    version: z.int(),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
    refunds: z.array(refundSchema),
    disputes: z.array(disputeSchema),
    mismatches: z
      .array(z.object({ eventId: z.string(), type: z.string(), receivedAt: z.iso.datetime() }))
      .describe('Events of the provider that contradict this payment, and were not believed: a person has to look.'),
  })
  .openapi('Payment');

export const ledgerTransactionSchema = z
  .object({
    id: z.string(),
    kind: z.enum(LEDGER_KINDS),
    paymentId: z.string(),
    reference: z.string(),
    occurredAt: z.iso.datetime(),
    entries: z.array(
      z.object({
        account: z.enum(LEDGER_ACCOUNTS),
        amount: money.describe('Debits above 0, credits below. In each currency they sum to 0.'),
      }),
    ),
  })
  .openapi('LedgerTransaction');
export type LedgerTransactionView = z.output<typeof ledgerTransactionSchema>;

export const balanceSchema = z.object({ account: z.string(), balance: money }).openapi('LedgerBalance');
export type BalanceView = z.output<typeof balanceSchema>;

export const DIFFERENCES = [
  'missing-here',
  'missing-there',
  'second-charge',
  'key-differs',
  'amount-differs',
  'captured-differs',
  'refunded-differs',
  'disputed-differs',
  'status-differs',
] as const;

export const differenceSchema = z.object({
  kind: z.enum(DIFFERENCES),
  paymentId: z.string().nullable(),
  orderId: z.string().nullable(),
  providerId: z.string().nullable(),
  ours: z.string().nullable().describe('What we have, as text: "19.99 GBP", "captured".'),
  theirs: z.string().nullable().describe('What the provider has.'),
});
export type Difference = z.output<typeof differenceSchema>;

export const reconciliationSchema = z
  .object({
    id: z.string(),
    provider: z.string(),
    state: z.enum(['waiting', 'running', 'finished', 'failed']),
    compared: z.int().describe('Payments that were held against each other.'),
    skipped: z.int().describe('Payments that had just changed: the next one compares them.'),
    found: z.int().describe('How many differences there are in all.'),
    differences: z.array(differenceSchema).describe('The first thousand of them.'),
    error: z.string().nullable(),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
  })
  .openapi('PaymentReconciliation');
export type ReconciliationView = z.output<typeof reconciliationSchema>;
