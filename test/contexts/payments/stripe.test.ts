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
  return {
    key: `${orderId}:authorise:1`,
    orderId,
    amount,
    method: 'card',
    token: 'pm_card_visa',
    returnUrl: null,
    openedAt: new Date(NOW),
    ...change,
  };
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
      nextAction: null,
    });
    expect(server.calls[0]!.key).toBe(asked.key);
    expect(Object.fromEntries(server.calls[0]!.form)).toEqual({
      amount: '1999',
      currency: 'gbp',
      confirm: 'true',
      capture_method: 'manual',
      error_on_requires_action: 'true',
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
    const more = { ...refund, key: 'k:more', refundId: 'rfd_more', amount: { amount: 1500, currency: 'GBP' } };
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

  test('that the bank wants to see the payer for is declined where there is no page to come back to', async () => {
    expect(await authorise({ token: 'pm_card_authenticationRequired' })).toMatchObject({
      status: 'declined',
      declineCode: 'authentication_required',
    });
  });

  test('that the bank wants to see the payer for sends them there, where there is a page to come back to', async () => {
    const returnUrl = 'https://shop.example/orders/ord_1';
    const asked = request({ token: 'pm_card_authenticationRequired', returnUrl });
    const { providerId, ...pending } = await gateway.authorise(asked, signal());
    expect(pending).toMatchObject({
      status: 'pending',
      nextAction: {
        type: 'redirect',
        url: 'https://hooks.stripe.com/redirect/authenticate/src_1',
        expiresAt: null,
      },
    });
    const form = server.calls[0]!.form;
    expect([form.get('return_url'), form.has('error_on_requires_action')]).toEqual([returnUrl, false]);
    // The payer has done it: Stripe leaves the action out.
    Object.assign(server.intents.get(providerId)!, { status: 'requires_capture', next_action: null });
    expect(await gateway.find({ key: asked.key, providerId }, signal())).toMatchObject({
      status: 'authorised',
      nextAction: null,
    });
  });

  test.each([
    [
      'pix',
      'BRL',
      {
        type: 'pix',
        code: '000201pix-of-stripe',
        url: 'https://payments.stripe.com/pix/instructions/1',
        expiresAt: '2030-03-17T17:46:40.000Z',
      },
    ],
    [
      'upi',
      'INR',
      {
        type: 'upi',
        uri: null,
        url: 'https://payments.stripe.com/upi/instructions/1',
        expiresAt: '2030-03-17T17:46:40.000Z',
      },
    ],
  ] as const)(
    'by %s asks the payer to act, is captured by itself, and can be released before',
    async (method, currency, nextAction) => {
      const amount = { amount: 100, currency };
      const paid = await authorise({ method, amount, token: 'ctoken_1' });
      expect(paid).toMatchObject({ status: 'pending', nextAction });
      const expiry = server.calls[0]!.form.get('payment_method_options[pix][expires_after_seconds]');
      expect(expiry).toBe(method === 'pix' ? '3600' : null);
      const { providerId } = await authorise({ method, amount, token: 'ctoken_1' });
      expect(await gateway.void({ key: 'v', providerId }, signal())).toMatchObject({
        status: 'voided',
        nextAction: null,
      });
      Object.assign(server.intents.get(paid.providerId)!, { status: 'succeeded', amount_received: 100 });
      expect(await gateway.void({ key: 'v', providerId: paid.providerId }, signal())).toMatchObject({
        status: 'captured',
        captured: 100,
      });
    },
  );

  test('whose capture or refund the bank declines is refused, not unknown', async () => {
    const { providerId, amount } = await authorise();
    const refused = { name: 'GatewayRefused', code: 'card_declined', cause: expect.any(Error) as Error };
    server.next('402');
    await expect(gateway.capture({ key: 'c', providerId, amount }, signal())).rejects.toMatchObject(refused);
    expect(await gateway.capture({ key: 'c', providerId, amount }, signal())).toMatchObject({ status: 'captured' });
    const refund = { key: 'r', providerId, refundId: 'rfd_402', amount };
    server.next('answer', '402');
    await expect(gateway.refund(refund, signal())).rejects.toMatchObject(refused);
    expect(await gateway.findRefund(refund, signal())).toBeUndefined();
  });

  test('has as many refunds as it may: each is found, on whichever page', async () => {
    const { providerId, amount } = await authorise();
    await gateway.capture({ key: 'c', providerId, amount }, signal());
    const refund = (n: number) => ({
      key: `${providerId}:${n}`,
      providerId,
      refundId: `rfd_${providerId}_${n}`,
      amount: { amount: 10 + n, currency: 'GBP' },
    });
    for (let n = 0; n < 5; n++) await gateway.refund(refund(n), signal());
    for (let n = 0; n < 5; n++)
      expect(await gateway.findRefund(refund(n), signal())).toMatchObject({ refund: { id: refund(n).refundId } });
  });

  test('that Stripe never heard of is not there, and has no refunds', async () => {
    const nowhere = { key: 'k', providerId: 'pi_nowhere' };
    expect(await gateway.find(nowhere, signal())).toBeUndefined();
    expect(await gateway.findRefund({ ...nowhere, refundId: 'rfd_1' }, signal())).toBeUndefined();
  });

  test('by SEPA debit is pending, and captured by itself; it cannot be released meanwhile', async () => {
    const [method, currency] = ['sepa_debit', 'EUR'] as const;
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

  test.each([
    // Ours in minor units of ISO 4217, Stripe's in its own.
    ['JPY', 5_000, '5000'],
    ['ISK', 5_000, '500000'],
    ['UGX', 5_000, '500000'],
    ['MGA', 500_000, '5000'],
    ['KWD', 5_120, '5120'],
    ['HUF', 5_010, '5010'],
    ['GBP', 1_999, '1999'],
  ])('in %s is of the same amount on both sides, however Stripe counts', async (currency, units, there) => {
    const amount = { amount: units, currency };
    expect(gateway.takes(amount)).toBe(true);
    expect(await authorise({ amount })).toMatchObject({ amount });
    expect(server.calls[0]!.form.get('amount')).toBe(there);
  });

  test.each([
    ['MGA', 500_050, 'the ariary has no hundredths there'],
    ['KWD', 5_124, 'the last of three digits must be 0'],
  ])('in %s that Stripe cannot move exactly is refused before anybody is asked: %i, %s', async (currency, units) => {
    const amount = { amount: units, currency };
    expect(gateway.takes(amount)).toBe(false);
    await expect(authorise({ amount })).rejects.toMatchObject({ name: 'GatewayRefused', code: 'amount-not-payable' });
    expect(server.calls).toEqual([]);
  });
});

describe('a call whose end is not known', () => {
  const made = (key: string) => [...server.intents.values()].filter(({ metadata }) => metadata.key === key);
  afterEach(() => {
    server.searchLags = false;
  });

  test.each([
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
      expect(made(asked.key).map(({ id }) => id)).toEqual([providerId]);
    },
  );

  test('(500, and it happened) is looked for, since Stripe answers 500 to this key for a day', async () => {
    const asked = request();
    server.next('500-after');
    server.searchLags = true;
    const unknown = { name: 'GatewayUnavailable', reason: 'server-error' };
    for (let round = 0; round < 2; round++)
      await expect(gateway.authorise(asked, signal())).rejects.toMatchObject(unknown);
    server.searchLags = false;
    expect(await gateway.authorise(asked, signal())).toMatchObject({ status: 'authorised' });
    expect(made(asked.key)).toHaveLength(1);
  });

  test('(500, and it did not happen) stays unknown until Stripe has forgotten the key, and is one payment then', async () => {
    const asked = request();
    server.next('500');
    for (let round = 0; round < 2; round++)
      await expect(gateway.authorise(asked, signal())).rejects.toMatchObject({ reason: 'server-error' });
    server.forgetKeys();
    expect(await gateway.authorise(asked, signal())).toMatchObject({ status: 'authorised' });
    expect(made(asked.key)).toHaveLength(1);
  });

  test('and that Stripe does not let us look for stays unknown: it is no refusal', async () => {
    const asked = request();
    server.next('500-after', '400');
    const unknown = { name: 'GatewayUnavailable', reason: 'unauthorised' };
    await expect(gateway.authorise(asked, signal())).rejects.toMatchObject(unknown);
    const yesterday = request({ openedAt: new Date(NOW - 25 * 3_600_000) });
    server.next('400');
    await expect(gateway.authorise(yesterday, signal())).rejects.toMatchObject(unknown);
    expect(made(yesterday.key)).toEqual([]);
  });

  test('and that is repeated the next day, when Stripe has forgotten its key, is still one payment', async () => {
    const asked = request({ openedAt: new Date(NOW - 25 * 3_600_000) });
    const { providerId } = await gateway.authorise(asked, signal());
    server.forgetKeys();
    expect(await gateway.authorise(asked, signal())).toMatchObject({ providerId });
    expect(made(asked.key)).toHaveLength(1);
  });

  test.each(['500', '500-after'] as const)(
    'of a capture or a refund (%s) is repeated to its one end',
    async (fault) => {
      const { providerId, amount } = await authorise();
      server.next(fault);
      await expect(gateway.capture({ key: 'c', providerId, amount }, signal())).rejects.toMatchObject({
        reason: 'server-error',
      });
      expect(await gateway.capture({ key: 'c', providerId, amount }, signal())).toMatchObject({ captured: 1999 });
      const part = { amount: 500, currency: 'GBP' };
      const refund = { key: `${providerId}:refund`, providerId, refundId: `rfd_of_${providerId}`, amount: part };
      await gateway.refund(refund, signal());
      server.forgetKeys();
      expect(await gateway.refund(refund, signal())).toMatchObject({ refunded: 500 });
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
    const controller = new AbortController();
    const ends = gateway.authorise(asked, controller.signal).then(String, ({ reason }: { reason: string }) => reason);
    while (server.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new Error('enough'));
    expect(await ends).toBe('given-up');
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
  const taken = [...server.intents.values()].find(({ latest_charge: charge }) => (charge?.amount_refunded ?? 0) > 0)!;
  const dispute = { object: 'dispute', currency: 'gbp', reason: 'fraudulent', payment_intent: taken.id } as const;
  for (const [id, status, amount] of [
    ['dp_1', 'needs_response', 200],
    ['dp_2', 'lost', 30],
    ['dp_3', 'won', 4_000],
    ['dp_4', 'warning_needs_response', 50_000],
  ] as const)
    server.disputes.push({ ...dispute, id, status, amount });
  const booked: BookedPayment[] = [];
  for await (const one of gateway.books(new Date(NOW - 3_600_000), signal())) booked.push(one);
  const ours = [...server.intents.values()].filter(({ metadata }) => metadata.key !== undefined);
  expect(booked.length).toBeGreaterThan(5);
  expect(booked.map(({ providerId }) => providerId)).toEqual(ours.map(({ id }) => id));
  expect(booked.find(({ refunded }) => refunded > 0)).toMatchObject({
    status: 'captured',
    captured: 1999,
    refunded: 500,
    disputed: 230,
  });
});
