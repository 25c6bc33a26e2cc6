import { readDemand, readVisitor, streamInteractions, type ProductEvent } from '../../../src/contexts/tracking';
import { digestEvents } from '../../../src/contexts/tracking/digest';
import { openTrackingShop, productId, store, tracked, visitorId, type TrackingShop } from './shop';

let shop: TrackingShop;
beforeAll(async () => {
  shop = await openTrackingShop();
});
afterAll(() => shop.close());
beforeEach(() => shop.database.pool.query('truncate tracking_events, tracking_batches, tracking_demand'));

async function streamed(chunk: number): Promise<ProductEvent[]> {
  const events: ProductEvent[] = [];
  for await (const event of streamInteractions(shop.database, chunk)) events.push(event);
  return events;
}

test('what visitors did with products is streamed by time, in chunks, without searches and exposures', async () => {
  const now = Date.now();
  const events = Array.from({ length: 7 }, (_, n) => tracked({ type: n % 2 ? 'click' : 'view' }, now - 1_000 * n));
  const others = [
    tracked({ type: 'search', query: 'mug' }, now),
    tracked({ type: 'exposure', experiment: 'a', variant: 'b' }, now),
  ];
  await store(shop.database, [...events, ...others]);
  const expected = events
    .toReversed()
    .map((event) => ({ id: event.id, type: event.type, product: 'productId' in event ? event.productId : undefined }));
  const seen = (await streamed(3)).map(({ id, type, productId: product }) => ({ id, type, product }));
  expect(seen).toEqual(expected);
  expect((await streamed(3))[0]?.at).toBe(now - 6_000);
});

test("a visitor's last events are read, the newest first, and nobody else's", async () => {
  const visitor = visitorId();
  const now = Date.now();
  const own = [3, 2, 1].map((minutes) => tracked({ visitorId: visitor }, now - minutes * 60_000));
  await store(shop.database, [...own, tracked({}, now)]);
  const ids = (await readVisitor(shop.database, visitor, 2)).map(({ id }) => id);
  expect(ids).toEqual([own[2]?.id, own[1]?.id]);
  expect(await readVisitor(shop.database, visitorId(), 2)).toEqual([]);
});

test('demand is given as it is now: it has halved after a half-life', async () => {
  const [first, second] = [productId(), productId()];
  await store(shop.database, [
    tracked({ type: 'purchase', productId: second, orderId: 'ord_0193b1f0-0000-7000-8000-000000000000' }),
    tracked({ type: 'click', productId: first }),
  ]);
  while (await digestEvents({ database: shop.database, halfLifeSeconds: 14 * 86_400 }));
  await shop.database.pool.query(`update tracking_demand set as_of = as_of - interval '14 days'`);
  const demand = await readDemand(shop.database, { halfLifeDays: 14, most: 10 });
  expect(demand.map(({ productId: id }) => id)).toEqual([second, first]);
  expect(demand[0]?.demand).toBeCloseTo(5, 1);
  expect(demand[1]?.demand).toBeCloseTo(0.5, 2);
});
