import { recordDispute } from '../../src/contexts/payments/disputes';
import { openPayment } from '../../src/contexts/payments/records';
import { lookUpCoupon, noteExposure } from '../../src/contexts/promotions';
import { newId } from '../../src/kernel/ids';
import { importHistory } from '../contexts/analytics/predictive/history';
import { store, tracked, visitorId } from '../contexts/tracking/shop';
import { eventually, type TestApp } from '../support/app';

/** What the back office shows of a shop with a past: orders of it, products that were in them, an experiment, a dispute, a coupon. */
export async function makePast(app: TestApp): Promise<void> {
  await importHistory(app.database.database, { skus: await makeProducts(app) });
  await makeExperiment(app);
  await makeDispute(app);
  await makeHoldout(app);
}

async function send(
  app: TestApp,
  method: string,
  where: string,
  body: string,
  type = 'application/json',
): Promise<void> {
  const headers = { Authorization: `Bearer ${app.adminToken}`, 'Content-Type': type, 'If-Match': '*' };
  const answer = await fetch(`${app.url}/v1/admin/${where}`, { method, headers, body });
  if (!answer.ok) throw new Error(`${where}: ${await answer.text()}`);
}

/** Products without a category; resolves to their skus when they can be recommended. */
async function makeProducts(app: TestApp): Promise<string[]> {
  const skus = Array.from({ length: 40 }, (_, n) => `MUG-${n}`);
  const lines = skus.map((sku, n) => {
    const price = { amount: 500 + n, currency: 'GBP' };
    return JSON.stringify({ sku, name: `Mug ${n}`, price, popularity: n, inStock: true, status: 'active' });
  });
  await send(app, 'POST', 'products/import', lines.join('\n'), 'application/x-ndjson');
  await eventually(60_000, async () => {
    const { body } = await app.get('/v1/recommendations');
    return (body as { items: unknown[] }).items.length > 0;
  });
  return skus;
}

/** Forty saw one shelf and forty the other; a quarter and a half of them clicked. */
async function makeExperiment(app: TestApp): Promise<void> {
  const variants = [
    { key: 'popular', weight: 1 },
    { key: 'recommended', weight: 1 },
  ];
  const experiment = 'home-shelf';
  const made = { key: experiment, name: 'What stands first', metric: 'click', variants };
  await send(app, 'POST', 'experiments', JSON.stringify(made));
  await send(app, 'PATCH', `experiments/${experiment}`, JSON.stringify({ state: 'running' }));
  const events = Array.from({ length: 80 }, (_, n) => {
    const [visitor, variant] = [visitorId(), n % 2 === 0 ? 'popular' : 'recommended'];
    const seen = tracked({ type: 'exposure', experiment, variant, visitorId: visitor });
    const clicks = n % (variant === 'popular' ? 8 : 4) < 2;
    return [seen, ...(clicks ? [tracked({ type: 'click', visitorId: visitor }, Date.now() + 1)] : [])];
  });
  await store(app.database.database, events.flat());
}

/** The bank of a payer asks about an order. */
async function makeDispute(app: TestApp): Promise<void> {
  const amount = { amount: 1999, currency: 'GBP' };
  await app.database.database.transaction(async (client) => {
    const payment = await openPayment(
      client,
      { provider: 'sandbox', methods: ['card'], takes: () => true },
      { orderId: newId('ord'), attempt: 1, amount, method: 'card', token: 'tok_success', country: 'GB' },
    );
    const respondBy = new Date(Date.now() + 7 * 86_400_000);
    const dispute = { id: 'dp_1', status: 'inquiry', amount, reason: 'product_not_received', respondBy } as const;
    await recordDispute(client, payment.id, dispute);
  });
}

/** Sixty have typed in a coupon that half of them do not get. */
async function makeHoldout(app: TestApp): Promise<void> {
  const { database } = app.database;
  const coupon = { code: 'SPRING-10', name: 'Spring', percent: '10', holdoutPercent: '50' };
  await send(app, 'POST', 'coupons', JSON.stringify(coupon));
  await database.transaction(async (client) => {
    const terms = await lookUpCoupon(client, coupon.code);
    if (!terms) throw new Error('there is no such coupon');
    for (let n = 0; n < 60; n++) await noteExposure(client, terms, `visitor:${n}`);
  });
  await eventually(60_000, async () => {
    const { rows } = await database.pool.query<{ n: number }>(
      `select count(*)::int as n from analytics_exports where dataset in ('coupon_holdouts', 'coupon_exposures')`,
    );
    return rows[0]?.n === 61;
  });
}
