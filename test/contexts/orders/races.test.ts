import { randomUUID } from 'node:crypto';
import { oneKey } from '../../chaos/one-key';
import { runRush } from '../../chaos/rush';
import { eventually } from '../../support/app';
import { insist, openShop, PATIENCE, type Answer, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

test('C3: one key, sent two hundred times at once and fifty times after, places one order, and has one answer to the byte', async () => {
  expect(await oneKey(shop, 200)).toEqual([]);
});

describe('C1: the last unit', () => {
  test('wanted by two hundred at once, each with a quote and a key of their own, is sold once, with its whole saga', async () => {
    const sku = await shop.product(1);
    const quotes = await Promise.all(Array.from({ length: 200 }, () => insist(() => quoteOf(sku))));
    const answers = await Promise.all(
      quotes.map(({ body }) => {
        const key = randomUUID();
        const request = shop.request(body.id);
        return insist(() => shop.checkout(request, { key }));
      }),
    );
    const placed = answers.filter(({ status }) => status === 202);
    expect(placed).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body.code === 'out-of-stock')).toHaveLength(199);
    await shop.reaches(placed[0]!.body.order.id, 'confirmed');
    expect(await shop.available(sku)).toBe(0);
  });

  test('comes back when its buyer’s card is declined, and the next one gets it', async () => {
    const sku = await shop.product(1);
    const first = await shop.checkout(shop.request(await shop.quote([sku]), { token: 'tok_declined' }));
    await shop.reaches(first.body.order.id, 'cancelled');
    const { id } = await shop.buy(sku);
    await shop.reaches(id, 'confirmed');
  });

  const quoteOf = (sku: string): Promise<Answer> =>
    shop.ask('POST', '/v1/quotes', { destination: { country: 'GB' }, lines: [{ sku, quantity: 1 }] });
});

describe('C14: two refunds of the whole amount at once', () => {
  test('are one refund', async () => {
    const { id } = await shop.buy(await shop.product(1, 4000));
    await shop.admin('POST', `/orders/${id}/dispatch`);
    await shop.reaches(id, 'dispatched');
    const refund = { amount: { amount: 4000, currency: 'GBP' }, reason: 'broken' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => insist(() => shop.admin('POST', `/orders/${id}/refunds`, refund))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array.from({ length: 9 }, () => 409)]);
  });
});

describe('a dispatch and a cancellation at once', () => {
  test('have one winner: the order is dispatched and paid for, or cancelled and free', async () => {
    const sku = await shop.product(20);
    const ends = await Promise.all(
      Array.from({ length: 20 }, async () => {
        const { id, token } = await shop.buy(sku);
        await shop.reaches(id, 'confirmed');
        const headers = { Authorization: `Bearer ${token}`, 'Idempotency-Key': randomUUID() };
        const answers = await Promise.all([
          insist(() => shop.admin('POST', `/orders/${id}/dispatch`)),
          insist(() => shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, headers)),
        ]);
        expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
        const end = answers[0]?.status === 202 ? 'dispatched' : 'cancelled';
        await shop.reaches(id, end);
        return end;
      }),
    );
    expect(await shop.available(sku)).toBe(ends.filter((end) => end === 'cancelled').length);
  });
});

describe('a payment that the customer confirms elsewhere', () => {
  const address = { name: 'Ana', lines: ['Rua 1'], city: 'São Paulo', postcode: '01000', country: 'BR', state: 'SP' };
  const brazil = { country: 'BR', state: 'SP' };
  const rate = (): Promise<Answer> =>
    shop.admin('POST', '/fx-snapshots', { base: 'GBP', source: 'test', takenOn: '2026-01-01', rates: { BRL: '7.5' } });

  test('keeps its order waiting until the provider tells, and confirms it then; a later cancellation gives it back', async () => {
    await rate();
    const sku = await shop.product(1);
    await shop.sandbox.control({ faults: { pendingMs: 3_600_000 } });
    const quoteId = await shop.quote([sku], 1, brazil);
    const request = shop.request(quoteId, { method: 'pix', shippingAddress: address });
    const { order, orderToken } = (await shop.checkout(request)).body;
    await eventually(PATIENCE, async () => {
      const { rows } = await shop.pool.query('select waiting_for from sagas where id = $1', [order.id]);
      return rows[0].waiting_for === 'payment';
    });
    expect(await shop.state(order.id)).toBe('pending');
    await shop.sandbox.control({ settle: true });
    await shop.reaches(order.id, 'confirmed');
    const headers = { Authorization: `Bearer ${orderToken}`, 'Idempotency-Key': randomUUID() };
    await shop.ask('POST', `/v1/orders/${order.id}/cancellation`, undefined, headers);
    await shop.reaches(order.id, 'cancelled');
    const [payment] = (await shop.admin('GET', `/orders/${order.id}`)).body.payments;
    expect(payment.status).toBe('captured');
    expect(payment.refunded).toEqual(payment.captured);
    expect(await shop.available(sku)).toBe(1);
  });

  test('that is not made in time cancels its order; what the provider then has is given back', async () => {
    await rate();
    const sku = await shop.product(1);
    await shop.sandbox.control({ faults: { pendingMs: 3_600_000 } });
    const request = shop.request(await shop.quote([sku], 1, brazil), { method: 'pix', shippingAddress: address });
    const { order } = (await shop.checkout(request)).body;
    await eventually(PATIENCE, async () => {
      const { rowCount } = await shop.pool.query(
        `update sagas set wait_until = now(), next_at = now() where id = $1 and waiting_for = 'payment'`,
        [order.id],
      );
      return rowCount === 1;
    });
    await shop.reaches(order.id, 'cancelled');
    expect((await shop.admin('GET', `/orders/${order.id}`)).body.reason).toBe('payment-timeout');
    expect(await shop.available(sku)).toBe(1);
  });
});

test('C1: two hundred at once want the last twenty units, half of them in baskets of three in random order: twenty get them, all others hear that they are gone, nobody is sent away', async () => {
  const report = await runRush({ seed: 7, runs: 1, customers: 200, units: 20 });
  expect(report).toMatchObject({ wrong: [], broken: [], others: {}, deadlocks: 0 });
  expect(report.latencies).toHaveLength(200);
});
