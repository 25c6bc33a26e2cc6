import { createPayments } from '../../../src/contexts/payments';
import { eventually } from '../../support/app';
import { brokenInvariants, newAttempt, openPaymentShop, type PaymentShop } from './shop';

let shop: PaymentShop;
beforeAll(async () => {
  shop = await openPaymentShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await brokenInvariants(shop.database.pool)).toEqual([]);
});
// What is pending stays so until the test has looked at it, and says that it may end.
beforeAll(() => shop.sandbox.control({ faults: { pendingMs: 3_600_000 } }));
const settle = (): Promise<void> => shop.sandbox.control({ settle: true });

const booked = async (id: string | null) => (await shop.sandbox.books()).find((payment) => payment.id === id);

describe('a card payment', () => {
  test('is opened, authorised and captured, and each step is told once, with the ledger balanced', async () => {
    const opened = await shop.open();
    expect(opened).toMatchObject({ status: 'created', providerId: null, version: 0 });
    const authorised = await shop.authorised({ ...newAttempt(), orderId: opened.orderId });
    expect(authorised).toMatchObject({ id: opened.id, status: 'authorised', authorised: opened.amount });
    const result = await shop.payments.callCapture(authorised);
    for (let round = 0; round < 3; round++)
      await shop.database.transaction((client) => shop.payments.recordCapture(client, opened.id, result));
    expect(await shop.read(opened.id)).toMatchObject({ status: 'captured', captured: opened.amount, version: 2 });
    expect(await shop.stepsOf(opened.id)).toEqual(['authorised', 'captured']);
    expect(await booked(authorised.providerId)).toMatchObject({ status: 'captured', captured: 1999 });
  });

  test('that is opened twice is one, and another one of the same attempt is refused', async () => {
    const attempt = newAttempt();
    const [first, second] = [await shop.open(attempt), await shop.open(attempt)];
    expect(second.id).toBe(first.id);
    await expect(shop.open({ ...attempt, amount: { amount: 1, currency: 'GBP' } })).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test.each([
    ['tok_declined', 'card_declined'],
    ['tok_insufficient_funds', 'insufficient_funds'],
    ['tok_of_somebody_else', 'invalid_token'],
  ])('with %s is declined with %s', async (token, declineCode) => {
    const payment = await shop.authorised({ token });
    expect(payment).toMatchObject({ status: 'declined', declineCode, authorised: { amount: 0 } });
    expect(await shop.stepsOf(payment.id)).toEqual(['declined']);
  });

  test('gets the same answer to a call that is repeated, and a refusal of another call with its key', async () => {
    const payment = await shop.open();
    const answers = await Promise.all(Array.from({ length: 20 }, () => shop.payments.callAuthorise(payment)));
    expect(new Set(answers.map(({ providerId }) => providerId)).size).toBe(1);
    const other = { ...payment, amount: { amount: 5, currency: 'GBP' } };
    await expect(shop.payments.callAuthorise(other)).rejects.toMatchObject({
      name: 'GatewayRefused',
      code: 'key_reused',
    });
  });

  test('is released again, and a released one cannot be captured', async () => {
    const payment = await shop.authorised();
    const result = await shop.payments.callVoid(payment);
    await shop.database.transaction((client) => shop.payments.recordVoid(client, payment.id, result));
    expect((await shop.read(payment.id)).status).toBe('voided');
    expect(await shop.payments.callCapture(payment)).toMatchObject({ status: 'voided', captured: 0 });
  });

  test('that was never heard of at the provider is released too: it can never be charged later', async () => {
    const payment = await shop.open();
    const result = await shop.payments.callVoid(payment);
    await shop.database.transaction((client) => shop.payments.recordVoid(client, payment.id, result));
    expect((await shop.read(payment.id)).status).toBe('voided');
    expect(await shop.payments.callAuthorise(payment)).toMatchObject({ providerId: result.providerId });
    expect(await booked(result.providerId)).toMatchObject({ status: 'voided' });
  });

  test('that is captured is not released, and says so', async () => {
    const payment = await shop.captured();
    expect(await shop.payments.callVoid(payment)).toMatchObject({ status: 'captured', captured: 1999 });
  });
});

test('a payment that lies with another provider than the one that runs is not called: what is there is not known', async () => {
  const payment = { ...(await shop.captured()), provider: 'stripe' };
  const { callAuthorise, callCapture, callVoid, callRefund, callFind, callFindRefund } = shop.payments;
  const refund = { id: 'rfd_1', amount: payment.amount };
  const calls = [
    callAuthorise(payment),
    callCapture(payment),
    callVoid(payment),
    callRefund(payment, refund),
    callFind(payment),
    callFindRefund(payment, refund.id),
  ];
  for (const end of await Promise.allSettled(calls))
    expect(end).toMatchObject({ reason: { name: 'GatewayUnavailable', reason: 'other-provider' } });
});

describe('a payment that the payer confirms elsewhere', () => {
  test.each([
    ['upi', 'IN', 'INR'],
    ['pix', 'BR', 'BRL'],
    ['sepa_debit', 'DE', 'EUR'],
  ] as const)('by %s from %s is pending, then captured, and the webhook says so', async (method, country, currency) => {
    const payment = await shop.authorised({ method, country, amount: { amount: 4200, currency } });
    expect(payment.status).toBe('pending');
    await settle();
    await eventually(60_000, async () => (await shop.read(payment.id)).status === 'captured');
    expect(await shop.stepsOf(payment.id)).toEqual(['pending', 'authorised', 'captured']);
    expect((await shop.payments.callCapture(payment)).status).toBe('captured');
  });

  test('by card with a check of the bank is pending, then authorised, and captured on dispatch', async () => {
    const payment = await shop.authorised({ token: 'tok_pending_success' });
    await settle();
    await eventually(60_000, async () => (await shop.read(payment.id)).status === 'authorised');
    expect(await shop.payments.callCapture(payment)).toMatchObject({ status: 'captured' });
    // The webhook of the capture is enough.
    await eventually(60_000, async () => (await shop.read(payment.id)).status === 'captured');
  });

  test('and is not confirmed is declined later', async () => {
    const payment = await shop.authorised({ token: 'tok_pending_failure' });
    await settle();
    await eventually(60_000, async () => (await shop.read(payment.id)).status === 'declined');
    expect(await shop.stepsOf(payment.id)).toEqual(['pending', 'declined']);
    expect((await shop.read(payment.id)).declineCode).toBe('payment_failed');
  });

  test.each([
    ['upi', 'DE', 'INR'],
    ['upi', 'IN', 'EUR'],
    ['pix', 'BR', 'USD'],
    ['sepa_debit', 'GB', 'EUR'],
  ] as const)('by %s is not offered in %s for %s', async (method, country, currency) => {
    await expect(shop.open({ method, country, amount: { amount: 1, currency } })).rejects.toMatchObject({
      code: 'payment-method-not-offered',
    });
  });
});

describe('a refund', () => {
  const request = (orderId: string, amount: number) =>
    shop.database.transaction((client) =>
      shop.payments.requestRefund(client, { orderId, amount: { amount, currency: 'GBP' }, reason: 'returned' }),
    );
  const carryOut = async (
    payment: { id: string },
    refund: { id: string; amount: { amount: number; currency: string } },
  ) => {
    const result = await shop.payments.callRefund(await shop.read(payment.id), refund);
    return shop.database.transaction((client) => shop.payments.recordRefund(client, refund.id, result));
  };

  test('is reserved, asked for, and recorded once however often', async () => {
    const payment = await shop.captured();
    const refund = await request(payment.orderId, 500);
    expect(await shop.read(payment.id)).toMatchObject({ refundPending: { amount: 500 }, refunded: { amount: 0 } });
    for (let round = 0; round < 3; round++) expect((await carryOut(payment, refund)).status).toBe('succeeded');
    expect(await shop.read(payment.id)).toMatchObject({ refundPending: { amount: 0 }, refunded: { amount: 500 } });
    expect(await shop.stepsOf(payment.id)).toEqual(['authorised', 'captured', 'refunded']);
    expect(await booked(payment.providerId)).toMatchObject({ refunded: 500 });
  });

  test('of more than is left is refused, and of an order that never paid there is none', async () => {
    const payment = await shop.captured();
    await request(payment.orderId, 1500);
    await expect(request(payment.orderId, 500)).rejects.toMatchObject({
      code: 'refund-exceeds-capture',
      message: '5.00 GBP asked for, 4.99 GBP left',
    });
    const authorised = await shop.authorised();
    await expect(request(authorised.orderId, 1)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('that the provider cannot move exactly is refused before anything is written', async () => {
    const payment = await shop.captured();
    const { gateway } = shop.sandbox;
    const whole = createPayments({ gateway: { ...gateway, takes: ({ amount }) => amount % 100 === 0 } });
    const ask = (amount: number) =>
      shop.database.transaction((client) =>
        whole.requestRefund(client, {
          orderId: payment.orderId,
          amount: { amount, currency: 'GBP' },
          reason: 'returned',
        }),
      );
    await expect(ask(550)).rejects.toMatchObject({ code: 'amount-not-payable', status: 422 });
    expect((await shop.read(payment.id)).refundPending.amount).toBe(0);
    expect((await ask(500)).status).toBe('pending');
  });

  test('that fails gives its amount free again', async () => {
    const payment = await shop.captured({ token: 'tok_refund_fails' });
    const refund = await request(payment.orderId, 1999);
    expect(await carryOut(payment, refund)).toMatchObject({ status: 'failed', failureCode: 'account_closed' });
    expect(await shop.stepsOf(payment.id)).toEqual(['authorised', 'captured', 'refund-failed']);
    expect((await request(payment.orderId, 1999)).status).toBe('pending');
  });

  test('that takes its time is recorded when the webhook comes', async () => {
    const payment = await shop.captured({ token: 'tok_refund_pending' });
    const refund = await request(payment.orderId, 700);
    expect((await carryOut(payment, refund)).status).toBe('pending');
    await settle();
    await eventually(60_000, async () => (await shop.read(payment.id)).refunded.amount === 700);
  });

  test('asked for 200 times at once never exceeds what was captured', async () => {
    const payment = await shop.captured({ amount: { amount: 10_000, currency: 'GBP' } });
    const asked = await Promise.allSettled(Array.from({ length: 200 }, () => request(payment.orderId, 300)));
    const granted = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(granted).toHaveLength(33);
    for (const one of asked)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'refund-exceeds-capture' });
    const done = await Promise.all(granted.map((refund) => carryOut(payment, refund)));
    expect(done.every(({ status }) => status === 'succeeded')).toBe(true);
    expect(await shop.read(payment.id)).toMatchObject({ refunded: { amount: 9900 }, refundPending: { amount: 0 } });
    expect(await booked(payment.providerId)).toMatchObject({ refunded: 9900 });
  });
});

test('the provider’s books and ours agree in the end, and nobody was charged twice', async () => {
  await eventually(60_000, async () => (await brokenInvariants(shop.database.pool, shop.sandbox)).length === 0);
});
