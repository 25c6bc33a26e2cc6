import express from 'express';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { catalogueRoutes } from '../../../src/contexts/catalogue';
import { pricingRoutes, quoteSchema, type QuoteView } from '../../../src/contexts/pricing';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const TOKEN = 'a-token-for-these-tests';
let scratch: TestDatabase;
const app = express();
beforeAll(async () => {
  scratch = await createTestDatabase();
  const { database } = scratch;
  const log = pino({ level: 'silent' });
  app.set('query parser', 'simple');
  app.use(catalogueRoutes({ database, log, adminToken: TOKEN, currency: 'GBP' }));
  app.use(pricingRoutes({ database, adminToken: TOKEN }));
  app.use(notFound);
  app.use(errorHandler(log));
  for (const [sku, amount] of [
    ['MUG', 1250],
    ['TEA', 333],
    ['FREE', 0],
    ['DEAR', 1e12],
  ] as const) {
    const product = { sku, name: sku, price: { amount, currency: 'GBP' }, status: 'active' };
    expect((await admin('/products', product)).status).toBe(201);
  }
  await admin('/products', { sku: 'DRAFT', name: 'Draft', price: { amount: 1, currency: 'GBP' } });
});
afterAll(() => scratch.drop());

const admin = (where: string, body: object): Promise<Response> =>
  request(app).post(`/v1/admin${where}`).set('Authorization', `Bearer ${TOKEN}`).send(body).then();
const ask = (body: object): Promise<Response> => request(app).post('/v1/quotes').send(body).then();
const to = (country: string, state?: string): { destination: object } => ({
  destination: { country, ...(state ? { state } : {}) },
});
const mugs = (quantity = 1): { lines: object[] } => ({ lines: [{ sku: 'MUG', quantity }] });

async function quote(body: object): Promise<QuoteView> {
  const answer = await ask(body);
  expect([answer.status, answer.body.errors]).toEqual([201, undefined]);
  const read = quoteSchema.parse(answer.body);
  for (const figure of ['subtotal', 'discount', 'tax', 'total'] as const)
    expect(read.lines.reduce((sum, line) => sum + line[figure].amount, 0)).toBe(read[figure].amount);
  expect(read.taxes.reduce((sum, { amount }) => sum + amount.amount, 0)).toBe(read.tax.amount);
  for (const line of read.lines) expect(line.explain.at(-1)!.result).toEqual(line.total);
  return read;
}
const count = async (): Promise<number> =>
  (await scratch.database.pool.query('select count(*)::int as n from quotes')).rows[0].n;

describe('a quote', () => {
  test('is what the catalogue says, with the tax of the place, and can be read until it expires', async () => {
    const made = await quote({ ...to('GB'), ...mugs(2) });
    expect(made).toMatchObject({
      currency: 'GBP',
      subtotal: { amount: 2500 },
      tax: { amount: 417 },
      total: { amount: 2500 },
      taxIncluded: true,
      taxes: [{ name: 'VAT', percent: '20', amount: { amount: 417 } }],
      fxSnapshot: null,
    });
    expect(made.lines[0]!.explain.map(({ step }) => step)).toEqual(['catalogue-price', 'quantity', 'tax']);
    const read = await request(app).get(`/v1/quotes/${made.id}`);
    expect([read.status, read.body, read.headers['cache-control']]).toEqual([200, made, 'private, no-store']);
    await scratch.database.pool.query(`update quotes set expires_at = now() - interval '1 second' where id = $1`, [
      made.id,
    ]);
    const late = await request(app).get(`/v1/quotes/${made.id}`);
    expect([late.status, late.body.code]).toEqual([410, 'quote-expired']);
  });

  test('never changes once it is made', async () => {
    const { id } = await quote({ ...to('GB'), ...mugs() });
    await expect(scratch.database.pool.query('update quotes set total = 1 where id = $1', [id])).rejects.toThrow(
      'append-only',
    );
  });

  test('needs a rate where the catalogue has another currency, and names the one it used', async () => {
    const without = await ask({ ...to('US', 'MN'), ...mugs() });
    expect([without.status, without.body.errors[0].code]).toEqual([422, 'no-rate']);
    const rates = { GBP: '0.8', USD: '1.1', AUD: '1.7', SGD: '1.4', INR: '90', BRL: '6' };
    const snapshot = { base: 'EUR', source: 'Test bank', takenOn: '2026-11-24', rates };
    expect((await admin('/fx-snapshots', snapshot)).status).toBe(201);
    const made = await quote({ ...to('US', 'MN'), ...mugs(3) });
    // 12.50 GBP are 17.1875 USD; three of 17.19 are 51.57; 6.875 % of it is 3.5454375.
    expect(made).toMatchObject({
      subtotal: { amount: 5157, currency: 'USD' },
      tax: { amount: 355 },
      total: { amount: 5512 },
      taxIncluded: false,
      fxSnapshot: { source: 'Test bank', takenOn: '2026-11-24' },
    });
    expect(made.lines[0]!.explain.map(({ step }) => step)).toEqual(['catalogue-price', 'exchange', 'quantity', 'tax']);
  });

  test.each([
    ['US', 'CA', 'USD', ['CA sales tax']],
    ['US', 'OR', 'USD', ['OR sales tax']],
    ['DE', undefined, 'EUR', ['VAT']],
    ['FI', undefined, 'EUR', ['VAT']],
    ['AU', undefined, 'AUD', ['GST']],
    ['SG', undefined, 'SGD', ['GST']],
    ['IN', 'MH', 'INR', ['CGST', 'SGST']],
    ['IN', 'KA', 'INR', ['IGST']],
    ['BR', 'SP', 'BRL', ['ICMS']],
  ])('to %s %s is in %s with %j, and adds up', async (country, state, currency, taxes) => {
    const made = await quote({
      ...to(country, state),
      lines: ['MUG', 'TEA', 'FREE'].map((sku, index) => ({ sku, quantity: 7 * index + 1 })),
    });
    expect([made.currency, made.taxes.map(({ name }) => name)]).toEqual([currency, taxes]);
  });

  test('in Singapore may be in Australian dollars', async () => {
    expect((await quote({ ...to('SG'), ...mugs(), currency: 'AUD' })).total.currency).toBe('AUD');
  });

  test('is made once for an Idempotency-Key', async () => {
    const [key, before] = [randomUUID(), await count()];
    const send = (): Promise<Response> =>
      request(app)
        .post('/v1/quotes')
        .set('Idempotency-Key', key)
        .send({ ...to('GB'), ...mugs() })
        .then();
    const answers = await Promise.all([send(), send(), send()]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(await count()).toBe(before + 1);
  });
});

describe('a price list', () => {
  const trade = { name: 'Trade', currency: 'GBP', customerGroup: 'trade' };

  test('has prices by quantity, for a group before everybody, while it is valid', async () => {
    const prices = [
      { sku: 'TEA', amount: 300 },
      { sku: 'TEA', minQuantity: 10, amount: 250 },
    ];
    const made = await admin('/price-lists', { name: 'Autumn', currency: 'GBP', prices });
    expect(made.status).toBe(201);
    const soon = { validFrom: '2099-01-01T00:00:00Z', prices: [{ sku: 'TEA', amount: 1 }] };
    await admin('/price-lists', { name: 'Later', currency: 'GBP', ...soon });
    const over = { validFrom: '2020-01-01T00:00:00Z', validUntil: '2021-01-01T00:00:00Z', prices: soon.prices };
    await admin('/price-lists', { name: 'Over', currency: 'GBP', ...over });
    await admin('/price-lists', { ...trade, discountPercent: '12.5', prices: [{ sku: 'TEA', amount: 200 }] });
    const unit = async (quantity: number): Promise<number> =>
      (await quote({ ...to('GB'), lines: [{ sku: 'TEA', quantity }] })).lines[0]!.unitPrice.amount;
    expect([await unit(1), await unit(9), await unit(10), await unit(1000)]).toEqual([300, 300, 250, 250]);
    // Two lines of one article reach the quantity together.
    const lines = [4, 6].map((quantity) => ({ sku: 'TEA', quantity }));
    expect((await quote({ ...to('GB'), lines })).lines).toMatchObject([{ quantity: 10, unitPrice: { amount: 250 } }]);

    const group = await admin('/quotes', { ...to('GB'), lines: [{ sku: 'TEA', quantity: 5 }], customerGroup: 'trade' });
    expect(group.body).toMatchObject({
      customerGroup: 'trade',
      subtotal: { amount: 1000 },
      discount: { amount: 125 },
      total: { amount: 875 },
    });
    expect(group.body.lines[0].explain.map(({ step }: { step: string }) => step)).toEqual([
      'price-list',
      'quantity',
      'discount',
      'tax',
    ]);
    const list = await request(app).get('/v1/admin/price-lists?limit=1').set('Authorization', `Bearer ${TOKEN}`);
    expect([list.body.data[0].name, list.body.page.hasMore]).toEqual(['Trade', true]);
    const one = await request(app).get(made.headers.location!).set('Authorization', `Bearer ${TOKEN}`);
    expect(one.body).toEqual(made.body);
  });

  test('of a group is not for whoever says that he belongs to it', async () => {
    const answer = await ask({ ...to('GB'), ...mugs(), customerGroup: 'trade' });
    expect([answer.status, answer.body.errors[0].code]).toEqual([422, 'unknown-field']);
  });

  test.each([
    [{ prices: [{ sku: 'NO SUCH', amount: 1 }] }, '/prices/0/sku'],
    [{ prices: [{ sku: 'TEA', amount: -1 }] }, '/prices/0/amount'],
    [{ prices: [{ sku: 'TEA', amount: 1.5 }] }, '/prices/0/amount'],
    [{ prices: [1, 2].map((amount) => ({ sku: 'TEA', amount })) }, '/prices'],
    [{ discountPercent: '101' }, '/discountPercent'],
    [{ validFrom: '2026-02-01T00:00:00Z', validUntil: '2026-01-01T00:00:00Z' }, '/validUntil'],
    [{ currency: 'pounds' }, '/currency'],
  ])('is not made of %j', async (wrong, pointer) => {
    const answer = await admin('/price-lists', { ...trade, ...wrong });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  });
});

describe('what cannot be quoted is refused, and nothing is stored', () => {
  test.each([
    ['an unknown sku', { ...to('GB'), lines: [{ sku: 'NO SUCH', quantity: 1 }] }, 'validation-failed', '/lines/0/sku'],
    ['a draft', { ...to('GB'), lines: [{ sku: 'DRAFT', quantity: 1 }] }, 'validation-failed', '/lines/0/sku'],
    ['nothing', { ...to('GB'), ...mugs(0) }, 'validation-failed', '/lines/0/quantity'],
    ['fewer than nothing', { ...to('GB'), ...mugs(-1) }, 'validation-failed', '/lines/0/quantity'],
    ['more than can be', { ...to('GB'), ...mugs(1e9) }, 'validation-failed', '/lines/0/quantity'],
    ['a total beyond numbers', { ...to('GB'), lines: [{ sku: 'DEAR', quantity: 1e6 }] }, 'validation-failed', '/lines'],
    ['a place that is not served', { ...to('XX'), ...mugs() }, 'validation-failed', '/destination/country'],
    ['a state that is missing', { ...to('BR'), ...mugs() }, 'validation-failed', '/destination/state'],
    ['a currency of elsewhere', { ...to('DE'), ...mugs(), currency: 'JPY' }, 'currency-not-offered', '/currency'],
  ])('%s', async (_what, body, code, pointer) => {
    const before = await count();
    const answer = await ask(body);
    expect([answer.status, answer.body.code, answer.body.errors[0].pointer]).toEqual([422, code, pointer]);
    expect(await count()).toBe(before);
  });

  test('a quote that is not there', async () => {
    for (const id of ['x', `quo_${'0'.repeat(36)}`])
      expect((await request(app).get(`/v1/quotes/${id}`)).body.code).toBe('not-found');
  });
});

test('the markets are there to be read, with the source of each rate', async () => {
  const { body } = await request(app).get('/v1/markets');
  expect(body.data).toContainEqual(
    expect.objectContaining({ country: 'DE', taxIncluded: true, taxes: [{ name: 'VAT', percent: '19' }] }),
  );
});
