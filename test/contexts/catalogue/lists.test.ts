import request from 'supertest';
import { importProducts, seedDemoShop } from '../../../src/contexts/catalogue';
import { Readable } from 'node:stream';
import { openShop, type Shop } from './shop';

interface Listed {
  id: string;
  name: string;
  price: { amount: number };
  popularity: number;
  createdAt: string;
  inStock: boolean;
  brand: { id: string; name: string } | null;
  category: { path: string } | null;
}

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
  await seedDemoShop(shop.database, { products: 400, currency: 'GBP' });
  // Equal keys of every kind, so that only the id can keep the pages apart.
  const lines = Array.from({ length: 30 }, (_, n) => `TIE-${n},Équal,1.00,7,ties`);
  const input = Readable.from([Buffer.from(['sku,name,price,popularity,category', ...lines].join('\n'))]);
  await importProducts(shop, { format: 'csv', input });
});
afterAll(() => shop.close());

async function walk(query: string): Promise<Listed[]> {
  const all: Listed[] = [];
  let path: string | undefined = `/v1/products?${query}`;
  while (path) {
    const answer = await request(shop.app).get(path);
    expect(answer.status).toBe(200);
    all.push(...answer.body.data);
    const link: string | undefined = answer.headers.link;
    expect(answer.body.page.hasMore).toBe(link !== undefined);
    path = link && /^<(.*)>; rel="next"$/.exec(link)?.[1];
  }
  return all;
}

const count = async (condition: string): Promise<number> =>
  Number(
    (await shop.database.pool.query(`select count(*) from products where status = 'active' and ${condition}`)).rows[0]
      .count,
  );

describe('the list of products', () => {
  test.each(['name', '-name', 'price', '-price', 'popularity', '-popularity', 'createdAt', '-createdAt'])(
    'by %s gives every product once, in order, page by page',
    async (sort) => {
      const all = await walk(`limit=37&sort=${sort}`);
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      expect(all.length).toBe(await count('true'));
      const column = { name: 'sort_name', price: 'price_amount', popularity: 'popularity', createdAt: 'created_at' }[
        sort.replace('-', '')
      ];
      const direction = sort.startsWith('-') ? 'desc' : 'asc';
      const { rows } = await shop.database.pool.query<{ id: string }>(
        `select id from products where status = 'active' order by ${column} ${direction}, id ${direction}`,
      );
      expect(all.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    },
  );

  test('by name stands accented letters beside plain ones', async () => {
    const names = (await walk('limit=100&sort=name')).map(({ name }) => name);
    const before = names[names.indexOf('Équal') - 1]!;
    expect(before.slice(0, 1).toUpperCase() <= 'E').toBe(true);
  });

  test('can be narrowed to a category with all below it, by path or id', async () => {
    const tree = (await request(shop.app).get('/v1/categories')).body.data;
    const kitchen = tree.find(({ path }: { path: string }) => path === 'kitchen');
    const [byPath, byId] = [await walk('category=kitchen&limit=50'), await walk(`category=${kitchen.id}&limit=50`)];
    expect(byPath.length).toBe(kitchen.productCount);
    expect(byPath.length).toBeGreaterThan(10);
    expect(byPath.every(({ category }) => category?.path.startsWith('kitchen/'))).toBe(true);
    expect(byId).toEqual(byPath);
    expect(await walk('category=no/such')).toEqual([]);
  });

  test('can be narrowed to a brand, by name or id, to prices and to what is in stock', async () => {
    const brand = (await request(shop.app).get('/v1/brands')).body.data.find(
      (one: { name: string }) => one.name === 'Harrow & Finch',
    );
    const byName = await walk('brand=Harrow%20%26%20Finch');
    expect(byName.length).toBe(brand.productCount);
    expect(await walk(`brand=${brand.id}`)).toEqual(byName);
    const cheap = await walk('price.gte=200&price.lte=300&inStock=true&sort=price');
    expect(cheap.length).toBe(await count('price_amount between 200 and 300 and in_stock'));
    expect(cheap.every(({ price, inStock }) => price.amount >= 200 && price.amount <= 300 && inStock)).toBe(true);
    expect((await walk('inStock=false')).length).toBe(await count('not in_stock'));
  });

  test.each([
    ['a limit of nothing', 'limit=0', '/limit'],
    ['a limit above a hundred', 'limit=101', '/limit'],
    ['an unknown sort', 'sort=size', '/sort'],
    ['an unknown parameter', 'colour=red', '/colour'],
    ['a cursor that is none', 'after=nonsense', '/after'],
    ['a parameter that comes twice', 'limit=1&limit=2', '/limit'],
    ['a price that is no number', 'price.gte=cheap', '/price.gte'],
    ['prices the wrong way round', 'price.gte=300&price.lte=200', '/price.gte'],
  ])('refuses %s', async (_, query, pointer) => {
    const answer = await request(shop.app).get(`/v1/products?${query}`);
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, pointer]);
  });

  test('refuses the cursor of another order', async () => {
    const { body } = await request(shop.app).get('/v1/products?limit=1&sort=name');
    const answer = await request(shop.app).get(`/v1/products?limit=1&sort=price&after=${body.page.next}`);
    expect(answer.status).toBe(422);
  });
});
