import { newId } from '../../src/kernel/ids';
import { startStripeServer, type StripeServer } from '../contexts/payments/stripe-server';
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
    await eventually(60_000, async () => (await payments.read(database.pool, payment.id)).status === 'captured');
    const answer = await fetch(`${shop.url}/v1/admin/payments?order=${payment.orderId}`, {
      headers: { Authorization: `Bearer ${shop.adminToken}` },
    });
    expect(await answer.json()).toMatchObject({ data: [{ id: payment.id, status: 'captured' }] });
  });

  test('are watched: breaker, loops and reconciliation report themselves', async () => {
    const lines = [
      /easy11_payments_differences_count 0/,
      /easy11_payments_breaker_state 0/,
      /easy11_payments_calls_count 0/,
      /easy11_payments_follow_up_errors_count 0/,
      /easy11_payments_reconciliation_last_success_seconds \d/,
    ];
    // The loops may be in the middle of a call.
    await eventually(60_000, async () => {
      const metrics = await (await fetch(`${shop.url}/metrics`)).text();
      return lines.every((line) => line.test(metrics));
    });
  });
});

describe('payments in a shop that takes them through Stripe', () => {
  let stripe: StripeServer;
  let shop: TestApp;
  beforeAll(async () => {
    stripe = await startStripeServer('sk_test_of_this_journey');
    shop = await startTestApp({
      EASY11_PAYMENTS: 'stripe',
      STRIPE_SECRET_KEY: 'sk_test_of_this_journey',
      STRIPE_WEBHOOK_SECRET: 'whsec_of_this_journey',
      EASY11_STRIPE_URL: stripe.url,
    });
  });
  afterAll(async () => {
    await shop.close();
    await stripe.close();
  });
  const attempt = (
    method: 'card' | 'pix' | 'upi' | 'sepa_debit',
    country: string,
    amount: number,
    currency: string,
  ) => ({
    orderId: newId('ord'),
    attempt: 1,
    amount: { amount, currency },
    method,
    token: 'pm_card_visa',
    country,
  });
  const open = (...wanted: Parameters<typeof attempt>) =>
    shop.database.database.transaction((client) => shop.app.payments!.open(client, attempt(...wanted)));

  test('are offered where each is used: what the payer has to do, the order says', async () => {
    const offered = async (country: string, currency: string) => {
      const { body } = await shop.get(`/v1/payment-methods?country=${country}&currency=${currency}`);
      return (body as { data: { method: string }[] }).data.map(({ method }) => method);
    };
    expect(await offered('DE', 'EUR')).toEqual(['card', 'sepa_debit']);
    expect(await offered('BR', 'BRL')).toEqual(['card', 'pix']);
    expect(await offered('IN', 'INR')).toEqual(['card', 'upi']);
    expect((await open('sepa_debit', 'DE', 100, 'EUR')).status).toBe('created');
    expect((await open('pix', 'BR', 100, 'BRL')).status).toBe('created');
    await expect(open('upi', 'BR', 100, 'BRL')).rejects.toMatchObject({ code: 'payment-method-not-offered' });
  });

  test('of an amount that Stripe cannot move exactly are refused before anything is written', async () => {
    await expect(open('card', 'KW', 5_124, 'KWD')).rejects.toMatchObject({ code: 'payment-method-not-offered' });
    expect((await open('card', 'KW', 5_120, 'KWD')).status).toBe('created');
    expect(stripe.calls.filter(({ call }) => call === 'POST /v1/payment_intents')).toEqual([]);
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
