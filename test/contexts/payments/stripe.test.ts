import Stripe from 'stripe';
import { createStripeGateway } from '../../../src/contexts/payments';
import type { AuthoriseRequest, BookedPayment, Gateway } from '../../../src/contexts/payments/gateway';
import { startStripeServer, type StripeServer } from './stripe-server';

const SECRET_KEY = 'sk_test_of_these_tests';
const WEBHOOK_SECRET = 'whsec_of_these_tests';
const NOW = Date.now();

let server: StripeServer;
let gateway: Gateway;
beforeAll(async () => {
  server = await startStripeServer(SECRET_KEY);
  gateway = createStripeGateway({
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    url: server.url,
    clock: { now: () => NOW },
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.calls.length = 0;
});

let made = 0;
const request = (change: Partial<AuthoriseRequest> = {}): AuthoriseRequest => {
  const orderId = `ord_${++made}`;
  const amount = { amount: 1999, currency: 'GBP' };
  return { key: `${orderId}:authorise:1`, orderId, amount, method: 'card', token: 'pm_card_visa', ...change };
};
const signal = (): AbortSignal => AbortSignal.timeout(60_000);
const authorise = (change?: Partial<AuthoriseRequest>) => gateway.authorise(request(change), signal());

describe('a payment at Stripe', () => {
  test('by card is authorised, captured by hand, and refunded, each with our key', async () => {
    const asked = request();
    const { providerId, ...authorised } = await gateway.authorise(asked, signal());
    expect(authorised).toEqual({
      status: 'authorised',
      amount: asked.amount,
      captured: 0,
      refunded: 0,
      declineCode: null,
    });
    expect(server.calls[0]!.key).toBe(asked.key);
    expect(Object.fromEntries(server.calls[0]!.form)).toEqual({
      amount: '1999',
      currency: 'gbp',
      confirm: 'true',
      capture_method: 'manual',
      'allowed_payment_method_types[0]': 'card',
      payment_method: 'pm_card_visa',
      'metadata[key]': asked.key,
      'metadata[orderId]': asked.orderId,
    });
    const capture = { key: 'k:capture', providerId, amount: asked.amount };
    for (let round = 0; round < 2; round++)
      expect(await gateway.capture(capture, signal())).toMatchObject({ status: 'captured', captured: 1999 });
    const refund = { key: 'k:refund', providerId, refundId: 'rfd_1', amount: { amount: 500, currency: 'GBP' } };
    for (let round = 0; round < 2; round++)
      expect(await gateway.refund(refund, signal())).toMatchObject({
        refunded: 500,
        refund: { id: 'rfd_1', status: 'succeeded', failureCode: null },
      });
    expect(await gateway.findRefund(refund, signal())).toMatchObject({ refund: { status: 'succeeded' } });
    expect(await gateway.findRefund({ ...refund, refundId: 'rfd_2' }, signal())).toBeUndefined();
    const more = { ...refund, key: 'k:more', amount: { amount: 1500, currency: 'GBP' } };
    await expect(gateway.refund(more, signal())).rejects.toMatchObject({
      name: 'GatewayRefused',
      code: 'amount_too_large',
    });
  });

  test('that the bank declines is a result, also when it is asked for again', async () => {
    const asked = request({ token: 'pm_card_chargeDeclined' });
    const first = await gateway.authorise(asked, signal());
    expect(first).toMatchObject({ status: 'declined', declineCode: 'generic_decline', captured: 0 });
    expect(await gateway.authorise(asked, signal())).toEqual(first);
  });

  test.each([
    ['pix', 'BRL'],
    ['upi', 'INR'],
    ['sepa_debit', 'EUR'],
  ] as const)('by %s is pending, and captured by itself; it cannot be released meanwhile', async (method, currency) => {
    const { providerId, status } = await authorise({ method, amount: { amount: 100, currency }, token: 'ctoken_1' });
    expect(status).toBe('pending');
    expect(Object.fromEntries(server.calls[0]!.form)).toMatchObject({
      capture_method: 'automatic',
      'allowed_payment_method_types[0]': method,
      confirmation_token: 'ctoken_1',
    });
    expect(await gateway.void({ key: 'v', providerId }, signal())).toMatchObject({ status: 'pending' });
    Object.assign(server.intents.get(providerId)!, { status: 'succeeded', amount_received: 100 });
    expect(await gateway.void({ key: 'v', providerId }, signal())).toMatchObject({ status: 'captured', captured: 100 });
  });

  test('is released, twice is once, and a released one is not captured', async () => {
    const { providerId, amount } = await authorise();
    for (let round = 0; round < 2; round++)
      expect(await gateway.void({ key: 'v', providerId }, signal())).toMatchObject({ status: 'voided' });
    expect(await gateway.capture({ key: 'c', providerId, amount }, signal())).toMatchObject({
      status: 'voided',
      captured: 0,
    });
  });

  test('is found by its id and by our key', async () => {
    const asked = request();
    const { providerId } = await gateway.authorise(asked, signal());
    expect(await gateway.find({ key: asked.key, providerId }, signal())).toMatchObject({ providerId });
    expect(await gateway.find({ key: asked.key, providerId: null }, signal())).toMatchObject({ providerId });
    expect(await gateway.find({ key: 'ord_0:authorise:1', providerId: null }, signal())).toBeUndefined();
  });

  test('in a currency without cents that Stripe counts in hundredths is of the same amount', async () => {
    const amount = { amount: 5_000, currency: 'ISK' };
    expect(await authorise({ amount })).toMatchObject({ amount });
    expect(server.calls[0]!.form.get('amount')).toBe('500000');
    const yen = { amount: 5_000, currency: 'JPY' };
    await authorise({ amount: yen });
    expect(server.calls[1]!.form.get('amount')).toBe('5000');
  });
});

describe('a call whose end is not known', () => {
  test.each([
    ['500', 'server-error'],
    ['500-after', 'server-error'],
    ['429', 'busy'],
    ['409', 'busy'],
  ] as const)(
    '(%s) says so, is not repeated by the SDK, and the same call again is one payment',
    async (fault, reason) => {
      const asked = request();
      server.next(fault);
      await expect(gateway.authorise(asked, signal())).rejects.toMatchObject({ name: 'GatewayUnavailable', reason });
      expect(server.calls).toHaveLength(1);
      const { providerId } = await gateway.authorise(asked, signal());
      const same = [...server.intents.values()].filter(({ metadata }) => metadata.key === asked.key);
      expect(same.map(({ id }) => id)).toEqual([providerId]);
    },
  );

  test('because the connection broke says so: the SDK tries a broken one once more, with the same key', async () => {
    const asked = request();
    server.next('cut', 'cut');
    await expect(gateway.authorise(asked, signal())).rejects.toMatchObject({ reason: 'connection' });
    expect(server.calls.map(({ key }) => key)).toEqual([asked.key, asked.key]);
  });

  test('ends when nobody waits for it any more, although the effect happened', async () => {
    const asked = request();
    server.next('hang-after');
    await expect(gateway.authorise(asked, AbortSignal.timeout(200))).rejects.toMatchObject({ reason: 'given-up' });
    expect(await gateway.authorise(asked, signal())).toMatchObject({ status: 'authorised' });
  });
});

test.each([
  ['a token that is none', { token: 'tok_success' }, 'resource_missing'],
  [
    'a key that belongs to another call',
    { key: 'ord_reused:authorise:1', amount: { amount: 7, currency: 'GBP' } },
    'StripeIdempotencyError',
  ],
])('%s is refused: nothing happened, and a repetition would not either', async (_what, change, code) => {
  await gateway.authorise(request({ key: 'ord_reused:authorise:1', orderId: 'ord_reused' }), signal());
  await expect(gateway.authorise(request({ orderId: 'ord_reused', ...change }), signal())).rejects.toMatchObject({
    name: 'GatewayRefused',
    code,
  });
});

test.each([
  ['wrong', 'sk_test_wrong'],
  ['restricted', 'rk_test_restricted'],
])('with a %s secret key it is not known what happened to the money', async (_what, secretKey) => {
  const stranger = createStripeGateway({ secretKey, webhookSecret: WEBHOOK_SECRET, url: server.url });
  await expect(stranger.authorise(request(), signal())).rejects.toMatchObject({
    name: 'GatewayUnavailable',
    reason: 'unauthorised',
  });
});

test('the books are read page by page, and payments of others on the account are passed over', async () => {
  for (const intent of server.intents.values()) if (intent.metadata.orderId === 'ord_reused') intent.metadata = {};
  const booked: BookedPayment[] = [];
  for await (const one of gateway.books(new Date(NOW - 3_600_000), signal())) booked.push(one);
  const ours = [...server.intents.values()].filter(({ metadata }) => metadata.key !== undefined);
  expect(booked.length).toBeGreaterThan(5);
  expect(booked.map(({ providerId }) => providerId)).toEqual(ours.map(({ id }) => id));
  expect(booked.find(({ refunded }) => refunded > 0)).toMatchObject({
    status: 'captured',
    captured: 1999,
    refunded: 500,
  });
});

describe('a webhook of Stripe', () => {
  const stripe = new Stripe(SECRET_KEY);
  const intent = {
    id: 'pi_1',
    object: 'payment_intent',
    amount: 1999,
    amount_received: 1999,
    currency: 'gbp',
    status: 'succeeded',
    latest_charge: 'ch_1',
    last_payment_error: null,
    metadata: { key: 'ord_1:authorise:1' },
  };
  const event = (object: object) => ({
    id: 'evt_1',
    object: 'event',
    type: 'payment_intent.succeeded',
    created: Math.floor(NOW / 1000),
    data: { object },
  });
  const verify = (object: object, { ageSeconds = 0, secret = WEBHOOK_SECRET, cut = 0 } = {}) => {
    const payload = JSON.stringify(event(object));
    const timestamp = Math.floor(NOW / 1000) - ageSeconds;
    const header = stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });
    const body = Buffer.from(payload);
    return gateway.verifyWebhook(body.subarray(0, body.length - cut), { 'stripe-signature': header });
  };

  test('says what became of a payment', () => {
    expect(verify(intent)).toMatchObject({
      id: 'evt_1',
      providerId: 'pi_1',
      key: 'ord_1:authorise:1',
      payment: { status: 'captured', captured: 1999, amount: { amount: 1999, currency: 'GBP' } },
      refund: undefined,
    });
  });

  test('says what became of a refund', () => {
    const refund = {
      id: 're_1',
      object: 'refund',
      payment_intent: 'pi_1',
      status: 'failed',
      failure_reason: 'declined',
    };
    expect(verify({ ...refund, metadata: { refundId: 'rfd_1' } })).toMatchObject({
      providerId: 'pi_1',
      payment: undefined,
      refund: { id: 'rfd_1', status: 'failed', failureCode: 'declined' },
    });
  });

  test('about something else is about no payment', () => {
    expect(verify({ id: 'cus_1', object: 'customer' })).toMatchObject({ providerId: undefined, payment: undefined });
  });

  test.each([
    ['signed by somebody else', { secret: 'whsec_other' }],
    ['of more than five minutes ago', { ageSeconds: 301 }],
    ['of the future', { ageSeconds: -301 }],
    ['without its last byte', { cut: 1 }],
  ])('%s is refused', (_what, change) => {
    expect(() => verify(intent, change)).toThrow(expect.objectContaining({ code: 'webhook-signature-invalid' }));
  });

  test('without a signature is refused', () => {
    expect(() => gateway.verifyWebhook(Buffer.from('{}'), {})).toThrow(
      expect.objectContaining({ code: 'webhook-signature-invalid' }),
    );
  });

  test('five minutes old is taken', () => {
    expect(verify(intent, { ageSeconds: 300 }).id).toBe('evt_1');
  });
});
