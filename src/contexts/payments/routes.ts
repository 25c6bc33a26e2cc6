import express, { Router } from 'express';
import { Problem } from '../../kernel/errors';
import type { Database } from '../../platform/database';
import { newId } from '../../kernel/ids';
import { requireAdmin } from '../../platform/http/admin';
import { knownId, PRIVATE, sendPage } from '../../platform/http/answers';
import { refuseOtherMethods } from '../../platform/http/methods';
import { parse } from '../../platform/http/problem';
import { idempotent } from '../../platform/idempotency';
import type { Log } from '../../platform/log';
import type { Gateway } from './gateway';
import { browseDisputes } from './disputes';
import { browseLedger, browseReconciliations } from './back-office';
import { methodsFor } from './methods';
import './openapi';
import {
  disputesQuerySchema,
  ledgerQuerySchema,
  methodsQuerySchema,
  paymentsQuerySchema,
  reconciliationIdSchema,
  reconciliationsQuerySchema,
} from './schemas';
import { findDisputesOf } from './store/disputes';
import { readBalances } from './store/ledger';
import { findPaymentsOfOrder } from './store/payments';
import { findReconciliation, insertReconciliation } from './store/reconciliations';
import { findRefundsOf } from './store/refunds';
import { findMismatches } from './store/webhooks';
import type { PaymentView } from './types';
import { receiveEvent } from './webhooks';

export interface PaymentRouteDependencies {
  readonly database: Database;
  /** Undefined when payments are off: then there is nobody to hear webhooks from. */
  readonly gateway: Gateway | undefined;
  readonly log: Log;
  /** Told that a comparison was asked for. */
  readonly reconciliation?: { wake(): void } | undefined;
  /** Without one the back office is closed. */
  readonly adminToken: string | undefined;
}

/** /v1/payment-methods for everybody, webhooks for the provider; payments, ledger and reconciliation for the back office. */
export function paymentRoutes(dependencies: PaymentRouteDependencies): Router {
  const { database, gateway, log, adminToken } = dependencies;
  const router = Router();
  router.get('/v1/payment-methods', (req, res) => {
    const { country, currency } = parse(methodsQuerySchema, req.query, 'The query');
    const offered = gateway ? methodsFor(country, currency, gateway.methods) : [];
    const data = offered.map(({ method, name, confirms }) => ({ method, name, confirms }));
    res.set('Cache-Control', 'public, max-age=300').json({ data, provider: gateway?.provider ?? null });
  });
  // The bytes as they were signed: parsing and writing JSON again would change them.
  const raw = express.raw({ type: () => true, limit: '256kb' });
  router.post('/v1/webhooks/payments/:provider', raw, async (req, res) => {
    if (!gateway || req.params.provider !== gateway.provider)
      throw new Problem('not-found', `Nobody here hears webhooks of "${String(req.params.provider)}"`);
    const body: unknown = req.body;
    const event = gateway.verifyWebhook(Buffer.isBuffer(body) ? body : Buffer.alloc(0), req.headers);
    const outcome = await receiveEvent(database, gateway.provider, event, log);
    res.set('Cache-Control', 'no-store').json({ received: event.id, outcome });
  });
  router.use('/v1/admin', requireAdmin(adminToken), adminRoutes(dependencies));
  refuseOtherMethods(router);
  return router;
}

type Shown = Omit<PaymentView, 'token' | 'returnUrl' | 'actionDone'>;
const present = ({ token: _token, returnUrl: _to, actionDone: _done, ...payment }: PaymentView): Shown => payment;

function adminRoutes({ database, gateway, reconciliation }: PaymentRouteDependencies): Router {
  const router = Router();
  router.use((_req, res, next) => {
    res.set('Cache-Control', PRIVATE);
    next();
  });
  router.get('/payments', async (req, res) => {
    const { order } = parse(paymentsQuerySchema, req.query, 'The query');
    const payments = await findPaymentsOfOrder(database.pool, order);
    const ids = payments.map(({ id }) => id);
    const refunds = await findRefundsOf(database.pool, ids);
    const disputes = await findDisputesOf(database.pool, ids);
    const mismatches = await findMismatches(database.pool, ids);
    const data = payments.map((payment) => ({
      ...present(payment),
      refunds: refunds.filter(({ paymentId }) => paymentId === payment.id),
      disputes: disputes.filter(({ paymentId }) => paymentId === payment.id),
      mismatches: mismatches.flatMap(({ paymentId, ...event }) => (paymentId === payment.id ? [event] : [])),
    }));
    res.json({ data });
  });
  router.get('/disputes', async (req, res) => {
    const query = parse(disputesQuerySchema, req.query, 'The query');
    sendPage(req, res, await browseDisputes(database.pool, query), PRIVATE);
  });
  router.get('/ledger', async (req, res) => {
    const query = parse(ledgerQuerySchema, req.query, 'The query');
    sendPage(req, res, await browseLedger(database.pool, query), PRIVATE);
  });
  router.get('/ledger/balances', async (_req, res) => {
    res.json({ data: await readBalances(database.pool) });
  });
  router.get('/reconciliation', async (req, res) => {
    const query = parse(reconciliationsQuerySchema, req.query, 'The query');
    sendPage(req, res, await browseReconciliations(database.pool, query), PRIVATE);
  });
  router.get('/reconciliation/:id', async (req, res) => {
    const id = knownId(req.params.id, reconciliationIdSchema);
    const found = await findReconciliation(database.pool, id);
    if (!found) throw new Problem('not-found', `There is no reconciliation ${id}`);
    res.json(found);
  });
  const ask = idempotent(database, 'accepted', () => async (client) => {
    if (!gateway) throw new Problem('payments-unavailable', 'Payments are off: there are no books to compare with');
    const asked = await insertReconciliation(client, newId('rcn'), gateway.provider);
    return { status: 202, headers: { Location: `/v1/admin/reconciliation/${asked.id}` }, body: asked };
  });
  router.post('/reconciliation', (req, res, next) => {
    // When the answer is sent the row is committed, and the loop can find it.
    res.once('finish', () => reconciliation?.wake());
    return ask(req, res, next);
  });
  refuseOtherMethods(router);
  return router;
}
