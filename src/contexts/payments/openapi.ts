import {
  CLOSED,
  idempotencyKey,
  json,
  KEY_PROBLEMS,
  pageOf,
  problemResponses,
  registry,
} from '../../platform/http/openapi';
import { z } from '../../platform/http/zod';
import {
  balanceSchema,
  disputeSchema,
  disputesQuerySchema,
  ledgerQuerySchema,
  ledgerTransactionSchema,
  methodSchema,
  methodsQuerySchema,
  paymentSchema,
  paymentsQuerySchema,
  providerSchema,
  reconciliationSchema,
  reconciliationsQuerySchema,
} from './schemas';

/** Tells /openapi.json what routes.ts answers to. */

const listOf = (schema: z.ZodType): z.ZodType => z.object({ data: z.array(schema) });
const admin = { tags: ['payments: back office'], security: [{ admin: [] }] };

registry.registerPath({
  method: 'get',
  path: '/v1/payment-methods',
  tags: ['payments'],
  summary: 'The ways to pay in a currency from a country',
  request: { query: methodsQuerySchema },
  responses: {
    200: {
      description: 'The ways, and who takes the money; none and null while payments are off',
      ...json(z.object({ data: z.array(methodSchema), provider: z.string().nullable() })),
    },
    ...problemResponses('validation-failed'),
  },
});
registry.registerPath({
  method: 'post',
  path: '/v1/webhooks/payments/{provider}',
  tags: ['payments'],
  summary: 'For the payment provider alone: something happened to a payment',
  description: 'Signed with the secret that the settings have; each event has its effect once, however often it comes.',
  request: { params: z.object({ provider: providerSchema }), body: { required: true, ...json(z.looseObject({})) } },
  responses: {
    200: {
      description: 'It is recorded, or was before',
      ...json(
        z.object({
          received: z.string(),
          outcome: z.enum(['recorded', 'unchanged', 'unknown-payment', 'mismatch', 'duplicate']),
        }),
      ),
    },
    ...problemResponses('webhook-signature-invalid', 'malformed-request', 'not-found', 'payload-too-large'),
  },
});

registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/payments',
  summary: "An order's payments, attempt by attempt, with their refunds",
  request: { query: paymentsQuerySchema },
  responses: {
    200: { description: 'All of them', ...json(listOf(paymentSchema)) },
    ...problemResponses(...CLOSED, 'validation-failed'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/ledger/balances',
  summary: 'What each account of the ledger holds',
  responses: {
    200: { description: 'By account and currency', ...json(listOf(balanceSchema)) },
    ...problemResponses(...CLOSED),
  },
});
for (const [path, summary, query, row] of [
  [
    '/v1/admin/disputes',
    'What payers’ banks take back or ask about, the newest first',
    disputesQuerySchema,
    disputeSchema,
  ],
  ['/v1/admin/ledger', 'Money that moved, the newest first', ledgerQuerySchema, ledgerTransactionSchema],
  [
    '/v1/admin/reconciliation',
    "Comparisons of the provider's books with ours, the newest first",
    reconciliationsQuerySchema,
    reconciliationSchema,
  ],
] as const) {
  registry.registerPath({
    ...admin,
    method: 'get',
    path,
    summary,
    request: { query },
    responses: {
      200: { description: 'A page; Link has the next', ...json(pageOf(row)) },
      ...problemResponses(...CLOSED, 'validation-failed'),
    },
  });
}
registry.registerPath({
  ...admin,
  method: 'post',
  path: '/v1/admin/reconciliation',
  summary: 'Ask for a comparison now, besides the daily one',
  request: { headers: idempotencyKey('accepted') },
  responses: {
    202: { description: 'It will be made; Location has its result', ...json(reconciliationSchema) },
    ...problemResponses(...CLOSED, ...KEY_PROBLEMS, 'payments-unavailable'),
  },
});
registry.registerPath({
  ...admin,
  method: 'get',
  path: '/v1/admin/reconciliation/{id}',
  summary: 'A comparison and the differences that it found',
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: { description: 'The comparison', ...json(reconciliationSchema) },
    ...problemResponses(...CLOSED, 'not-found'),
  },
});
