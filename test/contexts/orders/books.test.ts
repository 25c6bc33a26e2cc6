import { spawn } from 'node:child_process';
import path from 'node:path';
import { judgeBooks } from '../../../src/books';
import { brokenAgreements } from '../../../src/contexts/orders/book-rules';
import { bearer, key, openShop, type Buyer } from './shop';

let shop: Awaited<ReturnType<typeof openShop>>;
let dispatched: string;
let cancelled: string;
beforeAll(async () => {
  shop = await openShop();
  const { id } = await shop.buy(await shop.product(3, 5000));
  await shop.reaches(id, 'confirmed');
  await shop.admin('POST', `/orders/${id}/dispatch`);
  await shop.reaches(id, 'dispatched');
  dispatched = id;
  const other = await shop.buy(await shop.product(3));
  await cancel(other);
  await shop.reaches(other.id, 'cancelled');
  await shop.admin('POST', '/coupons', { code: 'BOOKS', name: 'Books', percent: '10' });
  cancelled = other.id;
});
afterAll(() => shop.close());

const cancel = ({ id, token }: Buyer): Promise<unknown> =>
  shop.ask('POST', `/v1/orders/${id}/cancellation`, undefined, { ...bearer({ id, token }), ...key() });

/** What does not hold, as the command says it. */
async function broken(change?: string): Promise<{ what: string; examples: readonly string[] }[]> {
  const verdicts = await judgeBooks({
    transaction: async (work, options) =>
      shop.app.database.database.transaction(async (client) => {
        if (change === undefined) return work(client);
        await client.query('savepoint before');
        // Past the triggers and foreign keys that keep it from happening.
        await client.query(`set local session_replication_role = replica; ${change}`);
        const result = await work(client);
        await client.query('rollback to savepoint before');
        return result;
      }, options),
  });
  expect(verdicts.length).toBeGreaterThan(15);
  return verdicts.flatMap(({ id, says, count, examples }) => (count > 0 ? [{ what: `${id} ${says}`, examples }] : []));
}

test('the books of a shop that has sold, taken back and given up balance', async () => {
  expect(await broken()).toEqual([]);
});

test('they balance at each moment while the shop trades, whatever is in between', async () => {
  const sku = await shop.product(30);
  let trading = true;
  const trade = Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const buyer = await shop.buy(sku);
      if (index % 3 === 0) await cancel(buyer);
      else await shop.reaches(buyer.id, 'confirmed');
    }),
  ).finally(() => (trading = false));
  let looks = 0;
  while (trading) {
    expect(await broken()).toEqual([]);
    looks++;
  }
  await trade;
  expect(looks).toBeGreaterThan(1);
});

describe('what does not hold is named, with whom it is about', () => {
  test.each([
    ['I2 what is reserved is what is held', `update stock_levels set reserved = reserved + 1`],
    ['I2 what is on hand is the sum of its movements', `update stock_levels set on_hand = on_hand + 1`],
    ['I2 the sum of a sku is that of its warehouses', `update stock_items set on_hand = on_hand + 1`],
    [
      'I3 each transaction of the ledger comes to 0 in each currency',
      `update ledger_entries set amount = amount + 1 where account = 'customer_payments'`,
    ],
    [
      'I3 what is disputed is what the disputes and the ledger say',
      `update payments set disputed = 1 where captured > 0`,
    ],
    [
      'I4 the ledger has at the provider what was captured, and not given back or disputed',
      `update payments set captured = captured - 1 where captured > 0`,
    ],
    [
      'I5 refunded ≤ captured ≤ authorised ≤ asked for',
      `alter table payments drop constraint payments_never_overrefunded;
       update payments set refund_pending = captured + 1 where captured > 0`,
    ],
    [
      'I6 no saga is in one step for longer than a quarter of an hour, unless it waits for a payer or a bank',
      `update sagas set state = 'running', step_since = now() - interval '16 minutes'`,
    ],
    [
      'I7 the history of an order is its versions, and ends in its state',
      `delete from order_history where version = 2`,
    ],
    [
      'I7 the events of an aggregate that are kept are contiguous',
      `delete from outbox_events where version = 2 and aggregate like 'order:%'`,
    ],
    [
      'I7 the last event of an order is of its version',
      `update orders set version = version + 1 where state = 'dispatched'`,
    ],
    ['I9 a confirmed or dispatched order is paid for', `update payments set status = 'voided' where captured > 0`],
    [
      'I9 money is kept only for an order that is confirmed or dispatched',
      `update orders set state = 'cancelled', reason = 'none' where state = 'dispatched'`,
    ],
    [
      'I2 the stock of an order is sold when it is confirmed, and free again when it is cancelled',
      `update reservations set state = 'released'`,
    ],
    [
      'I11 a coupon was used as often as is counted, and no more often than it may be',
      `update coupons set redeemed = redeemed + 1`,
    ],
    [
      'I15 a dead letter has its error and its attempts',
      `alter table outbox_dead_letters drop constraint outbox_dead_letters_error_check;
       insert into outbox_dead_letters (consumer_group, partition, aggregate, version, event_id, state)
       select 'nobody', partition, aggregate, version, id, 'dead' from outbox_events order by id limit 1`,
    ],
    ['I14 an order is the sum of its lines', `update order_lines set tax = tax + 1`],
  ])('%s', async (what, change) => {
    const found = await broken(change);
    expect(found.map((one) => one.what)).toContain(what);
    expect(found.find((one) => one.what === what)?.examples[0]).toMatch(/\S/);
    expect(await broken()).toEqual([]);
  });
});

test('the command prints them and ends with 0, or with 1 where something does not hold', async () => {
  const run = async (): Promise<{ code: number | null; said: string }> => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/books.ts'], {
      cwd: path.resolve(__dirname, '../../..'),
      env: { ...process.env, NODE_ENV: 'test', DATABASE_URL: shop.app.database.url },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, said };
  };
  const well = await run();
  expect([well.code, well.said]).toEqual([0, expect.stringMatching(/^( ok {5}I\d+ .+\n){15,}$/)]);
  await shop.pool.query(`update stock_items set on_hand = on_hand + 1`);
  const ill = await run();
  await shop.pool.query(`update stock_items set on_hand = on_hand - 1`);
  expect([ill.code, ill.said]).toEqual([1, expect.stringMatching(/ BROKEN I2 .+\n +→ \d+: .+\n/)]);
});

test('of a cancelled order neither money nor stock is kept, and no event is missing', () => {
  const order = {
    id: cancelled,
    version: 4,
    state: 'cancelled',
    total: 500,
    paymentId: 'pay_1',
    reservationId: 'rsv_1',
  } as const;
  const kept = { id: 'pay_1', orderId: cancelled, status: 'captured', amount: 500, kept: 500 } as const;
  expect(brokenAgreements(order, { payments: [kept], reservation: 'committed', lastEvent: 3 })).toEqual([
    'kept',
    'stock',
    'events',
  ]);
  const back = { ...kept, kept: 0 };
  expect(brokenAgreements(order, { payments: [back], reservation: 'released', lastEvent: undefined })).toEqual([]);
  expect(dispatched).not.toBe(cancelled);
});
