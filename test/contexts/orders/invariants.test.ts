import { brokenTrade, type Booked } from '../../support/invariants';
import { openShop, type Shop } from './shop';

/** What every other suite asks in the end must be able to say no. */
let shop: Shop;
let books: readonly Booked[];
let order: string;
let refund: string;
beforeAll(async () => {
  shop = await openShop();
  const { id } = await shop.buy(await shop.product(1, 5000));
  await shop.reaches(id, 'confirmed');
  await shop.admin('POST', `/orders/${id}/dispatch`);
  await shop.reaches(id, 'dispatched');
  const half = { amount: { amount: 2500, currency: 'GBP' }, reason: 'half of it' };
  refund = (await shop.admin('POST', `/orders/${id}/refunds`, half)).body.id;
  expect(await shop.broken()).toEqual([]);
  books = await shop.sandbox.books();
  order = id;
});
afterAll(() => shop.close());

/** What is found wrong when the provider's books were other than they are. */
const found = (change: (booked: Booked) => Booked[]): Promise<string[]> =>
  brokenTrade(shop.pool, books.flatMap(change));

/** What is found wrong when the database were other than it is. */
async function after(change: string): Promise<string[]> {
  const client = await shop.pool.connect();
  try {
    await client.query('begin');
    await client.query(change);
    return await brokenTrade(client, books);
  } finally {
    await client.query('rollback');
    client.release();
  }
}

test('a payment of ours that the provider does not have is found', async () => {
  expect(await found(() => [])).toContainEqual(
    expect.stringMatching(/^I4 the provider does not have pay_.+, we captured/),
  );
});

test('a payment that the provider has in another state, or of another amount, is found', async () => {
  expect(await found((one) => [{ ...one, status: 'voided' }])).toEqual([
    expect.stringMatching(/^I4 pay_.+: the provider has voided 5000 .*, we captured 5000/),
  ]);
  expect(await found((one) => [{ ...one, amount: 4999 }])).toHaveLength(1);
  expect(await found((one) => [{ ...one, id: 'sbx_other' }])).toContainEqual(expect.stringMatching(/^I4 pay_/));
});

test('a payment that we believe was never asked for, and the provider has, is found', async () => {
  const { id } = await shop.buy(await shop.product(1));
  await shop.reaches(id, 'confirmed');
  books = await shop.sandbox.books();
  expect(await after(`update payments set status = 'created', authorised = 0 where order_id = '${id}'`)).toContainEqual(
    expect.stringMatching(/^I4 pay_.+: the provider has authorised/),
  );
});

test('an order of no key, or of two, and a key without its order, are found', async () => {
  const { rows } = await shop.pool.query<{ key: string }>(
    `select key from idempotency_keys where scope like '%POST /v1/checkout' and body like '%${order}%'`,
  );
  const [key = ''] = rows.map((row) => row.key);
  const ofOrder = `I8 an order of no key, or of two: ${order}`;
  expect(await after(`delete from idempotency_keys where key = '${key}'`)).toEqual([ofOrder]);
  expect(await after(`update idempotency_keys set body = '{}' where key = '${key}'`)).toEqual(
    expect.arrayContaining([ofOrder, `I8 a key without its order: ${key}`]),
  );
  const twice = `insert into idempotency_keys (scope, key, request_hash, status, body)
    select scope, 'another', request_hash, status, body from idempotency_keys where key = '${key}'`;
  expect(await after(twice)).toEqual([ofOrder]);
});

test('a refund that only one of the two has, or that ended otherwise, is found', async () => {
  expect(await found((one) => [{ ...one, refunds: [] }])).toEqual([
    expect.stringMatching(`^I4 refund ${refund}: the provider has none, we succeeded 2500`),
  ]);
  const failed = (one: Booked): Booked[] => [
    { ...one, refunds: one.refunds.map((each) => ({ ...each, status: 'failed' })) },
  ];
  expect(await found(failed)).toEqual([expect.stringMatching('the provider has failed 2500 .*, we succeeded 2500')]);
  const unknown = (one: Booked): Booked[] =>
    one.reference === order
      ? [{ ...one, refunds: [...one.refunds, { id: 'rfd_unknown', status: 'pending', amount: 1 }] }]
      : [one];
  expect(await found(unknown)).toEqual([expect.stringMatching('^I4 refund rfd_unknown: .*, we none')]);
});

test('what is right is not found', async () => {
  expect(await shop.broken()).toEqual([]);
});
