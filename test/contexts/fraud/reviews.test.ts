import { randomUUID } from 'node:crypto';
import { bearer, key, openShop, type Buyer, type Shop } from '../orders/shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

/** An order that the default rules have doubts about: dear, and billed elsewhere. */
async function doubtful(): Promise<Buyer & { readonly sku: string; readonly review: string }> {
  const sku = await shop.product(1, 60_000);
  const buyer = await shop.buy(sku, { billingCountry: 'FR' });
  await shop.reaches(buyer.id, 'in-review');
  const open = (await shop.admin('GET', '/fraud-reviews?limit=100')).body.data as { id: string; orderId: string }[];
  return { ...buyer, sku, review: open.find(({ orderId }) => orderId === buyer.id)!.id };
}
const decide = (review: string, decision: string, note = ''): ReturnType<Shop['admin']> =>
  shop.admin('POST', `/fraud-reviews/${review}/decision`, { decision, note });

describe('an order in doubt', () => {
  test('waits, and goes on when a person accepts it', async () => {
    const { id, review, sku } = await doubtful();
    const { body } = await shop.admin('GET', `/fraud-reviews/${review}`);
    expect(body).toMatchObject({ orderId: id, state: 'open', score: 55, decidedBy: null, version: 1 });
    expect(body.reasons.map(({ rule }: { rule: string }) => rule)).toEqual(['amount', 'country-mismatch']);
    await expect(shop.sandbox.books()).resolves.not.toContainEqual(expect.objectContaining({ reference: id }));
    expect(await shop.available(sku)).toBe(0);
    const decided = await decide(review, 'accept', 'she is a regular');
    expect([decided.status, decided.body.state, decided.body.decidedBy]).toEqual([200, 'accepted', 'admin']);
    await shop.reaches(id, 'confirmed');
    const { history } = (await shop.admin('GET', `/orders/${id}`)).body;
    expect(history.map(({ action }: { action: string }) => action)).toEqual(['place', 'hold', 'pass', 'confirm']);
  });

  test('is cancelled when a person rejects it, and its stock is free again', async () => {
    const { id, review, sku } = await doubtful();
    await decide(review, 'reject');
    await shop.reaches(id, 'cancelled');
    expect((await shop.admin('GET', `/orders/${id}`)).body.reason).toBe('review-rejected');
    expect(await shop.available(sku)).toBe(1);
  });

  test('is decided about once: the same again is no news, the opposite is refused', async () => {
    const { id, review } = await doubtful();
    const answers = await Promise.all(['accept', 'reject', 'accept', 'reject'].map((one) => decide(review, one)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
    expect(answers.filter(({ body }) => body.code === 'review-closed')).toHaveLength(2);
    const { state } = (await shop.admin('GET', `/fraud-reviews/${review}`)).body;
    await shop.reaches(id, state === 'accepted' ? 'confirmed' : 'cancelled');
  });

  test('that its customer cancels takes its review with it', async () => {
    const { id, review, ...buyer } = await doubtful();
    await shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, { ...bearer({ id, ...buyer }), ...key() });
    await shop.reaches(id, 'cancelled');
    expect((await shop.admin('GET', `/fraud-reviews/${review}`)).body.state).toBe('withdrawn');
    expect((await decide(review, 'accept')).body.code).toBe('review-closed');
  });

  test('that nobody decides about in time is cancelled', async () => {
    const { id } = await doubtful();
    await shop.pool.query(`update sagas set wait_until = now(), next_at = now() where id = $1`, [id]);
    await shop.reaches(id, 'cancelled');
    expect((await shop.admin('GET', `/orders/${id}`)).body.reason).toBe('review-expired');
  });
});

test('many orders of one customer within an hour make one that waits; the address is kept as a digest only', async () => {
  const email = `${randomUUID()}@Example.org`;
  const sku = await shop.product(20);
  const states: string[] = [];
  for (let n = 0; n < 11; n++) {
    // However it is written, it is the same customer.
    const { id } = await shop.buy(sku, { email: n % 2 === 0 ? email : email.toLowerCase() });
    states.push(await shop.state(id));
  }
  expect(states.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 'confirmed'));
  expect(states[10]).toBe('in-review');
  const { rows } = await shop.pool.query('select * from fraud_assessments');
  expect(JSON.stringify(rows).toLowerCase()).not.toContain(email.toLowerCase());
});

test('the list is for the back office', async () => {
  expect((await shop.ask('GET', '/v1/admin/fraud-reviews')).status).toBe(401);
  expect((await shop.admin('GET', '/fraud-reviews?state=else')).status).toBe(422);
  expect((await shop.admin('GET', `/fraud-reviews/rvw_${randomUUID()}`)).status).toBe(404);
});
