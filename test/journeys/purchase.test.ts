import { randomUUID } from 'node:crypto';
import { eventually, startTestApp, type TestApp } from '../support/app';
import { brokenInvariants } from '../contexts/inventory/shop';

// How soon is for the bench to say; here we wait patiently.
const PATIENCE = 60_000;

interface Answer {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the server answers: expectations read it
  readonly body: any;
}

describe('a shopper in the demo shop', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startTestApp({ EASY11_DEMO_PRODUCTS: '300', EASY11_PAYMENTS: 'sandbox' });
  });
  afterAll(() => shop.close());

  const ask = async (
    method: string,
    where: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(shop.url + where, {
      method,
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const stockOf = async (sku: string): Promise<number> =>
    (await ask('GET', `/v1/stock/${encodeURIComponent(sku)}`)).body.available;

  /** From what is typed to a cart with two of what was found. */
  const fillCart = async (): Promise<{ sku: string; cart: string; own: Record<string, string> }> => {
    const { body: list } = await ask('GET', '/v1/products?inStock=true&limit=1');
    const typed = String(list.data[0].name).slice(0, -1);
    const { body: found } = await ask('GET', `/v1/suggestions?inStock=true&q=${encodeURIComponent(typed)}`);
    const { id } = found.data[0];
    const { body: product } = await ask('GET', `/v1/products/${id}`);
    const made = await ask('POST', '/v1/carts');
    const own = { 'Cart-Token': made.body.token };
    const cart = `/v1/carts/${made.body.id}`;
    for (let i = 0; i < 2; i++)
      expect((await ask('POST', `${cart}/lines`, { sku: product.sku }, own)).status).toBe(201);
    const { body } = await ask('GET', cart, undefined, own);
    expect(body).toMatchObject({ ready: true, units: 2, subtotal: { amount: 2 * product.price.amount } });
    return { sku: product.sku, cart, own };
  };
  const checkOut = async (cart: string, own: Record<string, string>, token: string): Promise<Answer> => {
    const destination = { country: 'US', state: 'CA' };
    const { body: quote } = await ask('POST', `${cart}/quotes`, { destination }, own);
    const address = {
      name: 'Ada Lovelace',
      lines: ['12 Square'],
      city: 'Los Angeles',
      postcode: '90001',
      ...destination,
    };
    const placed = await ask('POST', '/v1/checkout', {
      quoteId: quote.id,
      method: 'card',
      token,
      email: 'ada@example.com',
      shippingAddress: address,
    });
    expect(placed).toMatchObject({ status: 202, body: { order: { total: quote.total } } });
    return placed;
  };
  const reaches = (order: { id: string }, orderToken: string, state: string): Promise<void> =>
    eventually(PATIENCE, async () => {
      const headers = { Authorization: `Bearer ${orderToken}` };
      return (await ask('GET', `/v1/orders/${order.id}`, undefined, headers)).body.state === state;
    });

  test('is in the revenue that the back office sees, and what is paid back is taken from it', async () => {
    const admin = { Authorization: `Bearer ${shop.adminToken}` };
    const run = async (): Promise<void> => {
      const { body: asked } = await ask('POST', '/v1/admin/analytics/runs', undefined, admin);
      const state = async (): Promise<string> =>
        (await ask('GET', `/v1/admin/analytics/runs/${asked.id}`, undefined, admin)).body.state;
      // It starts a process first.
      await eventually(PATIENCE, async () => ['succeeded', 'failed'].includes(await state()));
      expect(await state()).toBe('succeeded');
    };
    /** What the archive is still to get: it hears of orders and refunds a moment after they happened. */
    const waits = (dataset: string, id: string): Promise<void> =>
      eventually(PATIENCE, async () => {
        const { rowCount } = await shop.database.database.pool.query(
          'select 1 from analytics_exports where dataset = $1 and key = $2',
          [dataset, id],
        );
        return rowCount === 1;
      });
    const revenue = async (): Promise<Record<string, number>> => {
      const { body } = await ask('GET', '/v1/admin/analytics/revenue?by=day&currency=USD', undefined, admin);
      const sum = (name: string): number =>
        body.data.reduce((all: number, row: Answer['body']) => all + row[name].amount, 0);
      return { revenue: sum('revenue'), refunded: sum('refunded'), net: sum('net') };
    };
    const { cart, own } = await fillCart();
    const { body } = await checkOut(cart, own, 'tok_success');
    const { id, total, tax } = body.order;
    await reaches(body.order, body.orderToken, 'confirmed');
    await waits('order_lines', id);
    await run();
    const net = total.amount - tax.amount;
    expect(net).toBeGreaterThan(0);
    expect(await revenue()).toEqual({ revenue: net, refunded: 0, net });

    await ask('POST', `/v1/admin/orders/${id}/dispatch`, undefined, admin);
    await reaches(body.order, body.orderToken, 'dispatched');
    const { body: refund } = await ask(
      'POST',
      `/v1/admin/orders/${id}/refunds`,
      { amount: total, reason: 'broken' },
      admin,
    );
    await waits('refunds', refund.id);
    await run();
    expect(await revenue()).toEqual({ revenue: net, refunded: net, net: 0 });
  });

  test('finds something, puts it into a cart, pays what the quote says, and the shelf has two fewer', async () => {
    const { sku, cart, own } = await fillCart();
    const before = await stockOf(sku);
    const { body } = await checkOut(cart, own, 'tok_success');
    await reaches(body.order, body.orderToken, 'confirmed');
    expect(await stockOf(sku)).toBe(before - 2);
    const { rows } = await shop.database.database.pool.query(
      'select status, amount::int from payments where order_id = $1',
      [body.order.id],
    );
    expect(rows).toEqual([{ status: 'authorised', amount: body.order.total.amount }]);
    expect(await brokenInvariants(shop.database.database.pool)).toEqual([]);
  });

  test('whose card is declined has lost nothing: the stock is free again and the cart is as it was', async () => {
    const { sku, cart, own } = await fillCart();
    const before = await stockOf(sku);
    const { body } = await checkOut(cart, own, 'tok_declined');
    await reaches(body.order, body.orderToken, 'cancelled');
    await eventually(PATIENCE, async () => (await stockOf(sku)) === before);
    expect((await ask('GET', cart, undefined, own)).body).toMatchObject({ ready: true, units: 2 });
    const again = await checkOut(cart, own, 'tok_success');
    await reaches(again.body.order, again.body.orderToken, 'confirmed');
    expect(await brokenInvariants(shop.database.database.pool)).toEqual([]);
  });
});
