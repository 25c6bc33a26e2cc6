import { pino } from 'pino';
import { followSilent } from '../../../src/contexts/payments/background';
import type { BookPayment } from '../../../src/sandbox-provider/books';
import { newId } from '../../../src/kernel/ids';
import { signWebhook } from '../../../src/platform/webhooks/standard';
import { brokenInvariants, openPaymentShop, type PaymentShop } from './shop';

const HOUR = 3_600_000;

let shop: PaymentShop;
beforeAll(async () => {
  shop = await openPaymentShop();
  // Here we are the provider ourselves.
  await shop.sandbox.control({ webhookUrl: null });
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await brokenInvariants(shop.database.pool)).toEqual([]);
});

interface Sending {
  readonly secret?: string;
  readonly offsetMs?: number;
  readonly cut?: number;
  readonly provider?: string;
}

async function send(
  event: object,
  { secret = shop.sandbox.secret, offsetMs = 0, cut = 0, provider = 'sandbox' }: Sending = {},
) {
  const { id } = event as { id: string };
  const body = Buffer.from(JSON.stringify(event));
  const answer = await fetch(`${shop.url}/v1/webhooks/payments/${provider}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...signWebhook(secret, id, Date.now() + offsetMs, body) },
    body: body.subarray(0, body.length - cut),
  });
  return { status: answer.status, body: (await answer.json()) as { code?: string; outcome?: string } };
}

const eventOf = (payment: BookPayment, refundId: string | null = null): { id: string } & Record<string, unknown> => ({
  id: newId('evt'),
  type: `payment.${payment.status}`,
  createdAt: Date.now(),
  payment,
  refundId,
});

/** A payment of which the shop has heard nothing yet, as the provider has it after each step. */
async function unheard(): Promise<{ id: string; authorised: BookPayment; captured: BookPayment }> {
  const payment = await shop.open();
  const { providerId } = await shop.payments.callAuthorise(payment);
  const find = async () => (await shop.sandbox.books()).find(({ id }) => id === providerId)!;
  const authorised = await find();
  await shop.payments.callCapture({ ...payment, providerId });
  return { id: payment.id, authorised, captured: await find() };
}

describe('a webhook', () => {
  test('instead of the answer of the call is enough', async () => {
    const { id, authorised } = await unheard();
    expect(await send(eventOf(authorised))).toMatchObject({ status: 200, body: { outcome: 'recorded' } });
    expect(await shop.read(id)).toMatchObject({ status: 'authorised', providerId: authorised.id });
  });

  test('that comes twenty times at once has one effect', async () => {
    const { id, captured } = await unheard();
    const event = eventOf(captured);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(event)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(answers.map(({ body }) => body.outcome).sort()).toEqual([
      ...Array.from({ length: 19 }, () => 'duplicate'),
      'recorded',
    ]);
    expect(await shop.stepsOf(id)).toEqual(['authorised', 'captured']);
  });

  test('that comes after a later one changes nothing any more', async () => {
    const { id, authorised, captured } = await unheard();
    expect((await send(eventOf(captured))).body.outcome).toBe('recorded');
    expect((await send(eventOf(authorised))).body.outcome).toBe('unchanged');
    expect((await shop.read(id)).status).toBe('captured');
    expect(await shop.stepsOf(id)).toEqual(['authorised', 'captured']);
  });

  test('of a refund before the answer of its call records it, and the answer adds nothing', async () => {
    const payment = await shop.captured();
    const amount = { amount: 250, currency: 'GBP' };
    const refund = await shop.database.transaction((client) =>
      shop.payments.requestRefund(client, { orderId: payment.orderId, amount, reason: 'returned' }),
    );
    const result = await shop.payments.callRefund(payment, refund);
    const booked = (await shop.sandbox.books()).find(({ id }) => id === payment.providerId)!;
    expect((await send(eventOf(booked, refund.id))).body.outcome).toBe('recorded');
    await shop.database.transaction((client) => shop.payments.recordRefund(client, refund.id, result));
    expect((await shop.read(payment.id)).refunded.amount).toBe(250);
    expect(await shop.stepsOf(payment.id)).toEqual(['authorised', 'captured', 'refunded']);
  });

  test.each([
    ['signed by somebody else', { secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}` }],
    ['signed more than five minutes ago', { offsetMs: -301_000 }],
    // Far enough that the way here, on a busy machine, does not bring it back within the five minutes.
    ['signed for the future', { offsetMs: 600_000 }],
    ['without its last byte', { cut: 1 }],
    ['without its body', { cut: 10_000 }],
  ] as [string, Sending][])('%s is refused, and nothing is recorded', async (_what, sending) => {
    const { id, captured } = await unheard();
    const event = eventOf(captured);
    const { status, body } = await send(event, {
      ...sending,
      cut: Math.min(sending.cut ?? 0, JSON.stringify(event).length),
    });
    expect([status, body.code]).toEqual([400, 'webhook-signature-invalid']);
    expect((await shop.read(id)).status).toBe('created');
    // It did not use up the event's id: the true one still has its effect.
    expect((await send(event)).body.outcome).toBe('recorded');
  });

  test('that was signed hours ago is refused, and what it would have said is found by asking', async () => {
    const { id, captured } = await unheard();
    const event = eventOf(captured);
    expect((await send(event, { offsetMs: -5 * HOUR })).body.code).toBe('webhook-signature-invalid');
    expect(await shop.stepsOf(id)).toEqual([]);
    const { database, payments, sandbox } = shop;
    // As if the shop had asked hours ago and heard nothing since.
    await database.pool.query(`update payments set status = 'pending', provider_id = $2 where id = $1`, [
      id,
      captured.id,
    ]);
    const log = pino({ level: 'silent' });
    await followSilent({ database, payments, log, gateway: sandbox.gateway, silentMs: 0 }, AbortSignal.timeout(60_000));
    expect((await shop.read(id)).status).toBe('captured');
    expect((await send(event)).body.outcome).toBe('unchanged');
    expect(await shop.stepsOf(id)).toEqual(['authorised', 'captured']);
  });

  test('about something of hours ago, which the provider has signed anew to send it again, has its effect once', async () => {
    const { id, authorised, captured } = await unheard();
    const old = { ...eventOf(captured), createdAt: Date.now() - 5 * HOUR };
    expect((await send(old)).body.outcome).toBe('recorded');
    expect((await send(old, { offsetMs: 60_000 })).body.outcome).toBe('duplicate');
    expect((await send({ ...eventOf(authorised), createdAt: Date.now() - 6 * HOUR })).body.outcome).toBe('unchanged');
    expect((await shop.read(id)).status).toBe('captured');
    expect(await shop.stepsOf(id)).toEqual(['authorised', 'captured']);
  });

  test('without a signature is refused', async () => {
    const answer = await fetch(`${shop.url}/v1/webhooks/payments/sandbox`, { method: 'POST', body: '{}' });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'webhook-signature-invalid' }),
    ]);
  });

  test('of a payment that is not ours is noted, so that it is not sent for ever', async () => {
    const { authorised } = await unheard();
    const foreign = { ...authorised, id: 'sbx_of_another_shop', key: 'ord_other:authorise:1' };
    expect(await send(eventOf(foreign))).toMatchObject({ status: 200, body: { outcome: 'unknown-payment' } });
  });

  test('of a second charge under our own key is no stranger: it contradicts the payment, and the back office sees it', async () => {
    const { id, authorised, captured } = await unheard();
    await send(eventOf(authorised));
    const second = eventOf({ ...captured, id: 'sbx_second_charge' });
    expect(await send(second)).toMatchObject({ status: 200, body: { outcome: 'mismatch' } });
    const payment = await shop.read(id);
    expect(payment).toMatchObject({ status: 'authorised', providerId: authorised.id, captured: { amount: 0 } });
    const { body } = await shop.admin('GET', `/payments?order=${payment.orderId}`);
    expect(body.data).toMatchObject([{ id, mismatches: [{ eventId: second.id, type: 'payment.captured' }] }]);
  });

  test('whose id and key name two payments of ours is believed for neither', async () => {
    const [one, other] = [await unheard(), await unheard()];
    await send(eventOf(one.authorised));
    const event = eventOf({ ...one.captured, key: other.captured.key });
    expect(await send(event)).toMatchObject({ status: 200, body: { outcome: 'mismatch' } });
    expect(await shop.read(one.id)).toMatchObject({ status: 'authorised', captured: { amount: 0 } });
    expect(await shop.read(other.id)).toMatchObject({ status: 'created', providerId: null });
    const { orderId } = await shop.read(one.id);
    const { body } = await shop.admin('GET', `/payments?order=${orderId}`);
    expect(body.data[0].mismatches).toMatchObject([{ eventId: event.id }]);
    expect((await send(event)).body.outcome).toBe('duplicate');
  });

  test('that says another amount than was agreed is noted and not believed', async () => {
    const { id, captured } = await unheard();
    for (const wrong of [
      { ...captured, amount: 1 },
      { ...captured, captured: 2_000 },
      { ...captured, currency: 'USD' },
    ])
      expect(await send(eventOf(wrong))).toMatchObject({ status: 200, body: { outcome: 'mismatch' } });
    expect(await shop.read(id)).toMatchObject({ status: 'created', captured: { amount: 0 } });
  });

  test('that is signed and makes no sense is malformed', async () => {
    const { status, body } = await send({ id: newId('evt'), hello: 'world' });
    expect([status, body.code]).toEqual([400, 'malformed-request']);
  });

  test('is only heard from the provider that is used', async () => {
    const { captured } = await unheard();
    expect((await send(eventOf(captured), { provider: 'stripe' })).status).toBe(404);
    expect((await fetch(`${shop.url}/v1/webhooks/payments/sandbox`)).status).toBe(405);
  });
});
