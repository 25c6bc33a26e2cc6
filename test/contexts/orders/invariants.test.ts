import { allHeard, EVERY_CONSUMER } from '../../support/consumers';
import { brokenTrade, type Booked } from '../../support/invariants';
import { openShop, PATIENCE, type Shop } from './shop';

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
  expect(await allHeard(shop.pool, PATIENCE)).toBe(true);
  const client = await shop.pool.connect();
  try {
    await client.query('begin');
    await client.query(change);
    return await brokenTrade(client, books, EVERY_CONSUMER);
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

describe('I7: of what the consumers should have heard', () => {
  const ofOrder = (text: string): unknown => expect.stringMatching(`^I7 ${text}.*order:${order}`);

  test('an inbox that is not there, or is behind, is found', async () => {
    const hears = `consumer_group = 'analytics-hears-orders' and aggregate = 'order:${order}'`;
    expect(await after(`delete from outbox_inbox where ${hears}`)).toEqual([
      ofOrder('analytics-hears-orders has applied 0 of \\d+ of'),
    ]);
    expect(await after(`update outbox_inbox set version = version - 1 where ${hears}`)).toContainEqual(
      ofOrder('analytics-hears-orders has applied \\d+ of \\d+ of'),
    );
    expect(await after(`delete from outbox_inbox where consumer_group = 'inventory-shows-stock'`)).not.toEqual([]);
  });

  test('an event that is applied twice is found, and one that is left out', async () => {
    const step = (by: number): string =>
      `update outbox_inbox set version = version + ${by} where aggregate = 'order:${order}'`;
    expect(await after(step(0))).toEqual([ofOrder('analytics-hears-orders went from (\\d+) to \\1 of')]);
    expect(
      await after(`alter table outbox_inbox disable trigger inbox_step; ${step(1)}; alter table outbox_inbox enable trigger inbox_step;
      ${step(-1)}`),
    ).toEqual([ofOrder('analytics-hears-orders went from')]);
  });

  test('an event that is missing, waits to be published, or was published before an earlier one, is found', async () => {
    const second = `aggregate = 'order:${order}' and version = 2`;
    expect(await after(`delete from outbox_events where ${second}`)).toContainEqual(ofOrder('the versions of'));
    expect(await after(`update outbox_events set position = null, published_at = null where ${second}`)).toEqual([
      ofOrder('not published:'),
    ]);
    expect(await after(`update outbox_events set position = -1 where ${second}`)).toEqual([
      ofOrder('published before an earlier one:'),
    ]);
  });

  test('a consumer that is not there, is behind, or gave something up, is found', async () => {
    const cursor = `outbox_cursors set position = position - 1 where consumer_group = 'orders-hear-payments' and position > 0`;
    expect(await after(`update ${cursor}`)).toContainEqual(
      expect.stringMatching('^I7 orders-hear-payments has read up to'),
    );
    expect(await after(`delete from outbox_cursors where consumer_group = 'orders-hear-reviews'`)).toEqual([
      'I7 nobody is orders-hear-reviews',
    ]);
    expect(await after(`insert into outbox_cursors values ('somebody', 0, 0)`)).toEqual([
      'I7 a consumer of which nothing is known: somebody',
    ]);
    const letter = `insert into outbox_dead_letters
        (consumer_group, partition, aggregate, version, event_id, state, attempts, error)
      select 'analytics-hears-orders', partition, aggregate, version, id, 'dead', 4, 'it does not want to'
      from outbox_events where aggregate = 'order:${order}' and version = 1`;
    expect(await after(letter)).toEqual([ofOrder('analytics-hears-orders has a letter that is dead:')]);
  });

  test('a product that does not show its stock, and an order that the archive has not heard of, are found', async () => {
    expect(await after('update products set in_stock = not in_stock')).toContainEqual(
      expect.stringMatching('^I7 a product does not show its stock: SKU-'),
    );
    expect(await after(`delete from analytics_exports where key = '${order}'`)).toEqual([
      `I7 an order that the archive will not get: ${order}`,
    ]);
  });
});

test('what is right is not found', async () => {
  expect(await shop.broken()).toEqual([]);
});
