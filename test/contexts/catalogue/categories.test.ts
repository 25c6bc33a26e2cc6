import { setTimeout as sleep } from 'node:timers/promises';
import request from 'supertest';
import { changeCategory } from '../../../src/contexts/catalogue/categories';
import { lockShelves } from '../../../src/contexts/catalogue/store/shelves';
import { openShop, type Shop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop.close());

async function category(slug: string, parentId: string | null = null): Promise<{ id: string; path: string }> {
  const answer = await shop.admin('post', '/categories').send({ slug, name: slug.toUpperCase(), parentId });
  expect(answer.status).toBe(201);
  return answer.body;
}

describe('categories', () => {
  test('form a tree of unique paths with counts of what is below', async () => {
    const top = await category('kitchen');
    const mugs = await category('mugs', top.id);
    await shop.product({ categoryId: mugs.id });
    await shop.product({ categoryId: top.id });
    const { body } = await request(shop.app).get('/v1/categories');
    expect(
      body.data.map(({ path, productCount }: { path: string; productCount: number }) => [path, productCount]),
    ).toEqual([
      ['kitchen', 2],
      ['kitchen/mugs', 1],
    ]);
    const again = await shop.admin('post', '/categories').send({ slug: 'mugs', name: 'Again', parentId: top.id });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
  });

  test('take their products along when they are renamed and moved, each with a new version and an event', async () => {
    const [house, deep] = [await category('house'), await category('garden')];
    const shelf = await category('shelf', house.id);
    const box = await category('box', shelf.id);
    const product = await shop.product({ categoryId: box.id });
    const answer = await shop
      .admin('patch', `/categories/${shelf.id}`)
      .set('If-Match', '"1"')
      .send({ slug: 'rack', parentId: deep.id });
    expect([answer.status, answer.body.path, answer.body.version]).toEqual([200, 'garden/rack', 2]);
    const read = await request(shop.app).get(`/v1/products/${product.id}`);
    expect(read.body).toMatchObject({ version: 2, category: { path: 'garden/rack/box' } });
    expect(read.body.category.ancestors.map(({ path }: { path: string }) => path)).toEqual(['garden', 'garden/rack']);
    const last = (await shop.events()).at(-1);
    expect(last).toMatchObject({ aggregate: `product:${product.id}`, version: 2, type: 'easy11.product.updated.v1' });
    expect(last!.data.category).toEqual({
      id: box.id,
      path: 'garden/rack/box',
      name: 'BOX',
      ancestorIds: [deep.id, shelf.id],
    });
  });

  test('cannot stand below themselves or where another stands, and cannot go while they hold something', async () => {
    const top = await category('top');
    const below = await category('below', top.id);
    const move = await shop.admin('patch', `/categories/${top.id}`).set('If-Match', '*').send({ parentId: below.id });
    expect([move.status, move.body.errors[0].code]).toEqual([422, 'wrong-parent']);
    await category('taken');
    const rename = await shop.admin('patch', `/categories/${top.id}`).set('If-Match', '*').send({ slug: 'taken' });
    expect(rename.status).toBe(409);
    expect((await shop.admin('delete', `/categories/${top.id}`).set('If-Match', '*')).status).toBe(409);
    expect((await shop.admin('delete', `/categories/${below.id}`).set('If-Match', '"1"')).status).toBe(204);
    expect((await shop.admin('delete', `/categories/${top.id}`).set('If-Match', '"1"')).status).toBe(204);
  });

  test('cannot be renamed while an event that carries their name is not committed', async () => {
    const busy = await category('busy');
    const product = await shop.product({ categoryId: busy.id });
    let renamed: Promise<unknown> = Promise.resolve();
    let isRenamed = false;
    await shop.database.transaction(async (client) => {
      const shelves = await lockShelves(client, [{ categoryId: busy.id, brandId: null }]);
      renamed = changeCategory(shop.database, busy.id, 1, { name: 'Renamed' }).then(() => {
        isRenamed = true;
      });
      await sleep(300);
      expect([isRenamed, shelves.category(busy.id)?.name]).toEqual([false, 'BUSY']);
    });
    await renamed;
    const last = (await shop.events()).at(-1)!;
    expect(last).toMatchObject({
      aggregate: `product:${product.id}`,
      version: 2,
      data: { category: { name: 'Renamed' } },
    });
  });
});

describe('brands', () => {
  test('are unique, and a new name reaches every product with a new version', async () => {
    const made = await shop.admin('post', '/brands').send({ name: 'Harrow' });
    expect(made.status).toBe(201);
    expect((await shop.admin('post', '/brands').send({ name: 'Harrow' })).status).toBe(409);
    const product = await shop.product({ brandId: made.body.id });
    const renamed = await shop.admin('patch', `/brands/${made.body.id}`).set('If-Match', '"1"').send({ name: 'Finch' });
    expect(renamed.body).toMatchObject({ name: 'Finch', version: 2 });
    expect((await request(shop.app).get(`/v1/products/${product.id}`)).body).toMatchObject({
      version: 2,
      brand: { name: 'Finch' },
    });
    expect((await shop.events()).at(-1)!.data.brand).toBe('Finch');
    const list = await request(shop.app).get('/v1/brands');
    expect(list.body.data).toEqual([{ id: made.body.id, name: 'Finch', version: 2, productCount: 1 }]);
    expect((await shop.admin('delete', `/brands/${made.body.id}`).set('If-Match', '*')).status).toBe(409);
  });
});
