import { createReadStream, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { importProducts } from '../../../src/contexts/catalogue';
import {
  classOf,
  isPlausibleName,
  parseMoment,
  ROW_CLASSES,
} from '../../../src/contexts/catalogue/import/online-retail-rules';
import { openShop, type Shop } from './shop';

const folder = path.resolve(__dirname, '../../../../shared/data/online-retail');
const real = path.join(folder, 'online-retail-2010-12_2011-08.csv.gz');

let shop: Shop;
beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const products = async (): Promise<{ sku: string; name: string; price: number; popularity: number }[]> =>
  (
    await shop.database.pool.query(
      'select sku, name, price_amount::int as price, popularity from products order by sku',
    )
  ).rows;

describe('importing the data set Online Retail', () => {
  test('makes products of its lines and counts every oddity, with the header, dates and pound sign of the original', async () => {
    const lines = [
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
      '536365,85123A,WHITE  HANGING HEART ,6,12/1/2010 8:26,2.55,17850,United Kingdom',
      '536366,85123a,WHITE HANGING HEART,6,12/1/2010 8:28,2.55,17850,United Kingdom',
      '536366,85123A,CREAM HANGING HEART,1,12/1/2010 8:29,2.95,17850,France',
      '536366,85123A,CREAM HANGING HEART,1,12/1/2010 8:29,2.95,17850,France',
      '536367,POST,POSTAGE,1,12/1/2010 8:30,18.00,12583,France',
      'C536379,85123A,WHITE HANGING HEART,-1,12/1/2010 9:41,2.55,17850,United Kingdom',
      '536400,22000,damaged,-5,12/1/2010 10:00,0,,United Kingdom',
      '536401,22000,,5,12/1/2010 10:01,0,,United Kingdom',
      '536402,gift_0001_20,Voucher \xa320.00,1,12/1/2010 10:02,17.02,,United Kingdom',
      'A563185,B,Adjust bad debt,1,8/12/2011 14:50,11062.06,,United Kingdom',
      '541431,23166,JAR,74215,1/18/2011 10:01,1.04,12346,United Kingdom',
      'C541433,23166,JAR,-74215,1/18/2011 10:17,1.04,12346,United Kingdom',
      '541500,PADS,PADS TO MATCH,1,1/19/2011 10:17,0.001,12346,United Kingdom',
      '541501,23170,NO SUCH NUMBER,many,1/19/2011 10:17,1.00,12346,United Kingdom',
      '541501,23170,NO SUCH DATE,1,31/31/2011 10:17,1.00,12346,United Kingdom',
      '541501,23170,TOO SHORT,1',
    ];
    const input = Readable.from([Buffer.from(lines.join('\r\n'), 'latin1')]);
    const report = await importProducts(shop, { format: 'online-retail', input });
    expect(report).toMatchObject({ read: 16, inserted: 4, refused: 3 });
    expect(report.refusals.map(({ line, column }) => [line, column])).toEqual([
      [15, 'Quantity'],
      [16, 'InvoiceDate'],
      [17, null],
    ]);
    expect(report.notes).toMatchObject({
      usedRows: 7,
      badDebtRows: 1,
      cancellationRows: 2,
      stockAdjustmentRows: 1,
      nonProductRows: 1,
      unpricedRows: 1,
      guestRows: 4,
      missingDescriptionRows: 1,
      duplicateRows: 1,
      zeroPriceRows: 2,
      subPennyPriceRows: 1,
      poundSignRows: 1,
      cancellationInvoices: 2,
      badDebtInvoices: 1,
      invoicesWithSeveralTimes: 1,
      customersWithSeveralCountries: 1,
      codesThatDifferInCase: 1,
      nonProductCodes: 2,
      codesNeverSold: 1,
      extremeQuantityPairs: 1,
      productsWithSeveralNames: 1,
      productsPricedBelowAPenny: 1,
      linesReadAsWindows1252: 1,
    });
    expect(await products()).toEqual([
      { sku: '23166', name: 'JAR', price: 104, popularity: 1 },
      { sku: '85123A', name: 'WHITE HANGING HEART', price: 255, popularity: 2 },
      { sku: 'GIFT_0001_20', name: 'Voucher £20.00', price: 1702, popularity: 1 },
      { sku: 'PADS', name: 'PADS TO MATCH', price: 1, popularity: 1 },
    ]);
  });

  test('refuses a file that is another one, and a shop with other money', async () => {
    const input = Readable.from([Buffer.from('sku,name\n1,2\n')]);
    await expect(importProducts(shop, { format: 'online-retail', input })).rejects.toThrow('no column "sku"');
    const euro = { ...shop, currency: 'EUR' };
    const again = Readable.from([Buffer.from('InvoiceNo\n')]);
    await expect(importProducts(euro, { format: 'online-retail', input: again })).rejects.toThrow(
      'EASY11_CURRENCY=GBP',
    );
  });

  const title = 'takes the real nine months whole: every row counted once, every product of the check list';
  if (!existsSync(real)) test.skip(`${title} (skipped: ../shared/data/online-retail is not here)`, () => undefined);
  else
    test(
      title,
      async () => {
        const report = await importProducts(shop, { format: 'online-retail', input: createReadStream(real) });
        expect(report).toMatchObject({ read: 320_705, inserted: 3527, refused: 0 });
        const counted = ROW_CLASSES.reduce((sum, rowClass) => sum + (report.notes[rowClass] ?? 0), 0);
        expect(counted).toBe(report.read);
        // Counted apart, by another program in another language.
        expect(report.notes).toMatchObject({
          guestRows: 88_652,
          missingDescriptionRows: 1161,
          duplicateRows: 2483,
          cancellationRows: 5847,
          cancellationInvoices: 2554,
          badDebtInvoices: 3,
          stockAdjustmentRows: 925,
          zeroPriceRows: 1797,
          poundSignRows: 29,
          invoicesWithSeveralTimes: 38,
          customersWithSeveralCountries: 6,
          invoices: 16_459,
          extremeQuantityPairs: 1,
        });
        const known = readFileSync(path.join(folder, 'products.csv'), 'utf8').trim().split('\n').slice(1);
        expect((await products()).map(({ sku }) => sku)).toEqual(known.map((line) => line.split(',')[0]).sort());
      },
      180_000,
    );
});

describe('its rules', () => {
  test('give every row one meaning', () => {
    const row = { invoice: '536365', code: '85123A', quantity: 1, price: 2.55 };
    expect([
      classOf(row),
      classOf({ ...row, invoice: 'C536365', quantity: -1 }),
      classOf({ ...row, quantity: -1 }),
      classOf({ ...row, code: 'BANK CHARGES' }),
      classOf({ ...row, price: 0 }),
      classOf({ ...row, invoice: 'A1', price: -1 }),
      classOf({ ...row, price: -1 }),
      classOf({ ...row, quantity: 0 }),
    ]).toEqual([
      'usedRows',
      'cancellationRows',
      'stockAdjustmentRows',
      'nonProductRows',
      'unpricedRows',
      'badDebtRows',
      'negativePriceRows',
      'zeroQuantityRows',
    ]);
  });

  test('know a name from a note about stock', () => {
    for (const name of ['RED RETROSPOT MUG', 'BAG 125g SWIRLY MARBLES', 'Dotcomgiftshop Gift Voucher £20.00'])
      expect([name, isPlausibleName(name)]).toEqual([name, true]);
    for (const note of [
      '?',
      'damaged',
      'Damages',
      'check',
      'sold as set on dotcom',
      'thrown away',
      '20713',
      'wet/rusty',
    ])
      expect([note, isPlausibleName(note)]).toEqual([note, false]);
  });

  test('read both ways of writing a moment, and no moment that there never was', () => {
    expect(parseMoment('12/1/2010 8:26')).toEqual(parseMoment('2010-12-01 08:26:00'));
    for (const wrong of ['2011-02-30 08:26:00', '13/1/2010 8:26', '2010-12-01', 'yesterday', '2010-12-01 25:00:00']) {
      expect([wrong, parseMoment(wrong)]).toEqual([wrong, undefined]);
    }
  });
});
