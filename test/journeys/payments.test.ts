import { newId } from '../../src/kernel/ids';
import { eventually, startTestApp, type TestApp } from '../support/app';

describe('payments in a shop that was started without any setting for them', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startTestApp({ EASY11_PAYMENTS: '' });
  });
  afterAll(() => shop.close());

  test('are offered by place', async () => {
    const { body } = await shop.get('/v1/payment-methods?country=BR&currency=BRL');
    expect((body as { data: { method: string }[] }).data.map(({ method }) => method)).toEqual(['card', 'pix']);
    expect((await shop.get('/v1/payment-methods?country=Brazil&currency=BRL')).status).toBe(422);
  });

  test('go through the sandbox provider, whose webhooks arrive', async () => {
    const { database } = shop.database;
    const payments = shop.app.payments!;
    const attempt = {
      orderId: newId('ord'),
      attempt: 1,
      amount: { amount: 1250, currency: 'BRL' },
      method: 'pix',
      token: 'tok_success',
      country: 'BR',
    } as const;
    const payment = await database.transaction((client) => payments.open(client, attempt));
    const result = await payments.callAuthorise(payment);
    expect(result.status).toBe('pending');
    await database.transaction((client) => payments.recordAuthorisation(client, payment.id, result));
    await eventually(30_000, async () => (await payments.read(database.pool, payment.id)).status === 'captured');
    const answer = await fetch(`${shop.url}/v1/admin/payments?order=${payment.orderId}`, {
      headers: { Authorization: `Bearer ${shop.adminToken}` },
    });
    expect(await answer.json()).toMatchObject({ data: [{ id: payment.id, status: 'captured' }] });
  });

  test('are watched: breaker, loops and reconciliation report themselves', async () => {
    await eventually(30_000, async () =>
      /easy11_payments_differences_count 0/.test(await (await fetch(`${shop.url}/metrics`)).text()),
    );
    const metrics = await (await fetch(`${shop.url}/metrics`)).text();
    for (const line of [
      /easy11_payments_breaker_state 0/,
      /easy11_payments_calls_count 0/,
      /easy11_payments_follow_up_errors_count 0/,
      /easy11_payments_reconciliation_last_success_seconds \d/,
    ])
      expect(metrics).toMatch(line);
  });
});

test('a shop whose payments are off offers no way to pay and hears no webhooks', async () => {
  const shop = await startTestApp({ EASY11_PAYMENTS: 'off' });
  expect((await shop.get('/v1/payment-methods?country=DE&currency=EUR')).body).toEqual({
    data: [],
    provider: null,
  });
  const answer = await fetch(`${shop.url}/v1/webhooks/payments/sandbox`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(404);
  await shop.close();
});
