import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/app';
import { bearer, insist, key, openShop, PATIENCE, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

/** With a key of its own, and again while a busy machine sends it away. */
const insistently = (body: Record<string, unknown>): ReturnType<Shop['checkout']> => {
  const key = randomUUID();
  return insist(() => shop.checkout(body, { key }));
};

describe('a checkout', () => {
  test('answers at once with the order and its token; the order is confirmed in the background', async () => {
    const sku = await shop.product(5);
    const quoteId = await shop.quote([sku], 2);
    const placed = await shop.checkout(shop.request(quoteId, { reference: 'my order 7' }));
    expect(placed.status).toBe(202);
    expect(placed.body.order).toMatchObject({
      state: 'pending',
      quoteId,
      reference: 'my order 7',
      total: { amount: 3998, currency: 'GBP' },
      lines: [{ sku, quantity: 2, unitPrice: { amount: 1999, currency: 'GBP' } }],
      version: 1,
    });
    expect(placed.headers.get('location')).toBe(`/v1/orders/${placed.body.order.id}`);
    await shop.reaches(placed.body.order.id, 'confirmed');
    expect(await shop.available(sku)).toBe(3);
    const { history, payments, sagas } = (await shop.admin('GET', `/orders/${placed.body.order.id}`)).body;
    expect(history.map((entry: { action: string }) => entry.action)).toEqual(['place', 'confirm']);
    expect(payments).toMatchObject([{ status: 'authorised', amount: { amount: 3998 }, captured: { amount: 0 } }]);
    expect(sagas).toMatchObject([{ kind: 'checkout', state: 'done', step: 'confirm', error: null }]);
  });

  test('that may wait hears of the confirmation with its answer', async () => {
    const sku = await shop.product(100);
    const buy = async (): ReturnType<Shop['checkout']> =>
      shop.checkout(shop.request(await shop.quote([sku])), { wait: 2000 });
    let placed = await buy();
    // Two seconds may be too short for a busy machine, and whoever waited in vain is told as much.
    for (let tries = 1; tries < 50 && placed.status === 202; tries++) {
      expect(placed.body.order.state).toBe('pending');
      placed = await buy();
    }
    expect([placed.status, placed.body.order.state]).toEqual([200, 'confirmed']);
  });

  test('needs an Idempotency-Key, a quote that there is, and the address that was quoted', async () => {
    const sku = await shop.product(5);
    const quoteId = await shop.quote([sku]);
    const body = shop.request(quoteId);
    expect((await shop.ask('POST', '/v1/checkout', body)).body.code).toBe('idempotency-key-required');
    const nowhere = await shop.checkout({ ...body, quoteId: `quo_${randomUUID()}` });
    expect([nowhere.status, nowhere.body.code]).toEqual([404, 'not-found']);
    const address = body.shippingAddress as Record<string, unknown>;
    const elsewhere = await shop.checkout({ ...body, shippingAddress: { ...address, country: 'FR' } });
    expect([elsewhere.status, elsewhere.body.errors[0].pointer]).toEqual([422, '/shippingAddress/country']);
    expect((await shop.checkout({ ...body, extra: 1 })).body.errors[0].code).toBe('unknown-field');
    expect((await shop.ask('POST', '/v1/checkout?wait=2001', body, key())).status).toBe(422);
    const pix = await shop.checkout({ ...body, method: 'pix' });
    expect([pix.status, pix.body.code]).toEqual([422, 'payment-method-not-offered']);
    expect(await shop.available(sku)).toBe(5);
  });

  test('of a quote that has bought an order is refused, and holds nothing', async () => {
    const sku = await shop.product(5);
    const quoteId = await shop.quote([sku]);
    const answers = await Promise.all([1, 2, 3, 4].map(() => insistently(shop.request(quoteId))));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409]);
    expect(answers.filter(({ body }) => body.code === 'quote-used')).toHaveLength(3);
    expect(await shop.available(sku)).toBe(4);
  });

  test('of more than there is names the line, and the quote may be used again', async () => {
    const sku = await shop.product(1);
    const quoteId = await shop.quote([sku], 2);
    const refused = await shop.checkout(shop.request(quoteId));
    expect([refused.status, refused.body.code]).toEqual([409, 'out-of-stock']);
    expect((await shop.checkout(shop.request(quoteId))).body.code).toBe('out-of-stock');
  });

  test('of an expired quote is refused', async () => {
    const quoteId = await shop.quote([await shop.product(1)]);
    await shop.pool.query(`update quotes set expires_at = now() - interval '1 second' where id = $1`, [quoteId]);
    expect((await shop.checkout(shop.request(quoteId))).body.code).toBe('quote-expired');
  });
});

describe('an order', () => {
  test('is shown to its customer and the back office, and is not there for anybody else', async () => {
    const sku = await shop.product(2);
    const [mine, other] = [await shop.buy(sku), await shop.buy(sku)];
    const own = await shop.ask('GET', `/v1/orders/${mine.id}`, undefined, bearer(mine));
    expect([own.status, own.body.id]).toEqual([200, mine.id]);
    expect(own.body).not.toHaveProperty('tokenDigest');
    const fresh = { ...bearer(mine), 'If-None-Match': String(own.headers.get('etag')) };
    expect((await shop.ask('GET', `/v1/orders/${mine.id}`, undefined, fresh)).status).toBe(304);
    expect((await shop.ask('GET', `/v1/orders/${mine.id}`)).status).toBe(401);
    expect((await shop.ask('GET', `/v1/orders/${mine.id}`, undefined, bearer(other))).status).toBe(404);
    expect(
      (await shop.ask('POST', `/v1/orders/${mine.id}/cancellation`, {}, { ...bearer(other), ...key() })).status,
    ).toBe(404);
    expect((await shop.admin('GET', '/orders?limit=1')).body.data[0].id).toBe(other.id);
    const first = await shop.admin('GET', '/orders?limit=1&state=confirmed');
    const second = await shop.admin('GET', `/orders?limit=1&state=confirmed&after=${first.body.page.next}`);
    expect(second.body.data[0].id).toBe(mine.id);
    expect((await shop.ask('GET', '/v1/admin/orders')).status).toBe(401);
  });

  test('tells its states as server-sent events, until there is nothing more to come', async () => {
    const sku = await shop.product(1);
    const { id, token } = await shop.buy(sku);
    const stream = await fetch(`${shop.app.url}/v1/orders/${id}/events`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    await shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, { Authorization: `Bearer ${token}`, ...key() });
    const told = (await stream.text()).split('\n').filter((line) => line.startsWith('data: '));
    const states = told.map((line) => (JSON.parse(line.slice(6)) as { state: string }).state);
    expect(states[0]).toBe('confirmed');
    expect(states.at(-1)).toBe('cancelled');
  });
});

describe('a declined card', () => {
  test('cancels the order and gives back the stock', async () => {
    const sku = await shop.product(1);
    const placed = await shop.checkout(shop.request(await shop.quote([sku]), { token: 'tok_declined' }), {
      wait: 2000,
    });
    await shop.reaches(placed.body.order.id, 'cancelled');
    const { reason, history, payments } = (await shop.admin('GET', `/orders/${placed.body.order.id}`)).body;
    expect(reason).toBe('payment-declined');
    expect(payments).toMatchObject([{ status: 'declined', declineCode: 'card_declined' }]);
    expect(history.map((entry: { action: string }) => entry.action)).toEqual(['place', 'cancel', 'undo']);
    expect(await shop.available(sku)).toBe(1);
  });
});

describe('a cancellation', () => {
  const cancel = (id: string, token: string): ReturnType<Shop['ask']> => {
    const headers = { Authorization: `Bearer ${token}`, ...key() };
    return insist(() => shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, headers));
  };

  test('releases the money and the stock, once however often it is asked for', async () => {
    const sku = await shop.product(1);
    const { id, token } = await shop.buy(sku);
    const answers = await Promise.all([1, 2, 3].map(() => cancel(id, token)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    await shop.reaches(id, 'cancelled');
    expect((await cancel(id, token)).body.state).toBe('cancelled');
    expect(await shop.available(sku)).toBe(1);
    const { history, payments } = (await shop.admin('GET', `/orders/${id}`)).body;
    expect(history.map((entry: { action: string }) => entry.action)).toEqual(['place', 'confirm', 'cancel', 'undo']);
    expect(payments).toMatchObject([{ status: 'voided' }]);
  });

  test('at any moment of the checkout ends in a cancelled order without money', async () => {
    const sku = await shop.product(30);
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const [body, key] = [shop.request(await shop.quote([sku])), randomUUID()];
        const placed = await insist(() => shop.checkout(body, { key }));
        const { id } = placed.body.order;
        await new Promise((resolve) => setTimeout(resolve, index * 4));
        expect((await cancel(id, placed.body.orderToken)).status).toBe(202);
        await shop.reaches(id, 'cancelled');
      }),
    );
    expect(await shop.available(sku)).toBe(30);
  });

  test('comes too late once the dispatch has begun', async () => {
    const { id, token } = await shop.buy(await shop.product(1));
    expect((await shop.admin('POST', `/orders/${id}/dispatch`)).status).toBe(202);
    const refused = await cancel(id, token);
    expect([refused.status, refused.body.code]).toEqual([409, 'order-closed']);
    await shop.reaches(id, 'dispatched');
  });
});

describe('dispatch and refund', () => {
  const money = (amount: number, currency = 'GBP'): object => ({ amount: { amount, currency }, reason: 'broken' });

  test('the money is taken at the dispatch, and given back in parts, never more than was taken', async () => {
    const { id } = await shop.buy(await shop.product(1, 5000));
    expect((await shop.admin('POST', `/orders/${id}/refunds`, money(1))).body.code).toBe('order-closed');
    await shop.admin('POST', `/orders/${id}/dispatch`);
    await shop.reaches(id, 'dispatched');
    const refund = (): ReturnType<Shop['admin']> => shop.admin('POST', `/orders/${id}/refunds`, money(2000));
    const refunds = await Promise.all([1, 2, 3].map(() => insist(refund)));
    expect(refunds.map(({ status }) => status).sort()).toEqual([202, 202, 409]);
    expect(refunds.find(({ status }) => status === 409)?.body.code).toBe('refund-exceeds-capture');
    expect((await shop.admin('POST', `/orders/${id}/refunds`, money(1000, 'EUR'))).body.code).toBe('validation-failed');
    expect(await shop.broken()).toEqual([]);
    const details = (await shop.admin('GET', `/orders/${id}`)).body;
    expect(details.payments).toMatchObject([{ captured: { amount: 5000 }, refunded: { amount: 4000 } }]);
    const { history } = details as { history: { action: string; reason: string | null }[] };
    for (const { action, reason } of history)
      if (action.endsWith('refund')) expect(reason).toMatch(/^rfd_[0-9a-f-]{36}: 20\.00 GBP(, broken)?$/);
    expect(history.map(({ action }) => action).sort()).toEqual(
      ['place', 'confirm', 'dispatch', 'complete', 'request-refund', 'request-refund', 'refund', 'refund'].sort(),
    );
    expect((await shop.admin('POST', `/orders/${id}/dispatch`)).body.state).toBe('dispatched');
  });

  test('a refund that takes the provider its time is done when the provider says so', async () => {
    const { id } = await shop.buy(await shop.product(1, 5000), { token: 'tok_refund_pending' });
    await shop.admin('POST', `/orders/${id}/dispatch`);
    await shop.reaches(id, 'dispatched');
    await shop.admin('POST', `/orders/${id}/refunds`, money(5000));
    await eventually(PATIENCE, async () => {
      const { history, payments } = (await shop.admin('GET', `/orders/${id}`)).body;
      return history.at(-1).action === 'refund' && payments[0].refunded.amount === 5000;
    });
  });

  test('a refund that the provider refuses in the end leaves its amount free', async () => {
    const { id } = await shop.buy(await shop.product(1, 5000), { token: 'tok_refund_fails' });
    await shop.admin('POST', `/orders/${id}/dispatch`);
    await shop.reaches(id, 'dispatched');
    await shop.admin('POST', `/orders/${id}/refunds`, money(5000));
    expect(await shop.broken()).toEqual([]);
    const { history, payments } = (await shop.admin('GET', `/orders/${id}`)).body;
    expect(history.at(-1)).toMatchObject({ action: 'fail-refund', to: 'dispatched' });
    expect(payments).toMatchObject([{ captured: { amount: 5000 }, refunded: { amount: 0 } }]);
  });
});
