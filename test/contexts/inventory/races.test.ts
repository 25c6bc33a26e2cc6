import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { reserveStock } from '../../../src/contexts/inventory';
import { Problem } from '../../../src/kernel/errors';
import { Random } from '../../support/random';
import { brokenInvariants, insist, openShop, type Shop } from './shop';

let shop: Shop;
let warehouse: string;
/** Whoever comes waits for a connection as long as it takes: a busy machine must not decide these races. */
let pool: pg.Pool;
beforeAll(async () => {
  shop = await openShop();
  pool = new pg.Pool({ connectionString: shop.database.url, max: 16 });
  // At the end the database is dropped, perhaps before the last goodbye has reached the server.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  warehouse = await shop.warehouse();
});
afterAll(async () => {
  await pool.end();
  await shop.close();
});
afterEach(async () => {
  expect(await brokenInvariants(shop.database.pool)).toEqual([]);
});

type Lines = { sku: string; quantity: number }[];
const one = (sku: string, quantity = 1): Lines => [{ sku, quantity }];

/** A reservation in a transaction that is not repeated: a deadlock is a failure here. */
async function attempt(lines: Lines): Promise<'held' | 'out-of-stock'> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await reserveStock(client, { lines, holdSeconds: 600, reference: null });
    await client.query('commit');
    return 'held';
  } catch (error) {
    await client.query('rollback');
    if (error instanceof Problem && error.code === 'out-of-stock') return 'out-of-stock';
    throw error;
  } finally {
    client.release();
  }
}

const countOf = (outcomes: readonly unknown[], wanted: unknown): number =>
  outcomes.filter((outcome) => outcome === wanted).length;

/** Baskets that all want the first sku; every second one also the others, its lines in random order. */
function baskets(random: Random, skus: readonly string[], count: number): Lines[] {
  return Array.from({ length: count }, (_, i) => {
    const wanted = i % 2 === 0 ? skus.slice(0, 1) : [...skus];
    const lines: Lines = [];
    while (wanted.length > 0) lines.push(...one(wanted.splice(random.below(wanted.length), 1)[0]!));
    return lines;
  });
}

describe('C1: a thousand reservations at once for a hundred units', () => {
  test.each([11, 12])(
    'hold exactly a hundred, without a deadlock, three-line baskets among them (seed %i)',
    async (seed) => {
      const skus = await Promise.all([1, 2, 3].map(() => shop.stocked([warehouse, 100])));
      const outcomes = await Promise.all(baskets(new Random(seed), skus, 1000).map(attempt));
      expect([countOf(outcomes, 'held'), countOf(outcomes, 'out-of-stock')]).toEqual([100, 900]);
    },
  );

  test('also four hundred over HTTP, where each gets 201 or 409, or is told to come again', async () => {
    const skus = await Promise.all([1, 2, 3].map(() => shop.stocked([warehouse, 100])));
    const reserve = async (lines: Lines): Promise<string | number> => {
      const key = { 'Idempotency-Key': randomUUID() };
      // A pool that everybody waits for sends some away: with the same key they may come again.
      const { status, body } = await insist(() => shop.admin('POST', '/reservations', { lines }, key));
      return status === 409 ? (body.code as string) : status;
    };
    const answers = await Promise.all(baskets(new Random(13), skus, 400).map(reserve));
    expect([countOf(answers, 201), countOf(answers, 'out-of-stock')]).toEqual([100, 300]);
  });

  test('also when the units lie in three warehouses', async () => {
    const others = await Promise.all([20, 30].map((priority) => shop.warehouse(priority)));
    const sku = await shop.stocked([warehouse, 33], [others[0]!, 33], [others[1]!, 34]);
    const outcomes = await Promise.all(Array.from({ length: 300 }, () => attempt(one(sku))));
    expect(countOf(outcomes, 'held')).toBe(100);
  });
});

describe('complaints about other shops that must not come true here', () => {
  test('the last unit is sold to one of two who want it at the same moment (medusa 16825)', async () => {
    for (let round = 0; round < 6; round++) {
      const sku = await shop.stocked([warehouse, 1]);
      expect((await Promise.all([attempt(one(sku)), attempt(one(sku))])).sort()).toEqual(['held', 'out-of-stock']);
    }
  });

  test('concurrent reservations do not oversubscribe: of five who want 3 of 10 three get them (medusa 16569)', async () => {
    const sku = await shop.stocked([warehouse, 10]);
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => attempt(one(sku, 3))));
    expect(countOf(outcomes, 'held')).toBe(3);
  });

  test('two lines of one article are checked together, not each by itself (medusa 16502)', async () => {
    const sku = await shop.stocked([warehouse, 10]);
    const lines = [...one(sku, 6), ...one(sku, 6)];
    const refused = await shop.admin('POST', '/reservations', { lines });
    expect([refused.status, refused.body.code]).toEqual([409, 'out-of-stock']);
    expect(refused.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/lines/0/quantity',
      '/lines/1/quantity',
    ]);
    const granted = await shop.admin('POST', '/reservations', { lines: [...one(sku, 4), ...one(sku, 6)] });
    expect(granted.body.lines).toEqual([{ sku, warehouseId: warehouse, quantity: 10 }]);
  });

  test('stock is released when what it was held for is given up, once (medusa 13625)', async () => {
    const sku = await shop.stocked([warehouse, 5]);
    const { body } = await shop.admin('POST', '/reservations', { lines: one(sku, 5) });
    const releases = await Promise.all(
      Array.from({ length: 10 }, () => insist(() => shop.admin('POST', `/reservations/${body.id}/release`))),
    );
    expect(releases.map(({ status, body: after }) => [status, after.state])).toEqual(
      Array.from({ length: 10 }, () => [200, 'released']),
    );
    expect((await shop.ask('GET', `/v1/stock/${encodeURIComponent(sku)}`)).body).toMatchObject({ available: 5 });
  });

  test('a sale and a release of one reservation at the same moment: one of them, not both', async () => {
    for (let round = 0; round < 4; round++) {
      const sku = await shop.stocked([warehouse, 1]);
      const { body } = await shop.admin('POST', '/reservations', { lines: one(sku) });
      const [sale] = await Promise.all(
        ['commitment', 'release'].map((action) =>
          insist(() => shop.admin('POST', `/reservations/${body.id}/${action}`)),
        ),
      );
      // Whoever comes first: the release of a sale puts the unit on the shelf again.
      expect([200, 409]).toContain(sale!.status);
      expect((await shop.ask('GET', `/v1/stock/${encodeURIComponent(sku)}`)).body.available).toBe(1);
    }
  });
});
