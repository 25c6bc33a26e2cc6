import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { insist, openShop, type Answer, type Shop } from './shop';

/** Checkouts that come together are written in one transaction: none may notice anything of the others. */
let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await shop.broken()).toEqual([]);
});

type Sent = [body: Record<string, unknown>, key: string];
const send = ([body, key]: Sent): Promise<Answer> => insist(() => shop.checkout(body, { key }));
const told = ({ status, body }: Answer): unknown => (status === 202 ? 202 : body.code);
const fresh = async (sku: string, quantity = 1): Promise<Sent> => [
  shop.request(await shop.quote([sku], quantity)),
  randomUUID(),
];

/** In how many transactions the orders of these answers were written. */
async function transactionsOf(answers: readonly Answer[]): Promise<number> {
  const ids = answers.map(({ body }) => body.order.id as string);
  const { rows } = await shop.pool.query<{ n: number }>(
    'select count(distinct xmin::text)::int as n from order_lines where order_id = any($1)',
    [ids],
  );
  return rows[0]?.n ?? 0;
}

test('fifty that come at once are placed in fewer transactions, each with an order, an answer and a replay of its own', async () => {
  const skus = await Promise.all([1, 2, 3].map(() => shop.product(100)));
  const sent = await Promise.all(Array.from({ length: 50 }, (_, n) => fresh(skus[n % 3]!)));
  const answers = await Promise.all(sent.map(send));
  expect(answers.map(told)).toEqual(sent.map(() => 202));
  expect(await transactionsOf(answers)).toBeLessThan(40);
  answers.forEach(({ body: { order } }, n) => {
    const [{ quoteId, email, shippingAddress }] = sent[n]!;
    expect(order).toMatchObject({ quoteId, email, shippingAddress, lines: [{ sku: skus[n % 3], quantity: 1 }] });
  });
  expect(new Set(answers.map(({ body }) => body.orderToken)).size).toBe(50);
  const replays = await Promise.all(sent.map(send));
  expect(replays.map(({ text }) => text)).toEqual(answers.map(({ text }) => text));
  expect(new Set(replays.map(({ headers }) => headers.get('idempotent-replayed')))).toEqual(new Set(['true']));
  expect(await Promise.all(skus.map((sku) => shop.available(sku)))).toEqual([83, 83, 84]);
});

test('what is wrong with some is told to them alone, and nothing is left of it', async () => {
  const [sku, scarce] = [await shop.product(100), await shop.product(1)];
  const good = await Promise.all(Array.from({ length: 12 }, () => fresh(sku)));
  const [before, used] = [await fresh(sku), await fresh(sku)];
  await send(before);
  await send(used);
  const expired = await fresh(sku);
  await shop.pool.query(`update quotes set expires_at = now() where id = $1`, [expired[0].quoteId]);
  const elsewhere = await fresh(sku);
  const address = { ...(elsewhere[0].shippingAddress as object), country: 'DE' };
  const twice = await fresh(sku);
  const bad: [unknown, Sent][] = [
    ['idempotency-key-reused', [{ ...before[0], reference: 'another' }, before[1]]],
    ['quote-used', [used[0], randomUUID()]],
    ['quote-expired', expired],
    ['not-found', [shop.request('quo_00000000-0000-7000-8000-000000000000'), randomUUID()]],
    ['validation-failed', [{ ...elsewhere[0], shippingAddress: address }, elsewhere[1]]],
    ['payment-method-not-offered', [shop.request(await shop.quote([sku]), { method: 'upi' }), randomUUID()]],
    ['out-of-stock', await fresh(scarce, 2)],
  ];
  const all = [...good.slice(0, 6), ...bad.map(([, one]) => one), ...good.slice(6)];
  const [answers, ...both] = await Promise.all([
    Promise.all(all.map(send)),
    send(twice),
    send([twice[0], randomUUID()]),
  ]);
  expect(answers.map(told)).toEqual([
    ...good.slice(0, 6).map(() => 202),
    ...bad.map(([code]) => code),
    ...good.slice(6).map(() => 202),
  ]);
  expect(both.map(told).sort()).toEqual([202, 'quote-used']);
  expect(await shop.available(sku)).toBe(100 - 2 - 12 - 1);
  const { rows } = await shop.pool.query('select key from idempotency_keys where key = any($1) order by key', [
    all.map(([, key]) => key),
  ]);
  expect(rows.map((row) => row.key as string)).toEqual([...good.map(([, key]) => key), before[1]].sort());
  // A refusal is not remembered: the same key may try again.
  const [, short] = bad.at(-1)!;
  await shop.admin('POST', '/stock/adjustments', {
    warehouseId: (await shop.admin('GET', '/warehouses')).body.data[0].id,
    kind: 'receipt',
    lines: [{ sku: scarce, quantity: 5 }],
  });
  expect(told(await send(short))).toBe(202);
});

test('the last units go to as many as there are, also where baskets want several articles in any order', async () => {
  const [first = '', second = ''] = await Promise.all([shop.product(20), shop.product(15)]);
  const sent = await Promise.all(
    Array.from({ length: 60 }, async (_, n): Promise<Sent> => {
      const skus = [[first], [first, second], [second, first]][n % 3]!;
      return [shop.request(await shop.quote(skus)), randomUUID()];
    }),
  );
  const answers = await Promise.all(sent.map(send));
  expect(answers.filter(({ status }) => status === 202)).toHaveLength(20);
  expect(answers.filter(({ body }) => body.code === 'out-of-stock')).toHaveLength(40);
  expect(await shop.available(first)).toBe(0);
});

test('a key that another process is working on keeps nobody else waiting for long, and is free when that gives up', async () => {
  const sku = await shop.product(50);
  const sent = await Promise.all(Array.from({ length: 10 }, () => fresh(sku)));
  const other = new pg.Client({ connectionString: shop.app.database.url });
  await other.connect();
  try {
    await send(await fresh(sku)); // there is a scope to copy
    await other.query('begin');
    await other.query(
      `insert into idempotency_keys (scope, key, request_hash) select scope, $1, 'x' from idempotency_keys
       where scope like '%/v1/checkout' limit 1`,
      [sent[4]![1]],
    );
    const answers = await Promise.all(sent.map(([body, key]) => shop.checkout(body, { key })));
    const others = answers.filter((_, n) => n !== 4);
    expect(others.map(told)).toEqual(others.map(() => 202));
    expect(told(answers[4]!)).toBe('idempotency-key-in-flight');
    await other.query('rollback');
    expect(told(await send(sent[4]!))).toBe(202);
    expect(await shop.available(sku)).toBe(39);
  } finally {
    await other.end();
  }
});
