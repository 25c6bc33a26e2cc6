import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { reserveStock } from '../../../src/contexts/inventory';
import { Problem } from '../../../src/kernel/errors';
import { newId } from '../../../src/kernel/ids';
import { RESERVE_STATEMENT } from '../../../src/contexts/inventory/store/reserve';
import { Random } from '../../support/random';
import { until } from '../../platform/outbox/support';
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

/** Runs a version of the statement on a connection of its own. */
async function begin(statement: string, lines: Lines): Promise<{ client: pg.PoolClient; ok: Promise<boolean> }> {
  const client = await shop.database.pool.connect();
  await client.query('begin');
  const values = [lines.map(({ sku }) => sku), lines.map(({ quantity }) => quantity), newId('rsv'), 600, null];
  const ok = client.query(statement, values).then(({ rows }) => rows[0].ok as boolean);
  ok.catch(() => undefined); // looked at later
  return { client, ok };
}

async function end({ client }: { client: pg.PoolClient }, how: 'commit' | 'rollback'): Promise<void> {
  await client.query(how);
  client.release();
}

const waiting = async (count: number): Promise<boolean> => {
  const { rows } = await shop.database.pool.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`,
  );
  return rows[0].n >= count;
};

describe('C13: a guard that is taken out is missed', () => {
  /** Two want the last unit; the second begins before the first commits. Resolves to what the second was told. */
  async function secondOfTwo(statement: string, sku: string): Promise<{ ok: boolean; broken: string[] }> {
    const first = await begin(statement, one(sku));
    expect(await first.ok).toBe(true);
    const second = await begin(statement, one(sku));
    await until('the second waits for the first', () => waiting(1)).finally(() => end(first, 'commit'));
    const told = await Promise.allSettled([second.ok]);
    const found = await brokenInvariants(second.client).finally(() => end(second, 'rollback'));
    const ok = told[0].status === 'fulfilled' && told[0].value;
    const broken = found.filter((one) => !one.includes('event'));
    // The direct statement writes no events: what the first did is taken back, by hand.
    await shop.database.pool.query(`update reservations set state = 'released' where state = 'held' and id in
      (select reservation_id from reservation_lines where sku = '${sku}')`);
    await shop.database.pool.query(`update stock_levels set reserved = 0 where sku = '${sku}'`);
    await shop.database.pool.query(`update stock_items set reserved = 0, version = 1 where sku = '${sku}'`);
    return { ok, broken };
  }

  test('the statement as it is refuses the second of two who want the last unit', async () => {
    expect(await secondOfTwo(RESERVE_STATEMENT, await shop.stocked([warehouse, 1]))).toEqual({ ok: false, broken: [] });
  });

  test('one that reads the stock and then writes it oversells the last unit, and the invariants tell', async () => {
    const mutant = RESERVE_STATEMENT.replace('for update of i', '')
      .replace('for update of l', '')
      .replace('set reserved = l.reserved + taken', 'set reserved = taken.seen + taken')
      .replace('set reserved = i.reserved + want.quantity', 'set reserved = want.quantity');
    expect(mutant.length).toBeLessThan(RESERVE_STATEMENT.length);
    const sku = await shop.stocked([warehouse, 1]);
    const { ok, broken } = await secondOfTwo(mutant, sku);
    expect(ok).toBe(true);
    expect(broken).toContain(`reserved is not what is held: ${sku}`);
  });

  /** Two baskets that name the same two articles in different orders, while somebody else has the first. */
  async function crosswise(statement: string): Promise<string[]> {
    const [a, b] = [await shop.stocked([warehouse, 10]), await shop.stocked([warehouse, 10])];
    const blocker = await shop.database.pool.connect();
    await blocker.query('begin');
    await blocker.query('select from stock_items where sku = $1 for update', [a]);
    const left = await begin(statement, [...one(a), ...one(b)]);
    await until('the left one waits', () => waiting(1));
    const right = await begin(statement, [...one(b), ...one(a)]);
    await until('the right one waits', () => waiting(2));
    await blocker.query('rollback');
    blocker.release();
    const outcomes = [left, right].map(async (basket) => {
      const outcome = await basket.ok.then(
        () => 'held',
        (error: { code: string }) => error.code,
      );
      await end(basket, 'rollback');
      return outcome;
    });
    return Promise.all(outcomes);
  }

  test('the statement as it is lets two crosswise baskets pass one after the other', async () => {
    expect(await crosswise(RESERVE_STATEMENT)).toEqual(['held', 'held']);
  });

  test('one that locks in the order of the basket ends in a deadlock', async () => {
    const mutant = RESERVE_STATEMENT.replace(
      'order by i.sku for update of i',
      'order by array_position($1::text[], i.sku) for update of i',
    );
    expect(mutant).not.toBe(RESERVE_STATEMENT);
    expect((await crosswise(mutant)).sort()).toEqual(['40P01', 'held']);
  });
});
