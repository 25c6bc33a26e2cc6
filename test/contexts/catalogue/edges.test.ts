import request from 'supertest';
import { encodeCursor } from '../../../src/kernel/pages';
import { openShop, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe('text that PostgreSQL cannot store', () => {
  test.each(['category', 'brand', 'after', 'sort', 'price.gte', 'inStock'])(
    'is refused as the parameter %s',
    async (name) => {
      const answer = await request(shop.app).get(`/v1/products?${name}=%00`);
      expect([answer.status, answer.body.code]).toEqual([422, 'validation-failed']);
    },
  );

  test('is refused inside a cursor, and is no id of ours', async () => {
    const after = encodeCursor(['name', 'a\u0000', 'prd_1']);
    expect((await request(shop.app).get(`/v1/products?sort=name&after=${after}`)).status).toBe(422);
    for (const sort of ['price', '-popularity']) {
      const position = encodeCursor([sort, 1, 'prd_\u0000']);
      expect((await request(shop.app).get(`/v1/products?sort=${sort}&after=${position}`)).status).toBe(422);
    }
    expect((await request(shop.app).get('/v1/products/%00')).status).toBe(404);
    expect((await shop.admin('get', '/products/prd_%00')).status).toBe(404);
    expect((await request(shop.app).get('/media/products/%00.svg')).status).toBe(404);
  });

  test.each([
    ['image', { image: '/a\u0000b' }, 'must be an https address or a path'],
    ['name', { name: 'a\u0000' }, 'must not contain control characters'],
    ['name', { name: 'a\ud83d' }, 'must not contain half a character (a lone surrogate)'],
  ])('is refused as the %s of a product, for what it is', async (field, wrong, detail) => {
    const body = { sku: 'N1', name: 'Mug', price: { amount: 1, currency: 'GBP' }, ...wrong };
    const answer = await shop.admin('post', '/products').send(body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ pointer: `/${field}`, detail }]);
  });
});

describe('a known address asked with another method', () => {
  test.each([
    ['post', '/v1/products', 'GET, HEAD'],
    ['delete', '/v1/products/prd_1', 'GET, HEAD'],
    ['put', '/v1/categories', 'GET, HEAD'],
    ['patch', '/v1/brands', 'GET, HEAD'],
    ['post', '/media/products/x.svg', 'GET, HEAD'],
  ] as const)('%s %s is 405 and Allow says %s', async (method, path, allow) => {
    const answer = await request(shop.app)[method](path);
    expect([answer.status, answer.body.code, answer.headers.allow]).toEqual([405, 'method-not-allowed', allow]);
  });

  test.each([
    ['get', '/products/import', 'POST'],
    ['delete', '/products/import', 'POST'],
    ['delete', '/products', 'GET, HEAD, POST'],
    ['post', '/products/prd_1', 'GET, HEAD, PATCH, DELETE'],
    ['get', '/categories', 'POST'],
    ['get', '/categories/cat_1', 'PATCH, DELETE'],
    ['get', '/brands', 'POST'],
    ['post', '/brands/brd_1', 'PATCH, DELETE'],
  ] as const)('in the back office %s %s is 405 and Allow says %s', async (method, path, allow) => {
    const answer = await shop.admin(method, path);
    expect([answer.status, answer.body.code, answer.headers.allow]).toEqual([405, 'method-not-allowed', allow]);
  });

  test('does not tell a stranger what the back office has, and an unknown address stays unknown', async () => {
    expect((await request(shop.app).put('/v1/admin/products')).status).toBe(401);
    expect((await shop.admin('get', '/nothing')).status).toBe(404);
    expect((await request(shop.app).get('/v1/nothing')).status).toBe(404);
  });
});

describe('what is wrong with a request', () => {
  test.each([
    ['sort=sideways', '/sort must be one of name, -name, price'],
    ['inStock=maybe', '/inStock must be one of true, false'],
    ['foo=1', 'is not acceptable: /foo is not a field of this request'],
    ['category=', '/category must not be empty'],
    [`category=${'x'.repeat(300)}`, '/category must have at most 240 characters'],
    ['status=draft', '/status must be active'],
    ['limit=5&limit=6', '/limit must be text, and given once'],
  ])('is told plainly: %s', async (query, words) => {
    const answer = await request(shop.app).get(`/v1/products?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain(words);
  });

  test.each([
    [{ price: { amount: -1, currency: 'GBP' } }, '/price/amount must be at least 0'],
    [{ price: { amount: 1.5, currency: 'GBP' } }, '/price/amount must be a whole number'],
    [{ price: { amount: 'a', currency: 'GBP' } }, '/price/amount must be a number'],
    [{ popularity: -1 }, '/popularity must be at least 0'],
    [{ status: 'sold' }, '/status must be one of draft, active, archived'],
    [{ inStock: 1 }, '/inStock must be true or false'],
    [{ name: undefined }, '/name is missing'],
    [{ price: 5 }, '/price must be an object'],
  ])('is told plainly of the product %j', async (wrong, words) => {
    const body = { sku: 'W1', name: 'Mug', price: { amount: 1, currency: 'GBP' }, ...wrong };
    const answer = await shop.admin('post', '/products').send(body);
    expect(answer.status).toBe(422);
    expect(answer.body.detail).toContain(words);
  });
});
