import { Random } from '../../support/random';
import { expectedOf, marts, type RetailRow } from './reference';
import { openWorkshop, type Workshop } from './workshop';

let shop: Workshop;
beforeEach(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.close());

const asLine = ({ invoice, quantity, at, price, customer }: RetailRow, sku: string): string =>
  `${invoice},${sku},THING ${sku},${quantity},${at}:00,${price},${customer},United Kingdom`;

/** A year of a small shop, with everything that the golden rules leave out, and duplicates, which they leave in. */
function makeRows(random: Random): { row: RetailRow; sku: string }[] {
  const rows: { row: RetailRow; sku: string }[] = [];
  for (let n = 0; n < 400; n++) {
    const at = new Date(Date.UTC(2011, 0, 1 + random.below(360), 8 + random.below(9), random.below(60)));
    const customer = random.chance(0.2) ? '' : String(12_000 + Math.min(random.below(60), random.below(60)));
    const cancelled = random.chance(0.1);
    for (let line = 1 + random.below(4); line > 0; line--) {
      const row: RetailRow = {
        invoice: `${cancelled ? 'C' : ''}${500_000 + n}`,
        quantity: cancelled ? -1 - random.below(5) : random.chance(0.03) ? 0 : 1 + random.below(20),
        at: at.toISOString().slice(0, 16).replace('T', ' '),
        price: random.chance(0.05) ? '0' : random.chance(0.05) ? '0.001' : (0.25 + random.below(900) / 100).toFixed(2),
        customer,
      };
      const sku = random.pick(['22000', '22001', '85123A', 'POST']);
      rows.push({ row, sku });
      if (random.chance(0.05)) rows.push({ row, sku });
    }
  }
  return rows;
}

test('revenue by month, RFM and cohorts are those of the golden rules, computed apart', async () => {
  const rows = makeRows(new Random(5));
  await shop.bring(rows.map(({ row, sku }) => asLine(row, sku)));
  const run = await shop.run();
  expect(run).toMatchObject({ state: 'succeeded', error: null, exported: { past_order_lines: rows.length } });
  const expected = expectedOf(rows.map(({ row }) => row));
  expect(Object.keys(expected.rfm).length).toBeGreaterThan(40);
  expect(await marts(shop.query)).toEqual(expected);
});

test('a guest is in the revenue of guests alone, and each customer in one of ten segments', async () => {
  await shop.bring([
    '1,A,THING,2,2011-01-03 10:00:00,1.50,,France',
    '2,A,THING,1,2011-01-03 11:00:00,1.50,10,France',
    '3,A,THING,1,2011-01-03 12:00:00,0.001,10,United Kingdom',
  ]);
  await shop.run();
  expect(await shop.query('select * from revenue_by_region order by country')).toMatchObject([
    { country: 'France', orders: 1, customers: 1, revenue: 150, guest_orders: 1, guest_revenue: 300 },
    { country: 'United Kingdom', orders: 1, customers: 1, revenue: 0, guest_orders: 0, guest_revenue: 0 },
  ]);
  expect(await shop.query('select * from rfm')).toMatchObject([
    { customer: '10', as_of: '2011-01-04', recency_days: 1, frequency: 2, monetary: 150 },
  ]);
});

test('without data every mart is there and empty', async () => {
  expect(await shop.run()).toMatchObject({ state: 'succeeded' });
  expect(await shop.query('select * from cohorts')).toEqual([]);
});

test('what is imported later is added, and what is imported again is not', async () => {
  const lines = ['1,A,THING,2,2011-01-03 10:00:00,1.50,10,France', '2,A,THING,2,2011-02-03 10:00:00,2.50,10,France'];
  await shop.bring(lines.slice(0, 1));
  expect((await shop.run()).exported).toEqual({ past_order_lines: 1 });
  await shop.bring(lines);
  expect((await shop.run()).exported).toEqual({ past_order_lines: 1 });
  expect((await shop.run()).exported).toEqual({});
  expect(await shop.query('select orders, monetary from customers')).toEqual([{ orders: 2, monetary: 800 }]);
});
