import { changePopularity, streamSearchableProducts } from '../../../src/contexts/catalogue';
import { changeProduct, createProduct } from '../../../src/contexts/catalogue/products';
import { newProductSchema } from '../../../src/contexts/catalogue/schemas';
import { startSearch, type SearchService } from '../../../src/contexts/search';
import { digestEvents, showDemand } from '../../../src/contexts/tracking/digest';
import { startOutbox, type Outbox } from '../../../src/platform/outbox';
import { silent, suggestionsOf, until } from '../search/support';
import { openTrackingShop, productId, store, tracked, type TrackingShop } from './shop';

const halfLifeSeconds = 86_400;
let shop: TrackingShop;
let outbox: Outbox;
let search: SearchService;
beforeAll(async () => {
  shop = await openTrackingShop();
  const { database } = shop;
  outbox = startOutbox({ database, log: silent });
  search = startSearch({
    outbox,
    products: () => streamSearchableProducts(database),
    log: silent,
    cacheBytes: 1 << 20,
  });
  await search.whenReady();
});
afterAll(async () => {
  await search.close();
  await outbox.close();
  await shop.close();
});
beforeEach(() => shop.database.pool.query('truncate tracking_events, tracking_batches, tracking_demand'));

let number = 0;
async function product(name: string, popularity: number): Promise<string> {
  const price = { amount: 295, currency: 'GBP' };
  const input = newProductSchema.parse({ sku: `POP-${++number}`, name, price, status: 'active', popularity });
  return (await createProduct({ database: shop.database, currency: 'GBP' }, input)).id;
}

async function clicks(id: string, count: number): Promise<void> {
  await store(
    shop.database,
    Array.from({ length: count }, () => tracked({ type: 'click', productId: id, query: 'lantern' })),
  );
}

async function bringUp(): Promise<void> {
  const { database } = shop;
  while (await digestEvents({ database, halfLifeSeconds }));
  while (await showDemand({ database, halfLifeSeconds, changePopularity }));
}

/** As if so many days had gone by without an event. */
const age = (days: number): Promise<unknown> =>
  shop.database.pool.query(`update tracking_demand set as_of = as_of - make_interval(days => $1)`, [days]);

const suggested = (q: string): string[] =>
  suggestionsOf(search.answer(new URLSearchParams({ q }).toString()).toString()).map(({ id }) => id);
const popularity = async (id: string): Promise<number> =>
  (await shop.database.pool.query<{ popularity: number }>('select popularity from products where id = $1', [id]))
    .rows[0]?.popularity ?? Number.NaN;

test('clicks raise a product in the suggestions, and without any more it sinks back to where it was', async () => {
  const first = await product('Lantern of brass', 10);
  const second = await product('Lantern of paper', 8);
  await until('both are suggested', () => suggested('lantern').length === 2);
  expect(suggested('lantern')).toEqual([first, second]);
  await clicks(second, 4);
  await bringUp();
  await until('the clicked one leads', () => suggested('lantern')[0] === second);
  expect(await popularity(second)).toBeCloseTo(12, 1);
  await age(2);
  await bringUp();
  await until('the other leads again', () => suggested('lantern')[0] === first);
  expect(await popularity(second)).toBeCloseTo(9, 1);
  await age(30);
  await bringUp();
  expect(await popularity(second)).toBe(8);
  expect((await shop.database.pool.query('select 1 from tracking_demand')).rowCount).toBe(0);
});

test('what a merchant sets meanwhile is kept, with the demand on top', async () => {
  const id = await product('Candle', 100);
  await clicks(id, 4);
  await bringUp();
  expect(await popularity(id)).toBeCloseTo(104, 1);
  await changeProduct({ database: shop.database, currency: 'GBP' }, id, undefined, { popularity: 20 });
  await clicks(id, 4);
  await bringUp();
  expect(await popularity(id)).toBeCloseTo(28, 1);
});

test('a change that is not worth an event makes none, and an id that is no product is forgotten', async () => {
  const id = await product('Wick', 1_000);
  await clicks(id, 1);
  await clicks(productId(), 3);
  await bringUp();
  const version = async (): Promise<number> =>
    (await shop.database.pool.query<{ version: number }>('select version from products where id = $1', [id])).rows[0]
      ?.version ?? 0;
  const before = await version();
  await clicks(id, 5);
  await bringUp();
  expect(await version()).toBe(before);
  expect((await shop.database.pool.query('select 1 from tracking_demand')).rowCount).toBe(1);
});
