import { randomUUID } from 'node:crypto';
import { eventually, startTestApp, type TestApp } from '../support/app';
import { brokenInvariants } from '../contexts/inventory/shop';

// How soon is for the bench to say; here we wait patiently.
const PATIENCE = 60_000;

describe('stock in the demo shop', () => {
  let shop: TestApp;
  beforeAll(async () => {
    shop = await startTestApp({ EASY11_DEMO_PRODUCTS: '300' });
  });
  afterAll(() => shop.close());

  const post = async (where: string, body: unknown): Promise<Record<string, unknown>> => {
    const answer = await fetch(shop.url + where, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${shop.adminToken}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBeLessThan(300);
    return (await answer.json()) as Record<string, unknown>;
  };
  type Product = { id: string; sku: string; name: string };
  const suggested = async ({ id, name }: Product, inStock: boolean): Promise<boolean> => {
    const { body } = await shop.get(`/v1/suggestions?inStock=${inStock}&limit=10&q=${encodeURIComponent(name)}`);
    return (body as { data: { id: string }[] }).data.some((hit) => hit.id === id);
  };

  test('is there from the start for every product that says so', async () => {
    const { pool } = shop.database.database;
    const { rows } = await pool.query(
      `select count(*)::int as n from products left join stock_items using (sku)
       where in_stock <> (coalesce(on_hand - reserved, 0) > 0)`,
    );
    expect(rows).toEqual([{ n: 0 }]);
    expect(await brokenInvariants(pool)).toEqual([]);
  });

  test('that is all held takes its product out of what can be had, and brings it back when it is given up', async () => {
    const { body } = await shop.get('/v1/products?inStock=true&limit=1');
    const [product] = (body as { data: Product[] }).data;
    const stock = await shop.get(`/v1/stock/${encodeURIComponent(product!.sku)}`);
    const quantity = (stock.body as { available: number }).available;
    await eventually(PATIENCE, () => suggested(product!, true));
    const { id } = await post('/v1/admin/reservations', { lines: [{ sku: product!.sku, quantity }] });
    await eventually(PATIENCE, () => suggested(product!, false));
    expect(await suggested(product!, true)).toBe(false);
    expect((await shop.get(`/v1/products/${product!.id}`)).body).toMatchObject({ inStock: false });
    await post(`/v1/admin/reservations/${String(id)}/release`, {});
    await eventually(PATIENCE, () => suggested(product!, true));
    expect(shop.app.search.status()).toMatchObject({ refused: 0, errors: 0 });
  });

  test('is watched: the sweeper of expired holds reports itself', async () => {
    const metrics = async (): Promise<string> => (await fetch(`${shop.url}/metrics`)).text();
    await eventually(PATIENCE, async () => /easy11_inventory_expiry_last_success_seconds \d/.test(await metrics()));
    expect(await metrics()).toMatch(/easy11_inventory_expiry_errors_count 0/);
  });
});
