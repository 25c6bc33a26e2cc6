import type pg from 'pg';
import { holdBaskets, holdStock } from '../../../src/contexts/inventory';
import { Problem } from '../../../src/kernel/errors';
import { newId } from '../../../src/kernel/ids';
import { Random } from '../../support/random';
import { brokenInvariants, openShop, type Shop } from './shop';

/** Baskets that are held together are held as if they had come one after the other. */
let shop: Shop;
let warehouses: string[];
beforeAll(async () => {
  shop = await openShop();
  warehouses = await Promise.all([10, 20, 30].map((priority) => shop.warehouse(priority)));
});
afterAll(() => shop.close());
afterEach(async () => {
  expect(await brokenInvariants(shop.database.pool)).toEqual([]);
});

const basketOf = (lines: readonly { sku: string; quantity: number }[]) => ({
  ...{ id: newId('rsv'), lines, holdSeconds: 600, reference: null },
});
type Basket = ReturnType<typeof basketOf>;

async function inOrder(client: pg.PoolClient, baskets: readonly Basket[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const basket of baskets) outcomes.push(await holdStock(client, basket.id, basket).then(() => 'held', codeOf));
  return outcomes;
}
const codeOf = (outcome: unknown): unknown => (outcome instanceof Problem ? outcome.code : outcome);

/** From where a reservation takes how much of each place in a row of skus. */
async function placesOf(id: string, skus: readonly string[]): Promise<unknown[]> {
  const { rows } = await shop.database.pool.query(
    `select array_position($2::text[], sku) as place, warehouse_id, quantity from reservation_lines where reservation_id = $1
     order by place, warehouse_id`,
    [id, skus],
  );
  return rows;
}

test.each([1, 2, 3, 4, 5, 6])('random baskets of articles in three warehouses (seed %i)', async (seed) => {
  const random = new Random(seed);
  const levels = [0, 1, 2].map(() => warehouses.map((id): [string, number] => [id, 1 + random.below(6)]));
  const [skus, twins] = [
    await Promise.all(levels.map((each) => shop.stocked(...each))),
    await Promise.all(levels.map((each) => shop.stocked(...each))),
  ];
  const wanted = Array.from({ length: 12 }, () =>
    [0, 1, 2]
      .filter(() => random.chance(0.5))
      .map((place) => ({ place, quantity: random.chance(0.1) ? 40 : 1 + random.below(4) }))
      .sort(() => random.next() - 0.5),
  ).filter((lines) => lines.length > 0);
  const of = (names: readonly string[]): Basket[] =>
    wanted.map((lines) => basketOf(lines.map(({ place, quantity }) => ({ sku: names[place]!, quantity }))));
  const [baskets, copies] = [of(skus), of(twins)];

  const outcomes = await shop.database.transaction((client) => holdBaskets(client, baskets));
  expect(outcomes[0] === 'held' || codeOf(outcomes[0]) === 'out-of-stock' || outcomes[0] === 'alone').toBe(true);
  const told = outcomes.flatMap((outcome, n) => (outcome === 'alone' ? [] : [{ n, outcome: codeOf(outcome) }]));
  const same = copies.filter((_, n) => outcomes[n] !== 'alone');
  const expected = await shop.database.transaction((client) => inOrder(client, same));
  expect(told.map(({ outcome }) => outcome)).toEqual(expected);
  for (const { n, outcome } of told)
    if (outcome === 'held') expect(await placesOf(baskets[n]!.id, skus)).toEqual(await placesOf(copies[n]!.id, twins));
    else expect(await placesOf(baskets[n]!.id, skus)).toEqual([]);

  // Those that are sent on alone change nothing before they are: then they end as they would have.
  const left = baskets.filter((_, n) => outcomes[n] === 'alone');
  const after = await shop.database.transaction((client) => inOrder(client, left));
  expect(after.every((outcome) => outcome === 'held' || outcome === 'out-of-stock')).toBe(true);
});

test('a sku that many take at once changes once, and its event says what is left', async () => {
  const sku = await shop.stocked([warehouses[0]!, 10]);
  const baskets = Array.from({ length: 7 }, () => basketOf([{ sku, quantity: 1 }]));
  expect(await shop.database.transaction((client) => holdBaskets(client, baskets))).toEqual(baskets.map(() => 'held'));
  const { rows } = await shop.database.pool.query<{ data: unknown }>(
    `select data from outbox_events where subject = $1 order by version`,
    [sku],
  );
  expect(rows.map(({ data }) => data)).toMatchObject([{ reserved: 0 }, { reserved: 7, available: 3 }]);
});

test('what nobody knows, or nobody can have, is not held, and does not keep the others from it', async () => {
  const [sku, few] = [await shop.stocked([warehouses[0]!, 10]), await shop.stocked([warehouses[0]!, 1])];
  const baskets = [[sku], ['NO-SUCH-SKU', sku], [few, sku], [few], [sku]].map((skus, n) =>
    basketOf(skus.map((one) => ({ sku: one, quantity: n === 2 ? 2 : 1 }))),
  );
  const outcomes = await shop.database.transaction((client) => holdBaskets(client, baskets));
  expect(outcomes.map(codeOf)).toEqual(['held', 'alone', 'out-of-stock', 'alone', 'held']);
  expect((outcomes[2] as Problem).violations).toMatchObject([{ pointer: '/lines/0/quantity', code: 'out-of-stock' }]);
});
