import { openShop, insist, bearer, key, type Answer, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

let coupons = 0;
const coupon = async (more: Record<string, unknown> = {}): Promise<{ id: string; code: string }> => {
  const code = `C${++coupons}`;
  const { status, body } = await shop.admin('POST', '/coupons', { code, name: code, percent: '10', ...more });
  expect(status).toBe(201);
  return { id: body.id, code };
};
const uses = async (id: string): Promise<number> => (await shop.admin('GET', `/coupons/${id}`)).body.redeemed;

/** A cart with one unit and the coupon in it: each call makes a quote of it. */
const cartOf = async (sku: string, code: string): Promise<() => Promise<string>> => {
  const lines = [{ sku, quantity: 1 }];
  const { body: cart } = await insist(() => shop.ask('POST', '/v1/carts', { lines }));
  const own = { 'Cart-Token': cart.token as string };
  const where = `/v1/carts/${cart.id}`;
  const put = await insist(() => shop.ask('PUT', `${where}/coupon`, { code }, { ...own, 'If-Match': '*' }));
  expect(put.body.coupon.applied).toBe(true);
  return async () => {
    const destination = { country: 'GB' };
    const { status, body } = await insist(() => shop.ask('POST', `${where}/quotes`, { destination }, own));
    expect([status, body.coupon.problem]).toEqual([201, null]);
    return body.id;
  };
};
const quoted = async (sku: string, code: string): Promise<string> => (await cartOf(sku, code))();
const told = ({ status, body }: Answer): unknown[] => [status, body.code, body.errors?.[0].code];

test('a coupon is used up by its order: the customer pays what the quote said, and a cancellation gives it back', async () => {
  const { id, code } = await coupon();
  const sku = await shop.product(5, 2000);
  const { body } = await shop.checkout(shop.request(await quoted(sku, code)), { wait: 2000 });
  expect(body.order).toMatchObject({ discount: { amount: 200 }, total: { amount: 1800 } });
  const buyer = { id: body.order.id as string, token: body.orderToken as string };
  await shop.reaches(buyer.id, 'confirmed');
  expect(await uses(id)).toBe(1);
  expect((await shop.admin('GET', `/orders/${buyer.id}`)).body.payments).toMatchObject([{ amount: { amount: 1800 } }]);
  await shop.ask('POST', `/v1/orders/${buyer.id}/cancellation`, undefined, { ...bearer(buyer), ...key() });
  await shop.reaches(buyer.id, 'cancelled');
  expect(await uses(id)).toBe(0);
  expect((await shop.admin('DELETE', `/coupons/${id}`)).body).toMatchObject({ code: 'conflict' });
});

test('a payment that is declined gives the coupon back too', async () => {
  const { id, code } = await coupon({ limitTotal: 1 });
  const sku = await shop.product(5);
  const { body } = await shop.checkout(shop.request(await quoted(sku, code), { token: 'tok_declined' }));
  await shop.reaches(body.order.id, 'cancelled');
  expect(await uses(id)).toBe(0);
  const again = await shop.checkout(shop.request(await quoted(sku, code)));
  expect(again.status).toBe(202);
  await shop.reaches(again.body.order.id, 'confirmed');
});

test('fifty customers at once want the last ten uses: exactly ten get one, and nothing is ordered of the others', async () => {
  const { id, code } = await coupon({ limitTotal: 10 });
  const sku = await shop.product(100);
  const quote = await cartOf(sku, code);
  const quotes = await Promise.all(Array.from({ length: 50 }, quote));
  const answers = await Promise.all(quotes.map((one) => insist(() => shop.checkout(shop.request(one)))));
  const bought = answers.filter(({ status }) => status === 202);
  expect(bought).toHaveLength(10);
  for (const answer of answers)
    if (answer.status !== 202) expect(told(answer)).toEqual([409, 'coupon-not-applicable', 'used-up']);
  expect(await uses(id)).toBe(10);
  for (const { body } of bought) await shop.reaches(body.order.id, 'confirmed');
  expect(await shop.available(sku)).toBe(90);
});

test('a customer uses it as often as they may, however they write their address, and others still can', async () => {
  const { id, code } = await coupon({ limitPerCustomer: 1 });
  const sku = await shop.product(20);
  const wanted = await Promise.all(
    ['ada@example.org', 'ADA@example.org', 'Ada@Example.org'].map(async (email) =>
      shop.request(await quoted(sku, code), { email }),
    ),
  );
  const answers = await Promise.all(wanted.map((request) => insist(() => shop.checkout(request))));
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
  const other = await shop.checkout(shop.request(await quoted(sku, code)));
  // Whoever gives no address is known by their cart.
  const nobody = await shop.checkout(shop.request(await quoted(sku, code), { email: undefined }));
  expect([other.status, nobody.status]).toEqual([202, 202]);
  expect(await uses(id)).toBe(3);
});

test('one that has expired since the quote is honoured, one that was ended is not, and the limit is never below the uses', async () => {
  const [late, ended] = [await coupon(), await coupon()];
  const sku = await shop.product(5);
  const [first, second] = [await quoted(sku, late.code), await quoted(sku, ended.code)];
  await shop.pool.query(`update coupons set valid_until = valid_from + interval '1 millisecond' where id = $1`, [
    late.id,
  ]);
  await shop.admin('PATCH', `/coupons/${ended.id}`, { state: 'ended' }, { 'If-Match': '*' });
  expect((await shop.checkout(shop.request(first))).status).toBe(202);
  expect(told(await shop.checkout(shop.request(second)))).toEqual([409, 'coupon-not-applicable', 'ended']);
  const { id, code } = await coupon();
  for (let n = 0; n < 2; n++) expect((await shop.checkout(shop.request(await quoted(sku, code)))).status).toBe(202);
  const lower = await shop.admin('PATCH', `/coupons/${id}`, { limitTotal: 1 }, { 'If-Match': '*' });
  expect([lower.status, lower.body.code]).toEqual([409, 'conflict']);
});
