import request from 'supertest';
import { searchableProductSchema, streamSearchableProducts } from '../../../src/contexts/catalogue';
import { openShop, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

describe('a product', () => {
  test('is created with its event, and can be read by its address with a version as ETag', async () => {
    const answer = await shop
      .admin('post', '/products')
      .send({ sku: 'MUG-1', name: 'Red Mug', price: { amount: 295, currency: 'GBP' }, status: 'active' });
    expect(answer.status).toBe(201);
    expect(answer.headers).toMatchObject({ etag: '"1"', location: `/v1/products/${answer.body.id}` });
    const read = await request(shop.app).get(answer.headers.location!);
    expect({ ...read.body, cost: null }).toEqual(answer.body);
    expect(read.body).toMatchObject({
      sku: 'MUG-1',
      description: '',
      brand: null,
      category: null,
      price: { amount: 295, currency: 'GBP' },
      image: `/media/products/${answer.body.id}.svg`,
      inStock: true,
      popularity: 0,
      version: 1,
    });
    expect(read.headers['cache-control']).toBe('public, max-age=60, stale-while-revalidate=240');
    const [event] = (await shop.events()).filter(({ aggregate }) => aggregate === `product:${answer.body.id}`);
    expect(event).toMatchObject({ type: 'easy11.product.created.v1', version: 1 });
    expect(searchableProductSchema.parse(event!.data)).toMatchObject({ name: 'Red Mug', price: { amount: 295 } });
  });

  test('is not sent again to a client that has its version', async () => {
    const { id } = await shop.product();
    const again = await request(shop.app).get(`/v1/products/${id}`).set('If-None-Match', '"1"');
    expect([again.status, again.text, again.headers.etag]).toEqual([304, '', '"1"']);
    const other = await request(shop.app).get(`/v1/products/${id}`).set('If-None-Match', '"2"');
    expect(other.status).toBe(200);
  });

  test('is changed only by those who know its present version', async () => {
    const { id } = await shop.product({ name: 'Old name' });
    const without = await shop.admin('patch', `/products/${id}`).send({ name: 'New name' });
    expect([without.status, without.body.code]).toEqual([428, 'precondition-required']);
    const first = await shop.admin('patch', `/products/${id}`).set('If-Match', '"1"').send({ name: 'New name' });
    expect([first.status, first.body.name, first.body.version, first.headers.etag]).toEqual([
      200,
      'New name',
      2,
      '"2"',
    ]);
    const late = await shop.admin('patch', `/products/${id}`).set('If-Match', '"1"').send({ name: 'Other name' });
    expect([late.status, late.body.code]).toEqual([412, 'precondition-failed']);
    const events = (await shop.events()).filter(({ aggregate }) => aggregate === `product:${id}`);
    expect(events.map(({ type, version }) => [type, version])).toEqual([
      ['easy11.product.created.v1', 1],
      ['easy11.product.updated.v1', 2],
    ]);
  });

  test('keeps its version and sends no event when a change says what already is so', async () => {
    const { id } = await shop.product({ name: 'Same' });
    const before = (await shop.events()).length;
    const answer = await shop
      .admin('patch', `/products/${id}`)
      .set('If-Match', '*')
      .send({ name: 'Same', inStock: true });
    expect([answer.status, answer.body.version]).toEqual([200, 1]);
    expect((await shop.events()).length).toBe(before);
  });

  test('goes with an event, and cannot go twice', async () => {
    const { id, sku } = await shop.product();
    expect((await shop.admin('delete', `/products/${id}`).set('If-Match', '"1"')).status).toBe(204);
    expect((await request(shop.app).get(`/v1/products/${id}`)).status).toBe(404);
    const last = (await shop.events()).at(-1);
    expect(last).toMatchObject({ type: 'easy11.product.deleted.v1', version: 2, data: { id, sku, version: 2 } });
    expect((await shop.admin('delete', `/products/${id}`).set('If-Match', '"1"')).status).toBe(404);
  });

  test('cannot have the sku of another, neither new nor changed, and the refusal leaves no event', async () => {
    const [one, two] = [await shop.product({ sku: 'TAKEN' }), await shop.product()];
    const before = (await shop.events()).length;
    const body = { sku: 'TAKEN', name: 'Second', price: { amount: 1, currency: 'GBP' } };
    const created = await shop.admin('post', '/products').send(body);
    const changed = await shop.admin('patch', `/products/${two.id}`).set('If-Match', '"1"').send({ sku: one.sku });
    expect([created.body.code, changed.body.code]).toEqual(['duplicate-sku', 'duplicate-sku']);
    expect((await shop.events()).length).toBe(before);
  });

  test('is visible to the public only while it is active', async () => {
    const { id } = await shop.product({ status: 'draft', sku: 'DRAFT' });
    expect((await request(shop.app).get(`/v1/products/${id}`)).status).toBe(404);
    expect((await shop.admin('get', `/products/${id}`)).body.status).toBe('draft');
    const listed = await request(shop.app).get('/v1/products?limit=100');
    expect(listed.body.data.map((product: { id: string }) => product.id)).not.toContain(id);
    const asked = await request(shop.app).get('/v1/products?status=draft');
    expect([asked.status, asked.body.code]).toEqual([422, 'validation-failed']);
    const drafts = await shop.admin('get', '/products?status=draft');
    expect(drafts.body.data.map((product: { sku: string }) => product.sku)).toEqual(['DRAFT']);
  });

  test.each([
    ['an unknown field', { colour: 'red' }, '/colour'],
    ['a price that is no whole number', { price: { amount: 2.95, currency: 'GBP' } }, '/price/amount'],
    ['a price in another currency', { price: { amount: 295, currency: 'USD' } }, '/price/currency'],
    ['a negative price', { price: { amount: -1, currency: 'GBP' } }, '/price/amount'],
    ['a name with a control character', { name: 'Red\u0000Mug' }, '/name'],
    ['a name with half a surrogate pair', { name: 'Red \ud83d Mug' }, '/name'],
    ['an empty name', { name: '   ' }, '/name'],
    ['a category that is not there', { categoryId: 'cat_00000000-0000-7000-8000-000000000000' }, '/categoryId'],
    ['an image that would run a script', { image: 'javascript:alert(1)' }, '/image'],
  ])('is refused with %s', async (_, wrong, pointer) => {
    const body = { sku: 'WRONG', name: 'Wrong', price: { amount: 1, currency: 'GBP' }, ...wrong };
    const answer = await shop.admin('post', '/products').send(body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });

  test('is nobody’s to change without the admin token', async () => {
    const { id } = await shop.product();
    for (const call of [
      request(shop.app).post('/v1/admin/products').send({}),
      request(shop.app).patch(`/v1/admin/products/${id}`).send({ name: 'Mine' }),
      request(shop.app).delete(`/v1/admin/products/${id}`).set('Authorization', 'Bearer wrong'),
      request(shop.app).post('/v1/admin/products/import').set('Content-Type', 'text/csv').send('sku\n'),
    ]) {
      expect((await call).status).toBe(401);
    }
  });

  test('changed by twenty at once has one winner per version', async () => {
    const { id } = await shop.product();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        shop
          .admin('patch', `/products/${id}`)
          .set('If-Match', '"1"')
          .send({ name: `Name ${n}` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(19).fill(412)]);
    const events = (await shop.events()).filter(({ aggregate }) => aggregate === `product:${id}`);
    expect(events.map(({ version }) => version)).toEqual([1, 2]);
  });
});

test('the stream for an index gives every product once, whatever its status and the size of the chunks', async () => {
  const streamed: string[] = [];
  for await (const product of streamSearchableProducts(shop.database, 3)) {
    streamed.push(searchableProductSchema.parse(product).id);
  }
  const { rows } = await shop.database.pool.query<{ id: string }>('select id from products');
  expect(streamed.sort()).toEqual(rows.map(({ id }) => id).sort());
});
