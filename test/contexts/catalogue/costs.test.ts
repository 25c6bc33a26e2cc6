import { Readable } from 'node:stream';
import request from 'supertest';
import { importProducts, readCosts, streamCosts, type ImportReport } from '../../../src/contexts/catalogue';
import { changeProduct } from '../../../src/contexts/catalogue/products';
import { openShop, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

const gbp = (amount: number): { amount: number; currency: string } => ({ amount, currency: 'GBP' });
const patch = (id: string, change: object): ReturnType<Shop['admin']> =>
  shop.admin('patch', `/products/${id}`).set('If-Match', '*').send(change);
const load = (text: string, format: 'csv' | 'jsonl'): Promise<ImportReport> =>
  importProducts(shop, { format, input: Readable.from([Buffer.from(text)]) });
const costOf = async (sku: string): Promise<string | null> =>
  (await shop.database.pool.query('select cost_amount from products where sku = $1', [sku])).rows[0].cost_amount;

describe('what a product costs the shop', () => {
  test('is given, changed and taken back by the back office, which sees it in a list too', async () => {
    const { id } = await shop.product({ sku: 'COST-1', cost: gbp(40) });
    expect((await shop.admin('get', `/products/${id}`)).body.cost).toEqual(gbp(40));
    const changed = await patch(id, { cost: gbp(45) });
    expect([changed.status, changed.body.cost, changed.body.version]).toEqual([200, gbp(45), 2]);
    const list = await shop.admin('get', '/products?limit=100');
    expect(list.body.data).toContainEqual(expect.objectContaining({ id, cost: gbp(45) }));
    expect((await patch(id, { cost: gbp(45) })).body.version).toBe(2);
    expect((await patch(id, { price: gbp(90) })).body).toMatchObject({ cost: gbp(45), version: 3 });
    expect((await patch(id, { cost: null })).body).toMatchObject({ cost: null, version: 4 });
    const { id: other } = await shop.product();
    expect((await shop.admin('get', `/products/${other}`)).body.cost).toBeNull();
  });

  test('is in no answer for everybody and in no event, though a change of it is one', async () => {
    const { id } = await shop.product({ cost: gbp(7_654_321) });
    await patch(id, { cost: gbp(7_654_322) });
    const answers = [
      await request(shop.app).get(`/v1/products/${id}`),
      await request(shop.app).get(`/v1/products/${id}`).set('Authorization', 'Bearer wrong'),
      await request(shop.app).get('/v1/products?limit=100'),
    ];
    for (const { status, text } of answers) expect([status, /cost|765432/.test(text)]).toEqual([200, false]);
    const events = (await shop.events()).filter(({ aggregate }) => aggregate === `product:${id}`);
    expect(events.map(({ version }) => version)).toEqual([1, 2]);
    expect(JSON.stringify(events)).not.toMatch(/cost|765432/);
  });

  test('is handed to the rules of the shop with the price of the same moment', async () => {
    const { id } = await shop.product({ price: gbp(200), cost: gbp(50) });
    const { id: unknown } = await shop.product({ price: gbp(300) });
    const read = await readCosts(shop.database, [id, unknown, 'prd_none']);
    expect([...read].sort((a, b) => a.price - b.price)).toEqual([
      { productId: id, price: 200, cost: 50 },
      { productId: unknown, price: 300, cost: null },
    ]);
    const streamed: string[] = [];
    for await (const { productId } of streamCosts(shop.database, 1)) streamed.push(productId);
    expect(streamed).toContain(id);
    expect(streamed).not.toContain(unknown);
  });

  test.each([
    ['below nothing', gbp(-1), '/cost/amount'],
    ['of half a penny', gbp(0.5), '/cost/amount'],
    ['in another currency', { amount: 1, currency: 'USD' }, '/cost/currency'],
    ['that is a bare number', 5, '/cost'],
  ])('is refused %s', async (_, cost, pointer) => {
    const { id } = await shop.product();
    const body = { sku: 'WRONG', name: 'Wrong', price: gbp(1), cost };
    for (const answer of [await shop.admin('post', '/products').send(body), await patch(id, { cost })])
      expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  test('is unknown once the price is in another currency, and until then takes none of the other', async () => {
    const { id, sku } = await shop.product({ cost: gbp(40) });
    const euros = { database: shop.database, currency: 'EUR' };
    const [cost, price] = [
      { amount: 50, currency: 'EUR' },
      { amount: 120, currency: 'EUR' },
    ];
    await expect(changeProduct(euros, id, undefined, { cost })).rejects.toMatchObject({ code: 'validation-failed' });
    const line = (fields: object): Readable => Readable.from([Buffer.from(JSON.stringify({ sku, ...fields }))]);
    const refused = await importProducts(euros, { format: 'jsonl', input: line({ cost }) });
    expect(refused.refusals).toMatchObject([{ line: 1, column: 'cost', code: 'wrong-currency' }]);
    expect(await changeProduct(euros, id, undefined, { price })).toMatchObject({ price, cost: null });
    expect(await changeProduct(euros, id, undefined, { cost })).toMatchObject({ price, cost });
  });
});

describe('importing costs', () => {
  test('from CSV: a decimal like a price, cleared by an empty cell, left alone where there is no column', async () => {
    const first = await load('sku,name,price,cost\nC1,Mug,2.95,1.20\nC2,Mug,2.95,\nC3,Mug,2.95,0\n', 'csv');
    expect(first).toMatchObject({ inserted: 3, refused: 0 });
    expect([await costOf('C1'), await costOf('C2'), await costOf('C3')]).toEqual(['120', null, '0']);
    await load('sku,price\nC1,3.00\n', 'csv');
    expect(await costOf('C1')).toBe('120');
    expect(await load('sku,cost\nC1,\nC3,0.00\n', 'csv')).toMatchObject({ updated: 1, unchanged: 1 });
    expect(await costOf('C1')).toBeNull();
  });

  test('from JSON lines: money, or null for none', async () => {
    const line = (sku: string, cost: object | null): string =>
      JSON.stringify({ sku, name: 'Mug', price: gbp(295), cost });
    await load([line('J1', gbp(120)), line('J2', null)].join('\n'), 'jsonl');
    expect([await costOf('J1'), await costOf('J2')]).toEqual(['120', null]);
    await load('{"sku":"J1","name":"Cup"}\n{"sku":"J2","cost":{"amount":5,"currency":"GBP"}}', 'jsonl');
    expect([await costOf('J1'), await costOf('J2')]).toEqual(['120', '5']);
  });

  test('refuses what is none, with the line and the reason', async () => {
    const csv = await load('sku,name,price,cost\nR1,Mug,2.95,dear\nR2,Mug,2.95,-1\nR3,Mug,2.95,1.005\n', 'csv');
    expect(csv.refusals.map(({ line, column, code }) => [line, column, code])).toEqual([
      [2, 'cost', 'wrong-cost'],
      [3, 'cost', 'wrong-cost'],
      [4, 'cost', 'wrong-cost'],
    ]);
    expect(csv.refusals[0]?.reason).toBe('"dear" is no cost in GBP: write it like 2.95');
    const lines = ['{"sku":"R4","cost":5}', '{"sku":"R5","cost":{"amount":1,"currency":"EUR"}}'];
    expect((await load(lines.join('\n'), 'jsonl')).refusals.map(({ line, column }) => [line, column])).toEqual([
      [1, 'cost'],
      [2, 'cost'],
    ]);
  });
});
