import type pg from 'pg';
import { together, type Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { parseAuthoriseKey, type GatewayEvent } from './gateway';
import { recordDispute } from './disputes';
import { recordRefund, recordResult } from './records';
import { PaymentMismatch } from './rules';
import { findPayment, findProviderPayments } from './store/payments';
import { findRefund } from './store/refunds';
import { claimWebhook, noteOutcome, type WebhookOutcome } from './store/webhooks';

/** What became of an event: `duplicate` is one that came before. */
export type Received = WebhookOutcome | 'duplicate';

/**
 * Records an event of the provider: once, however often it is delivered. It may come before, after or instead of the answer of
 * the call that it is about.
 */
export async function receiveEvent(
  database: Pick<Database, 'transaction'>,
  provider: string,
  event: GatewayEvent,
  log: Log,
): Promise<Received> {
  try {
    return await database.transaction((client) => receive(client, provider, event));
  } catch (error) {
    if (!(error instanceof PaymentMismatch)) throw error;
    // The provider would repeat it for days, and it would never fit: a person has to look. Reconciliation names it again.
    return database.transaction(async (client) => {
      const [payment] = await paymentsOf(client, provider, event);
      const { id, providerId } = event;
      log.error({ err: error, provider, event: id, providerId, payment }, 'A webhook contradicts our books');
      if (!(await claimWebhook(client, { provider, ...event }))) return 'duplicate';
      await noteOutcome(client, { provider, id }, 'mismatch', payment);
      return 'mismatch';
    });
  }
}

async function receive(client: pg.PoolClient, provider: string, event: GatewayEvent): Promise<Received> {
  const [fresh, [paymentId, other]] = await together([
    claimWebhook(client, { provider, ...event }),
    paymentsOf(client, provider, event),
  ]);
  if (!fresh) return 'duplicate';
  const note = async (outcome: WebhookOutcome, paymentId?: string): Promise<WebhookOutcome> => {
    await noteOutcome(client, { provider, id: event.id }, outcome, paymentId);
    return outcome;
  };
  if (other !== undefined)
    throw new PaymentMismatch(`${event.providerId} is ${paymentId}, and its key ${event.key} is that of ${other}`);
  const before = paymentId === undefined ? undefined : await findPayment(client, paymentId);
  if (!before) return note('unknown-payment');
  let { version } = event.payment ? await recordResult(client, before.id, event.payment) : before;
  if (event.refund && (await findRefund(client, event.refund.id))?.paymentId === before.id) {
    await recordRefund(client, event.refund.id, { refund: event.refund });
    version = (await findPayment(client, before.id))?.version ?? version;
  }
  if (event.dispute) {
    await recordDispute(client, before.id, event.dispute);
    version = (await findPayment(client, before.id))?.version ?? version;
  }
  return note(version === before.version ? 'unchanged' : 'recorded', before.id);
}

/** What the event is about: two where the provider's id and our key do not name the same payment, that of the id first. */
async function paymentsOf(client: pg.PoolClient, provider: string, event: GatewayEvent): Promise<string[]> {
  if (event.providerId === undefined) return [];
  const { providerId, key } = event;
  return findProviderPayments(client, provider, { providerId, ...parseAuthoriseKey(key) });
}
