import { Random } from '../../support/random';
import { openWorkshop, type Workshop } from './workshop';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop([{ id: 'prd_1', sku: 'TEA', name: 'Tea', category: 'drinks/tea', brand: null }]);
});
afterEach(() => shop.close());

const day = (n: number): string => new Date(Date.UTC(2011, 0, 1 + n, 10)).toISOString().slice(0, 19).replace('T', ' ');

test('support, confidence and lift are those of counting every pair of every basket', async () => {
  const random = new Random(3);
  const skus = ['P1', 'P2', 'P3', 'P4', 'P5', 'P6'];
  const baskets = Array.from({ length: 120 }, (_, n) => {
    const chosen = skus.filter((_sku, i) => random.chance(i === 5 ? 0.01 : 0.35 - i * 0.03));
    return { n, skus: n % 3 === 0 ? [...new Set([...chosen, 'P1', 'P2'])] : chosen };
  }).filter((basket) => basket.skus.length > 0);
  await shop.bring(
    baskets.flatMap(({ n, skus: inIt }) =>
      // A second line of the same article does not count twice, and postage is no article.
      [...inIt, inIt[0], 'POST'].map((sku) => `I${n},${sku},THING,1,${day(n)},1.00,,France`),
    ),
  );
  await shop.run();
  const count = (...wanted: string[]): number =>
    baskets.filter(({ skus: inIt }) => wanted.every((sku) => inIt.includes(sku))).length;
  const expected = skus
    .flatMap((a) => skus.filter((b) => b !== a && count(a, b) >= 3).map((b) => [a, b] as const))
    .map(([a, b]) => ({
      ...{ antecedent: a, consequent: b, baskets: count(a, b) },
      support: expect.closeTo(count(a, b) / baskets.length, 12) as number,
      confidence: expect.closeTo(count(a, b) / count(a), 12) as number,
      lift: expect.closeTo((count(a, b) * baskets.length) / (count(a) * count(b)), 9) as number,
    }));
  expect(expected.length).toBeGreaterThan(10);
  const found = await shop.query('select * exclude (last_day) from affinity order by antecedent, consequent');
  expect(found).toEqual(expected);
});

test('elasticity finds the exponent that the sales were made with, and is silent where prices hardly vary', async () => {
  const prices = [1, 1.25, 1.5, 2, 2.5];
  const lines = Array.from({ length: 30 }, (_, week) => {
    const price = prices[week % prices.length] as number;
    const units = Math.round(10_000 * price ** -1.8);
    return [
      `E${week},ELASTIC,THING,${units},${day(week * 7)},${price.toFixed(2)},1,France`,
      `S${week},STEADY,THING,${10 + (week % 4)},${day(week * 7)},${(2 + (week % 3) / 100).toFixed(2)},1,France`,
      ...(week < 8 ? [`F${week},FEW,THING,${units},${day(week * 7)},${price.toFixed(2)},1,France`] : []),
    ];
  }).flat();
  await shop.bring(lines);
  await shop.run();
  const found = await shop.query('select sku, elasticity, weeks, prices, is_clear, mean_price from elasticity');
  expect(found).toEqual([
    {
      sku: 'ELASTIC',
      elasticity: expect.closeTo(-1.8, 2) as number,
      weeks: 30,
      prices: 5,
      is_clear: true,
      mean_price: 165,
    },
  ]);
});

test('categories come from the catalogue, with growth against the half-year before and a role', async () => {
  await shop.bring([
    `1,TEA,LOOSE TEA,10,${day(0)},1.00,ann,France`,
    `2,TEA,LOOSE TEA,15,${day(200)},1.00,ann,France`,
    `3,TEA,LOOSE TEA,5,${day(210)},1.00,ann,France`,
    `4,MUG,RED MUG,1,${day(220)},8.00,bob,France`,
    `5,TEA,LOOSE TEA,5,${day(220)},1.00,bob,France`,
  ]);
  // Nothing is known of a whole half-year before yet.
  await shop.run();
  expect(await shop.query("select growth from category_performance where category = 'drinks/tea'")).toEqual([
    { growth: null },
  ]);
  await shop.bring([`6,TEA,LOOSE TEA,3,${day(-150)},1.00,ann,France`]);
  await shop.run();
  expect(await shop.query('select * exclude (last_day) from category_performance')).toEqual([
    {
      ...{
        category: 'drinks/tea',
        currency: 'GBP',
        revenue: 2500,
        revenue_before: 1000,
        growth: 1.5,
        units: 25,
        orders: 3,
      },
      ...{ customers: 2, penetration: 1, frequency: 1.5, share: 2500 / 3300, role: 'staple' },
    },
    {
      ...{
        category: 'uncategorised',
        currency: 'GBP',
        revenue: 800,
        revenue_before: 0,
        growth: null,
        units: 1,
        orders: 1,
      },
      ...{ customers: 1, penetration: 0.5, frequency: 1, share: 800 / 3300, role: 'fill-in' },
    },
  ]);
  expect(await shop.query('select * exclude (last_ordered_at) from kpis')).toMatchObject([
    { to_day: '2011-08-09', revenue: 3300, orders: 4, customers: 2, new_customers: 1, revenue_before: 0 },
  ]);
});
