import { eventually } from '../../support/app';
import { bearer, openShop, PATIENCE, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

const decide = (page: string, decision: 'confirm' | 'refuse'): Promise<Response> =>
  fetch(page, { method: 'POST', body: new URLSearchParams({ decision }), redirect: 'manual' });

describe('an order whose payer has something to do elsewhere', () => {
  const returnUrl = 'https://shop.example/orders/{order}?from=bank';
  const waiting = async () => {
    const quoteId = await shop.quote([await shop.product(1)]);
    const { body } = await shop.checkout(shop.request(quoteId, { token: 'tok_payer_acts', returnUrl }));
    const buyer = { id: body.order.id as string, token: body.orderToken as string };
    expect(body.order.payment).toMatchObject({ nextAction: null });
    const read = async () => (await shop.ask('GET', `/v1/orders/${buyer.id}`, undefined, bearer(buyer))).body;
    await eventually(PATIENCE, async () => (await read()).payment.nextAction !== null);
    const { state, payment, version } = await read();
    expect([state, payment.nextAction.type]).toEqual(['pending', 'redirect']);
    return { buyer, read, version, page: payment.nextAction.url as string };
  };
  const history = async (id: string): Promise<string[]> =>
    (await shop.admin('GET', `/orders/${id}`)).body.history.map(({ action }: { action: string }) => action);

  test('says what, each time under a new version, and goes on when it is done', async () => {
    const { buyer, read, version, page } = await waiting();
    const tag = { ...bearer(buyer), 'If-None-Match': `"${version}"` };
    expect((await shop.ask('GET', `/v1/orders/${buyer.id}`, undefined, tag)).status).toBe(304);
    const answer = await decide(page, 'confirm');
    expect(answer.headers.get('location')).toBe(returnUrl.replace('{order}', buyer.id));
    await shop.reaches(buyer.id, 'confirmed');
    expect((await read()).payment).toMatchObject({ nextAction: null });
    expect(await history(buyer.id)).toEqual(['place', 'await-payment', 'confirm']);
  });

  test('is cancelled when they refuse there', async () => {
    const { buyer, read, page } = await waiting();
    await decide(page, 'refuse');
    await shop.reaches(buyer.id, 'cancelled');
    expect(await read()).toMatchObject({ reason: 'payment-declined', payment: { nextAction: null } });
    expect(await history(buyer.id)).toEqual(['place', 'await-payment', 'cancel', 'undo']);
  });

  test('does not keep a checkout waiting that waits for the order', async () => {
    const quoteId = await shop.quote([await shop.product(1)]);
    const request = shop.request(quoteId, { token: 'tok_payer_acts' });
    const { status, body } = await shop.checkout(request, { wait: 2000 });
    expect([status, body.order.state]).toEqual([202, 'pending']);
    const buyer = { id: body.order.id as string, token: body.orderToken as string };
    await eventually(PATIENCE, async () => {
      const order = await shop.ask('GET', `/v1/orders/${buyer.id}`, undefined, bearer(buyer));
      return order.body.payment.nextAction?.type === 'redirect';
    });
    // The page knows no way back, and says how it ended.
    const { payment } = (await shop.ask('GET', `/v1/orders/${buyer.id}`, undefined, bearer(buyer))).body;
    expect(await (await decide(payment.nextAction.url, 'confirm')).text()).toContain('It is confirmed.');
    await shop.reaches(buyer.id, 'confirmed');
  });

  test('may not come back to anything but a page', async () => {
    const quoteId = await shop.quote([await shop.product(1)]);
    for (const wrong of ['javascript:alert(1)', 'ftp://shop.example', 'orders', ''])
      expect((await shop.checkout(shop.request(quoteId, { returnUrl: wrong }))).body.errors).toMatchObject([
        { pointer: '/returnUrl' },
      ]);
  });
});
