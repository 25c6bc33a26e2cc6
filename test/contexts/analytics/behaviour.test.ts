import { keepPartitions } from '../../../src/contexts/tracking/background';
import { digestEvents } from '../../../src/contexts/tracking/digest';
import { productId, store, tracked, visitorId } from '../tracking/shop';
import { openWorkshop, type Workshop } from './workshop';

const MINUTE = 60_000;
let shop: Workshop;
/** Noon of yesterday: no session crosses midnight, and every event may still be stored. */
const noon = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 12 * 60 * MINUTE;

beforeEach(async () => {
  shop = await openWorkshop();
  await keepPartitions(shop.database, Date.now(), 30);
});
afterEach(() => shop.close());

type Step = readonly [minute: number, type: string, more?: Record<string, unknown>];
function visit(steps: readonly Step[], visitor = visitorId()): ReturnType<typeof tracked>[] {
  return steps.map(([minute, type, more]) => tracked({ type, visitorId: visitor, ...more }, noon + minute * MINUTE));
}
const purchase = (): Record<string, unknown> => ({
  productId: productId(),
  orderId: productId().replace('prd', 'ord'),
});

test('the funnel counts steps in their order and within a session', async () => {
  const visitor = visitorId();
  await store(shop.database, [
    ...visit([
      [0, 'search', { query: 'mug', results: 3 }],
      [1, 'click'],
      [2, 'add_to_cart'],
      [3, 'purchase', purchase()],
    ]),
    ...visit([
      [0, 'add_to_cart'], // nothing was looked at before
      [1, 'view'],
    ]),
    ...visit(
      [
        [0, 'view'],
        [5, 'add_to_cart'],
      ],
      visitor,
    ),
    // The same visitor, after half an hour and more: another session, in which nothing was put into the cart.
    ...visit(
      [
        [40, 'view'],
        [41, 'purchase', purchase()],
      ],
      visitor,
    ),
    ...visit([[0, 'search', { query: 'mug', results: 0 }]]),
  ]);
  expect(await shop.run()).toMatchObject({ state: 'succeeded', exported: { events: 11 } });
  expect(await shop.query('select * exclude (day, last_event_at) from funnel')).toEqual([
    { sessions: 5, visitors: 4, viewed: 4, added: 2, purchased: 1 },
  ]);
});

test('the sessions of the funnel are those that tracking cuts, exposures and silences of just half an hour included', async () => {
  const shown = { experiment: 'button', variant: 'green' };
  await store(shop.database, [
    ...visit([
      [0, 'view'],
      [20, 'exposure', shown], // without it two sessions
      [45, 'view'],
      [75, 'view'], // half an hour, and no longer
    ]),
    ...visit([
      [0, 'exposure', shown],
      [31, 'view'],
    ]),
  ]);
  await digestEvents({ database: shop.database, halfLifeSeconds: 86_400 });
  const { rows } = await shop.database.pool.query<{ began: string }>(
    'select started_at::text as began from tracking_sessions order by 1',
  );
  expect(rows).toHaveLength(3);
  expect(await shop.run()).toMatchObject({ state: 'succeeded' });
  expect(await shop.query('select sessions, viewed from funnel')).toEqual([{ sessions: rows.length, viewed: 2 }]);
});

test('searches without results are counted by query and visitor, and those with results are not', async () => {
  const visitor = visitorId();
  const nothing = { query: 'Red  MUG', results: 0 };
  await store(shop.database, [
    ...visit(
      [
        [0, 'search', nothing],
        [1, 'search', nothing],
        [2, 'search', { query: 'tea', results: 4 }],
      ],
      visitor,
    ),
    ...visit([
      [0, 'search', nothing],
      [3, 'search', { query: 'kettle', results: 0 }],
    ]),
  ]);
  await shop.run();
  expect(await shop.query('select query, searches, visitors from searches_without_results')).toEqual([
    { query: 'red mug', searches: 3, visitors: 2 },
    { query: 'kettle', searches: 1, visitors: 1 },
  ]);
});

test('the uplift of a promotion is against the holdout, and who saw both counts in neither', async () => {
  const seen = (variant: string): Step => [0, 'exposure', { experiment: 'spring', variant }];
  const buys: Step = [5, 'purchase', purchase()];
  const early: Step = [-5, 'purchase', purchase()];
  const group = (size: number, buyers: number, variant: string): ReturnType<typeof tracked>[] =>
    Array.from({ length: size }, (_, n) => visit(n < buyers ? [seen(variant), buys] : [early, seen(variant)])).flat();
  await store(shop.database, [
    ...group(40, 12, 'ten-percent'),
    ...group(50, 5, 'holdout'),
    ...visit([seen('holdout'), seen('ten-percent'), buys]),
  ]);
  await shop.run();
  const [held, given] = await shop.query('select * from promotion_uplift order by variant');
  expect(held).toMatchObject({ variant: 'holdout', visitors: 50, converted: 5, conversion: 0.1, uplift: null });
  expect(given).toMatchObject({
    variant: 'ten-percent',
    visitors: 40,
    converted: 12,
    conversion: 0.3,
    is_holdout: false,
  });
  expect(given?.uplift).toBeCloseTo(0.2, 12);
  expect(given?.relative_uplift).toBeCloseTo(2, 12);
  const half = 1.96 * Math.sqrt((0.3 * 0.7) / 40 + (0.1 * 0.9) / 50);
  expect([given?.uplift_low, given?.uplift_high].map(Number)).toEqual([
    expect.closeTo(0.2 - half, 10),
    expect.closeTo(0.2 + half, 10),
  ]);
});
