import { readPurchases, streamPurchases, type Purchase } from '../../../src/contexts/orders';
import { streamPastPurchases, PastOrders } from '../../../src/contexts/analytics';
import { openShop, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const database = (): Shop['app']['database']['database'] => shop.app.database.database;
async function all(since = 0): Promise<Purchase[]> {
  const purchases: Purchase[] = [];
  for await (const purchase of streamPurchases(database(), { since, chunk: 1 })) purchases.push(purchase);
  return purchases;
}

test('what was bought is streamed by time, from a moment on, without orders that were cancelled', async () => {
  const [tea, cup] = [await shop.product(10), await shop.product(10)];
  const first = await shop.buy(tea, { email: 'ann@example.com' });
  const declined = await shop.buy(cup, { token: 'tok_declined' });
  const second = await shop.buy(cup, { email: 'bob@example.com' }, 2);
  await shop.reaches(declined.id, 'cancelled');
  const purchases = await all();
  expect(purchases.map(({ orderId, email, sku, quantity }) => ({ orderId, email, sku, quantity }))).toEqual([
    { orderId: first.id, email: 'ann@example.com', sku: tea, quantity: 1 },
    { orderId: second.id, email: 'bob@example.com', sku: cup, quantity: 2 },
  ]);
  expect(await all(Date.now() + 60_000)).toEqual([]);
  expect((await readPurchases(database(), [second.id, declined.id])).map(({ sku }) => sku)).toEqual([cup]);
});

test('of the orders from before this shop the sales of articles are streamed', async () => {
  const line = {
    invoice: '1',
    isProduct: true,
    description: 'Mug',
    amount: 500,
    orderedAt: new Date('2010-12-01T08:00:00Z'),
    country: 'United Kingdom',
    unitPrice: null,
  };
  await new PastOrders(database(), 'till', 'GBP').save([
    { ...line, kind: 'sale', sku: 'MUG', quantity: 2, customer: '17850' },
    { ...line, kind: 'cancellation', sku: 'MUG', quantity: -1, customer: '17850' },
    { ...line, kind: 'sale', sku: 'POST', quantity: 1, customer: '17850', isProduct: false },
    { ...line, kind: 'sale', sku: 'CUP', quantity: 1, customer: null },
  ]);
  const purchases = [];
  for await (const purchase of streamPastPurchases(database(), 1)) purchases.push(purchase);
  expect(purchases.map(({ sku, customer }) => `${sku} ${customer}`).sort()).toEqual(['CUP null', 'MUG 17850']);
  expect(purchases[0]?.at).toBe(Date.UTC(2010, 11, 1, 8));
});
