import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import request from 'supertest';
import { describeReport, importProducts, type ImportReport } from '../../../src/contexts/catalogue';
import { changed, positionOf, slugOf, sortName, type ProductFields } from '../../../src/contexts/catalogue/rules';
import { decodeCursor, encodeCursor } from '../../../src/kernel/pages';
import { openShop, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

/** Imports text in pieces of a few bytes, so that every boundary falls somewhere. */
async function load(
  text: string | Buffer,
  format: 'csv' | 'jsonl' = 'csv',
  options: { batch?: number; signal?: AbortSignal; piece?: number } = {},
): Promise<ImportReport> {
  const bytes = Buffer.from(text);
  const pieces = function* (): Generator<Buffer> {
    const size = options.piece ?? 7;
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  return importProducts(shop, { format, input: Readable.from(pieces()), ...options });
}

const read = async (sku: string): Promise<Record<string, unknown> | undefined> =>
  (await shop.database.pool.query('select * from products where sku = $1', [sku])).rows[0];
const eventCount = async (): Promise<number> => (await shop.events()).length;

describe('importing CSV', () => {
  test('adds what is new, changes what differs, leaves the rest alone, and sends an event for each change only', async () => {
    const first = await load(
      'sku,name,price,category,brand\nA1,Red Mug,2.95,kitchen/tea-mugs,Finch\nA2,Blue Mug,3.10,,\n',
    );
    expect(first).toMatchObject({ read: 2, inserted: 2, updated: 0, unchanged: 0, refused: 0, aborted: false });
    expect(first.notes).toEqual({ categoriesCreated: 2, brandsCreated: 1 });
    const before = await eventCount();
    const second = await load('price,sku\n2.95,A1\n3.50,A2\n');
    expect(second).toMatchObject({ read: 2, inserted: 0, updated: 1, unchanged: 1, refused: 0 });
    expect(await eventCount()).toBe(before + 1);
    expect(await read('A2')).toMatchObject({ name: 'Blue Mug', price_amount: '350', version: 2 });
    const list = await request(shop.app).get('/v1/products?category=kitchen');
    expect(list.body.data[0]).toMatchObject({ sku: 'A1', brand: { name: 'Finch' }, category: { name: 'Tea mugs' } });
  });

  test('clears a description, brand, category or image whose cell is empty, and nothing else', async () => {
    await load('sku,name,price,description,brand,category,status,popularity\nC1,Cup,1.00,Nice,Finch,kitchen,draft,5\n');
    await load('sku,name,price,description,brand,category,status,popularity\nC1,,,,,,,\n');
    expect(await read('C1')).toMatchObject({
      name: 'Cup',
      price_amount: '100',
      description: '',
      brand_id: null,
      category_id: null,
      status: 'draft',
      popularity: 5,
    });
  });

  test('refuses each record that it cannot take with line, column and reason, and takes the others', async () => {
    const report = await load(
      [
        'sku,description,price,in_stock,popularity,category,status,name',
        'R1,,1.00,yes,1,,,Good',
        ',,1.00,,,,,No sku',
        'R2,,1.005,,,,,Bad price',
        'R3,"Two',
        'lines",£2,,,,,Bad price',
        'R4,,1.00,maybe,,,,Bad stock',
        'R5,,1.00,,-3,,,Bad popularity',
        'R6,,1.00,,,Kitchen Stuff,,Bad category',
        'R7,,1.00,,,,sold,Bad status',
        'R8,Too few,1.00',
        'R9,,1.00,,,,,',
        'R10,,,,,,,No price',
        'R11,,1,,,,,Good too',
      ].join('\r\n'),
    );
    expect(report).toMatchObject({ read: 12, inserted: 2, refused: 10 });
    expect(
      report.refusals.map(({ line, column, code }) => [line, column, code]).sort((a, b) => Number(a[0]) - Number(b[0])),
    ).toEqual([
      [3, 'sku', 'wrong-sku'],
      [4, 'price', 'wrong-price'],
      [5, 'price', 'wrong-price'],
      [7, 'in_stock', 'wrong-in-stock'],
      [8, 'popularity', 'wrong-popularity'],
      [9, 'category', 'wrong-category'],
      [10, 'status', 'wrong-status'],
      [11, null, 'wrong-cell-count'],
      [12, 'name', 'missing-name'],
      [13, 'price', 'missing-price'],
    ]);
    expect(describeReport(report)).toContain('line 4, price: "1.005" is no price in GBP');
  });

  test('counts a sku that comes several times each time, and keeps what came last', async () => {
    const before = await eventCount();
    const report = await load('sku,name,price\nD1,First,1\nD1,Second,1\nD1,Second,1\nD1,Third,1\n', 'csv', {
      batch: 100,
    });
    expect(report).toMatchObject({ inserted: 1, updated: 2, unchanged: 1 });
    expect(await read('D1')).toMatchObject({ name: 'Third', version: 1 });
    expect(await eventCount()).toBe(before + 1);
    const again = await load('sku,name,price\nD1,Fourth,1\nD1,Fifth,1\n', 'csv', { batch: 1 });
    expect(again.updated).toBe(2);
    expect(await read('D1')).toMatchObject({ name: 'Fifth', version: 3 });
  });

  test('keeps the first thousand refusals and counts all', async () => {
    const report = await load(`sku,name,price\n${'X,Name,none\n'.repeat(1500)}`, 'csv', { piece: 4096 });
    expect([report.refused, report.refusals.length, report.refusedByCode]).toEqual([
      1500,
      1000,
      { 'wrong-price': 1500 },
    ]);
  });

  test('reads gzip, semicolons, a byte order mark, quotes in words, and lines in ISO-8859-1 among UTF-8', async () => {
    const lines = Buffer.concat([
      Buffer.from('\ufeffSKU;Name;Price\n'),
      Buffer.from('E1;"Crème; brûlée";1.00\n'),
      Buffer.from('E2;Gift \xa310;1.00\n', 'latin1'),
      Buffer.from('E3;6" plate;1.00\n'),
    ]);
    const report = await load(gzipSync(lines));
    expect(report).toMatchObject({ inserted: 3, refused: 0, notes: { linesReadAsWindows1252: 1 } });
    expect([(await read('E1'))!.name, (await read('E2'))!.name, (await read('E3'))!.name]).toEqual([
      'Crème; brûlée',
      'Gift £10',
      '6" plate',
    ]);
  });

  test.each([
    ['a column that it does not know', 'sku,name,prise\n', 'no column "prise"'],
    ['no sku', 'name,price\n', 'column sku is missing'],
    ['one column twice', 'sku,name,Name\n', 'there twice'],
    ['nothing', '', 'empty'],
    ['half a gzip file', gzipSync(Buffer.from('sku,name,price\nA,B,1\n')).subarray(0, 20), 'gzip'],
  ])('refuses a file with %s as a whole', async (_, text, words) => {
    await expect(load(text)).rejects.toMatchObject({
      code: 'validation-failed',
      message: expect.stringContaining(words),
    });
  });

  test('can be stopped between two batches: what is written stays, and the report says so', async () => {
    const controller = new AbortController();
    const lines = Array.from({ length: 500 }, (_, n) => `F${n},Stop,1.00`).join('\n');
    const input = Readable.from([Buffer.from(`sku,name,price\n${lines}`)]);
    const report = await importProducts(shop, {
      format: 'csv',
      input,
      batch: 50,
      signal: controller.signal,
      onProgress: ({ written }) => {
        if (written >= 100) controller.abort();
      },
    });
    expect(report.aborted).toBe(true);
    const { rows } = await shop.database.pool.query("select count(*)::int from products where name = 'Stop'");
    expect(rows[0].count).toBe(report.inserted);
    expect(report.inserted).toBeGreaterThanOrEqual(100);
    expect(report.inserted).toBeLessThan(500);
  });

  test('by two at once of the same products ends with each once, versions without gaps', async () => {
    const file = (name: string): string =>
      `sku,name,price\n${Array.from({ length: 300 }, (_, n) => `G${n},${name},1.00`).join('\n')}`;
    const reports = await Promise.all([
      load(file('One'), 'csv', { batch: 40, piece: 999 }),
      load(file('Two'), 'csv', { batch: 40, piece: 999 }),
    ]);
    expect(reports.map(({ refused }) => refused)).toEqual([0, 0]);
    const events = (await shop.events()).filter(({ data }) => String(data.sku).startsWith('G'));
    const versions = new Map<string, number[]>();
    for (const { aggregate, version } of events) versions.set(aggregate, [...(versions.get(aggregate) ?? []), version]);
    expect(versions.size).toBe(300);
    for (const own of versions.values()) expect(own).toEqual([1, 2]);
  });
});

describe('importing JSON lines', () => {
  test('takes one product a line and refuses what is none', async () => {
    const report = await load(
      [
        '{"sku":"J1","name":"Mug","price":{"amount":295,"currency":"GBP"},"category":"kitchen/mugs","inStock":false}',
        '',
        '{"sku":"J2","name":"Mug","price":{"amount":2.95,"currency":"GBP"}}',
        '{"sku":"J3","name":"Mug","price":{"amount":295,"currency":"EUR"}}',
        '{"sku":"J4","colour":"red"}',
        '{"sku":"J5"',
        '"J6"',
        '{"sku":"J7","name":"\\ud83d","price":{"amount":1,"currency":"GBP"}}',
      ].join('\n'),
      'jsonl',
    );
    expect(report).toMatchObject({ read: 7, inserted: 1, refused: 6 });
    expect(report.refusals.map(({ line, column }) => [line, column])).toEqual([
      [3, 'price'],
      [4, 'currency'],
      [5, 'colour'],
      [6, null],
      [7, null],
      [8, 'name'],
    ]);
    expect(await read('J1')).toMatchObject({ price_amount: '295', in_stock: false });
  });
});

describe('importing over HTTP', () => {
  test('answers with the report', async () => {
    const answer = await shop
      .admin('post', '/products/import')
      .set('Content-Type', 'text/csv')
      .send('sku,name,price\nH1,Mug,1.00\nH2,Mug,x\n');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ read: 2, inserted: 1, refused: 1, refusals: [{ line: 3, column: 'price' }] });
    const lines = await shop
      .admin('post', '/products/import')
      .set('Content-Type', 'application/x-ndjson')
      .send('{"sku":"H1","name":"Cup"}\n');
    expect(lines.body).toMatchObject({ updated: 1 });
    const other = await shop.admin('post', '/products/import').set('Content-Type', 'application/xml').send('<a/>');
    expect([other.status, other.body.code]).toEqual([415, 'unsupported-media-type']);
  });
});

describe('the rules', () => {
  const fields: fc.Arbitrary<ProductFields> = fc.record({
    sku: fc.constant('A'),
    name: fc.constantFrom('x', 'y'),
    description: fc.constantFrom('', 'd'),
    brandId: fc.constantFrom(null, 'b'),
    categoryId: fc.constantFrom(null, 'c'),
    priceAmount: fc.nat(2),
    currency: fc.constant('GBP'),
    costAmount: fc.constantFrom(null, 0, 1),
    image: fc.constant(null),
    status: fc.constantFrom('draft', 'active'),
    inStock: fc.boolean(),
    popularity: fc.nat(2),
  });

  test('a change says what differs: applied once it changes, applied again it changes nothing', () => {
    fc.assert(
      fc.property(
        fields,
        fields,
        fc.subarray(['name', 'brandId', 'priceAmount', 'costAmount', 'inStock', 'status'] as const),
        (before, other, keys) => {
          const change = Object.fromEntries(keys.map((key) => [key, other[key]]));
          const after = changed(before, change);
          expect(after ?? before).toEqual({ ...before, ...change });
          expect(after === undefined).toBe(keys.every((key) => before[key] === other[key]));
          expect(changed(after ?? before, change)).toBeUndefined();
        },
      ),
      { seed: 1 },
    );
  });

  test('a cursor is taken by the order that made it and by no other', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (key) => {
        const cursor = encodeCursor(['-price', key, 'prd_1']);
        expect(positionOf(cursor, '-price')).toEqual({ key: JSON.parse(JSON.stringify(key)), id: 'prd_1' });
        expect(positionOf(cursor, 'price')).toBeUndefined();
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.string(), (made) => positionOf(made, 'name') === undefined || decodeCursor(made, 3) !== undefined),
      { seed: 1 },
    );
  });

  test('names are ordered without case and accents, and make slugs', () => {
    expect(sortName('  Crème  BRÛLÉE ﬁne')).toBe('creme brulee fine');
    expect([slugOf('Tea & Coffee'), slugOf('L’Oréal'), slugOf('緑茶'), slugOf('!!!')]).toEqual([
      'tea-coffee',
      'loreal',
      '緑茶',
      undefined,
    ]);
  });
});
