import { randomUUID } from 'node:crypto';
import { eventually } from '../../support/app';
import { bearer, insist, key, openShop, PATIENCE, type Answer, type Shop } from './shop';

/** What others were told by their customers, each as a test that it does not happen here. */
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

/** With a key of its own, and again while a busy machine sends it away. */
const checkout = (body: Record<string, unknown>, wait = 0): Promise<Answer> => {
  const key = randomUUID();
  return insist(() => shop.checkout(body, { key, wait }));
};

const actions = async (id: string): Promise<string[]> =>
  (await shop.admin('GET', `/orders/${id}`)).body.history.map((entry: { action: string }) => entry.action);
const published = async (id: string): Promise<string[]> => {
  const { rows } = await shop.pool.query<{ type: string }>(
    `select type from outbox_events where aggregate = 'order:' || $1 order by version`,
    [id],
  );
  return rows.map(({ type }) => type);
};

test('MED-1 (medusa 16825): two baskets that are bought in the same moment do not get one unit', async () => {
  for (let round = 0; round < 5; round++) {
    const sku = await shop.product(1);
    const quotes = await Promise.all([shop.quote([sku]), shop.quote([sku])]);
    const answers = await Promise.all(quotes.map((quote) => checkout(shop.request(quote), 2000)));
    expect(answers.filter(({ status }) => status < 300)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'out-of-stock')).toHaveLength(1);
  }
});

test('MED-2 (medusa 13625): an order that is taken back gives its stock back, whichever step failed', async () => {
  const [declined, cancelled, lost] = [await shop.product(1), await shop.product(1), await shop.product(1)];
  const first = await shop.buy(declined, { token: 'tok_insufficient_funds' });
  const second = await shop.buy(cancelled);
  await shop.reaches(second.id, 'confirmed');
  await shop.ask('POST', `/v1/orders/${second.id}/cancellation`, undefined, { ...bearer(second), ...key() });
  const third = await shop.buy(lost);
  // Its hold is ended from outside, as a wrong hand might; what is cancelled then is free once, not twice.
  const { rows } = await shop.pool.query('select reservation_id as id from orders where id = $1', [third.id]);
  await shop.admin('POST', `/reservations/${rows[0].id}/release`);
  await shop.ask('POST', `/v1/orders/${third.id}/cancellation`, undefined, { ...bearer(third), ...key() });
  for (const { id } of [first, second, third]) await shop.reaches(id, 'cancelled');
  for (const sku of [declined, cancelled, lost]) expect(await shop.available(sku)).toBe(1);
});

test('MED-3 (medusa 15122): nobody is told that an order is confirmed while the checkout may still take it back', async () => {
  const sku = await shop.product(10);
  const buyers = await Promise.all(
    ['tok_success', 'tok_declined', 'tok_success', 'tok_declined'].map((token) => shop.buy(sku, { token })),
  );
  for (const { id } of buyers)
    await eventually(PATIENCE, async () => ['confirmed', 'cancelled'].includes(await shop.state(id)));
  const told = await Promise.all(buyers.map(({ id }) => published(id)));
  expect(told).toEqual([
    ['easy11.order.placed.v1', 'easy11.order.confirmed.v1'],
    ['easy11.order.placed.v1', 'easy11.order.cancellation-started.v1', 'easy11.order.cancelled.v1'],
    ['easy11.order.placed.v1', 'easy11.order.confirmed.v1'],
    ['easy11.order.placed.v1', 'easy11.order.cancellation-started.v1', 'easy11.order.cancelled.v1'],
  ]);
});

test('MED-4 (medusa 15527): who loses the race for a quote or a unit takes nothing back from the one who won', async () => {
  const sku = await shop.product(1);
  const quote = await shop.quote([sku]);
  const quotes = [quote, quote, await shop.quote([sku]), await shop.quote([sku])];
  const answers = await Promise.all(quotes.map((one) => checkout(shop.request(one), 2000)));
  const winners = answers.filter(({ status }) => status < 300);
  expect(winners).toHaveLength(1);
  const { id } = winners[0]!.body.order;
  await shop.reaches(id, 'confirmed');
  await shop.admin('POST', `/orders/${id}/dispatch`);
  await shop.reaches(id, 'dispatched');
  expect(await shop.broken()).toEqual([]);
  const [payment] = (await shop.sandbox.books()).filter(({ reference }) => reference === id);
  expect(payment).toMatchObject({ status: 'captured', captured: 1999, refunded: 0 });
  expect(await actions(id)).toEqual(['place', 'confirm', 'dispatch', 'complete']);
});

test('medusa 16569: checkouts and reservations of the back office at once do not promise more than there is', async () => {
  const sku = await shop.product(5);
  const quotes = await Promise.all(Array.from({ length: 10 }, () => shop.quote([sku])));
  const reserve = (): Promise<Answer> => shop.admin('POST', '/reservations', { lines: [{ sku, quantity: 1 }] });
  const answers = await Promise.all(quotes.flatMap((quote) => [checkout(shop.request(quote)), insist(reserve)]));
  expect(answers.filter(({ status }) => status === 202 || status === 201)).toHaveLength(5);
  expect(await shop.available(sku)).toBe(0);
});

test('medusa 16502: two lines of one article are one demand', async () => {
  const sku = await shop.product(3);
  const refused = await shop.checkout(shop.request(await shop.quote([sku, sku], 2)));
  expect([refused.status, refused.body.code]).toEqual([409, 'out-of-stock']);
  const placed = await shop.checkout(shop.request(await shop.quote([sku, sku, sku], 1)));
  expect(placed.body.order.lines).toMatchObject([{ sku, quantity: 3 }]);
});

test('medusa 14818, saleor 12348: every amount is a whole number, and every total the sum of its lines', async () => {
  await shop.admin('POST', '/price-lists', { name: 'a third off', currency: 'GBP', discountPercent: '33.3333' });
  const skus = [await shop.product(9, 1037), await shop.product(9, 899), await shop.product(9, 1)];
  const placed = await shop.checkout(shop.request(await shop.quote(skus, 3)));
  const { order } = placed.body;
  type Figures = Record<'subtotal' | 'discount' | 'tax' | 'total', { amount: number }>;
  for (const figure of ['subtotal', 'discount', 'tax', 'total'] as const) {
    const parts = (order.lines as Figures[]).map((line) => line[figure].amount);
    expect(parts.every(Number.isSafeInteger)).toBe(true);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(order[figure].amount);
  }
  await shop.reaches(order.id, 'confirmed');
  const [booked] = (await shop.sandbox.books()).filter(({ reference }) => reference === order.id);
  expect(booked!.amount).toBe(order.total.amount);
});

test('medusa 13301, saleor 14926: an impatient customer who clicks again and again has one order', async () => {
  const sku = await shop.product(10);
  const body = shop.request(await shop.quote([sku]));
  // A storefront that makes a new key for each click is caught by the quote.
  const clicks = await Promise.all(Array.from({ length: 8 }, () => checkout(body)));
  expect(clicks.filter(({ status }) => status === 202)).toHaveLength(1);
  expect(clicks.filter(({ body: { code } }) => code === 'quote-used')).toHaveLength(7);
  expect(await shop.available(sku)).toBe(9);
});
