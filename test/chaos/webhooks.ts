import { isSettled, type OrderState } from '../../src/contexts/orders/rules';
import { insist, openShop, PATIENCE, type Shop } from '../contexts/orders/shop';
import { eventually } from '../support/eventually';
import { Random } from '../support/random';
import type { Drill, DrillReport, Say } from './drill';

/** What is wrong with the provider's webhooks. Its calls are in order. */
const FAULTS = { duplicate: 0.3, reorder: 0.3, lateMs: 800, lose: 0.05, forge: 0.3, stale: 0.3, truncate: 0.3 };
const AT_ONCE = 8;

export interface WebhookOptions {
  readonly seed: number;
  readonly orders: number;
  readonly say?: Say;
}

/**
 * C8: orders are paid, cancelled, dispatched and refunded while the provider's webhooks come twice, in another order, late, or never, and
 * with them forged, old and cut ones. Each of those is refused with 400, and each of the others has one effect.
 */
export async function runWebhooks({ seed, orders, say = () => undefined }: WebhookOptions): Promise<DrillReport> {
  const shop = await openShop();
  try {
    const sku = await shop.product(orders);
    await shop.sandbox.control({ faults: { seed, webhooks: FAULTS, pendingMs: 200 } });
    let begun = 0;
    const live = async (): Promise<void> => {
      while (begun < orders) {
        const nth = begun++;
        await buyOne(shop, sku, seed, nth);
        if ((nth + 1) % 100 === 0) say(`${nth + 1} of ${orders} orders`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, live));
    await eventually(3 * PATIENCE, () => nothingPending(shop));
    await eventually(2 * PATIENCE, async () => (await shop.sandbox.stats()).webhooks.pending === 0);
    const { webhooks: sent } = await shop.sandbox.stats();
    const { rows } = await shop.pool.query<{ taken: number; wrong: number }>(
      `select count(*)::int as taken, count(*) filter (where outcome not in ('recorded', 'unchanged'))::int as wrong from payment_webhooks`,
    );
    const { taken = 0, wrong = 0 } = rows[0] ?? {};
    const broken = [...(await shop.broken()), ...(await twice(shop))];
    if (sent.badTaken > 0) broken.push(`C8 ${sent.badTaken} forged, old or cut webhooks were taken`);
    if (sent.badRefused === 0 || taken >= sent.taken) broken.push('C8 nothing was wrong with the webhooks');
    if (wrong > 0) broken.push(`C8 ${wrong} webhooks were true, and were not believed`);
    return {
      broken,
      figures: {
        orders,
        events: sent.events,
        'webhooks taken': sent.taken,
        'of them for the first time': taken,
        'forged, old and cut ones refused': sent.badRefused,
        lost: sent.lost,
      },
    };
  } finally {
    await shop.close();
  }
}

/** One order, and what becomes of it afterwards: the same at every run with a seed. */
async function buyOne(shop: Shop, sku: string, seed: number, nth: number): Promise<void> {
  const random = new Random(seed * 1_000_003 + nth);
  const kind = random.pick(['tok_success', 'tok_pending_success', 'tok_pending_failure', 'tok_refund_pending']);
  const fate = random.next();
  const request = shop.request(await shop.quote([sku]), { token: `${kind}#${seed}-${nth}` });
  const { order, orderToken } = (await insist(() => shop.checkout(request, { key: `buy-${seed}-${nth}` }))).body;
  const id: string = order.id;
  // Of what is pending, where the news are lost, the shop asks after a minute.
  let state = 'pending' as OrderState;
  await eventually(3 * PATIENCE, async () => isSettled((state = await stateOf(shop, id))));
  if (state !== 'confirmed') return;
  if (fate < 0.3) {
    const headers = { Authorization: `Bearer ${orderToken}`, 'Idempotency-Key': `cancel-${id}` };
    await shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, headers);
    await shop.reaches(id, 'cancelled');
  } else if (fate < 0.8) {
    await shop.admin('POST', `/orders/${id}/dispatch`);
    await shop.reaches(id, 'dispatched');
    if (fate < 0.5) return;
    const refund = { amount: { amount: 100, currency: 'GBP' }, reason: 'a scratch' };
    await shop.admin('POST', `/orders/${id}/refunds`, refund);
  }
}

async function stateOf({ pool }: Shop, id: string): Promise<OrderState> {
  const { rows } = await pool.query<{ state: OrderState }>('select state from orders where id = $1', [id]);
  return rows[0]?.state ?? 'pending';
}

/** Whether every payment and refund came to its end, those of which the news were lost too. */
async function nothingPending({ pool }: Shop): Promise<boolean> {
  const { rows } = await pool.query<{ pending: boolean }>(
    `select exists (select from payments where status = 'pending' or refund_pending > 0) as pending`,
  );
  return rows[0]?.pending === false;
}

/** Payments of which the same was told twice. */
async function twice({ pool }: Shop): Promise<string[]> {
  const { rows } = await pool.query<{ aggregate: string; type: string }>(
    `select aggregate, type from outbox_events where aggregate like 'payment:%' and type not like '%refund%'
     group by aggregate, type having count(*) > 1`,
  );
  return rows.map(({ aggregate, type }) => `C8 ${type} of ${aggregate} was told twice`);
}

/** The long form of C8. */
export const webhooks: Drill = {
  name: 'webhooks',
  sentence: 'C8: webhooks come twice, in another order, late or never, and forged, old and cut ones with them',
  options: { orders: 1_000, seed: 1 },
  run: (option, say) => runWebhooks({ seed: option('seed'), orders: option('orders'), say }),
};
