import fc from 'fast-check';
import { advanceDispute, disputeTransaction, type DisputeStatus } from '../../../src/contexts/payments/dispute-rules';
import { newId } from '../../../src/kernel/ids';
import { signWebhook } from '../../../src/platform/webhooks/standard';
import type { BookDispute, BookPayment } from '../../../src/sandbox-provider/books';
import { eventually } from '../../support/app';
import { brokenInvariants, openPaymentShop, type PaymentShop } from './shop';

describe('a dispute', () => {
  const money = (amount: number) => ({ amount, currency: 'EUR' });
  const told = fc.array(fc.constantFrom<DisputeStatus>('inquiry', 'open', 'won', 'lost', 'closed'), { maxLength: 8 });

  test('only goes forward, and its transactions leave with the bank what it holds, whatever is told in whatever order', () => {
    fc.assert(
      fc.property(told, fc.integer({ min: 1, max: 1e9 }), (statuses, amount) => {
        let status: DisputeStatus | undefined;
        let held = 0;
        const accounts = new Map<string, number>();
        for (const next of statuses) {
          const change = advanceDispute(status, { status: next, amount: money(amount) });
          if (status === 'won' || status === 'lost' || status === 'closed') expect(change).toBeUndefined();
          if (!change) continue;
          status = change.status;
          held += change.disputedNow;
          for (const step of change.steps)
            for (const entry of disputeTransaction(step, 'dsp_1', amount, 'EUR')?.entries ?? [])
              accounts.set(entry.account, (accounts.get(entry.account) ?? 0) + entry.amount);
        }
        const wanted = status === 'open' || status === 'lost' ? amount : 0;
        expect(held).toBe(wanted);
        expect(accounts.get('provider_clearing') ?? 0).toBe(-wanted + 0);
        expect(accounts.get('disputed_funds') ?? 0).toBe(status === 'open' ? amount : 0);
        expect(accounts.get('dispute_losses') ?? 0).toBe(status === 'lost' ? amount : 0);
      }),
      { seed: 51, numRuns: 1_000 },
    );
  });
});

describe('what a payer’s bank takes back', () => {
  let shop: PaymentShop;
  beforeAll(async () => {
    shop = await openPaymentShop();
  });
  afterAll(() => shop.close());

  const disputes = async (status: string) => (await shop.admin('GET', `/disputes?status=${status}`)).body.data;
  const kinds = async (payment: string): Promise<string[]> =>
    (await shop.admin('GET', `/ledger?payment=${payment}`)).body.data
      .map(({ kind }: { kind: string }) => kind)
      .reverse();

  test.each([
    ['won', 0],
    ['lost', 1999],
    ['open', 1999],
  ])('and is %s is told by the sandbox, and is in the ledger, the list and the payment', async (end, held) => {
    const payment = await shop.captured({ token: `tok_dispute_${end}` });
    await eventually(20_000, async () =>
      ((await disputes(end)) as { paymentId: string }[]).some(({ paymentId }) => paymentId === payment.id),
    );
    expect((await shop.read(payment.id)).disputed.amount).toBe(held);
    expect(await kinds(payment.id)).toEqual([
      'capture',
      'dispute-opened',
      ...(end === 'open' ? [] : [`dispute-${end}`]),
    ]);
    const steps = ['authorised', 'captured', 'dispute-opened', ...(end === 'open' ? [] : [`dispute-${end}`])];
    expect(await shop.stepsOf(payment.id)).toEqual(steps);
    const { body } = await shop.admin('GET', `/payments?order=${payment.orderId}`);
    expect(body.data[0].disputes).toMatchObject([
      { status: end, reason: 'fraudulent', orderId: payment.orderId, amount: { amount: 1999, currency: 'GBP' } },
    ]);
    // What the bank has taken cannot be refunded too.
    const request = { orderId: payment.orderId, amount: { amount: 1999, currency: 'GBP' }, reason: 'returned' };
    const refund = shop.database.transaction((client) => shop.payments.requestRefund(client, request));
    if (held === 0) expect((await refund).status).toBe('pending');
    else await expect(refund).rejects.toMatchObject({ code: 'refund-exceeds-capture' });
    expect(await brokenInvariants(shop.database.pool, shop.sandbox)).toEqual([]);
  });

  test('has its one effect, in whatever order and however often its news come', async () => {
    await shop.sandbox.control({ webhookUrl: null });
    const payment = await shop.captured();
    const booked = (await shop.sandbox.books()).find(({ id }) => id === payment.providerId)!;
    const send = async (event: { id: string }) => {
      const body = Buffer.from(JSON.stringify(event));
      const answer = await fetch(`${shop.url}/v1/webhooks/payments/sandbox`, {
        method: 'POST',
        headers: { ...signWebhook(shop.sandbox.secret, event.id, Date.now(), body) },
        body,
      });
      return ((await answer.json()) as { outcome: string }).outcome;
    };
    const news = (status: BookDispute['status'], amount = 700, dispute = 'dp_1') => {
      const disputes = [{ id: dispute, amount, status, reason: 'fraudulent', dueAt: null }];
      const about: BookPayment = { ...booked, disputes };
      const id = newId('evt');
      return {
        id,
        type: `dispute.${status}`,
        createdAt: Date.now(),
        payment: about,
        refundId: null,
        disputeId: dispute,
      };
    };
    const lost = news('lost');
    expect(await Promise.all([send(lost), send(lost), send(lost)]).then((all) => all.sort())).toEqual([
      'duplicate',
      'duplicate',
      'recorded',
    ]);
    expect(await send(news('open'))).toBe('unchanged');
    expect(await send(news('won'))).toBe('unchanged');
    expect(await send(news('lost', 701))).toBe('mismatch');
    expect(await send(news('open', 5_000, 'dp_2'))).toBe('mismatch');
    expect(await send(news('open', 100, 'dp_3'))).toBe('recorded');
    expect((await shop.read(payment.id)).disputed.amount).toBe(800);
    expect(await kinds(payment.id)).toEqual(['capture', 'dispute-opened', 'dispute-lost', 'dispute-opened']);
    expect(await brokenInvariants(shop.database.pool)).toEqual([]);
  });
});
