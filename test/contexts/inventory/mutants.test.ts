import pg from 'pg';
import { holdBaskets, holdStock } from '../../../src/contexts/inventory';
import { adjustStock } from '../../../src/contexts/inventory/stock';
import { Problem } from '../../../src/kernel/errors';
import { newId } from '../../../src/kernel/ids';
import { drill, mutateStatement } from '../../support/mutants';
import { until } from '../../platform/outbox/support';
import { brokenInvariants, openShop, type Shop } from './shop';

/** C13 for stock: a guard that is taken out of a statement is missed. */

type Outcome = 'held' | 'out-of-stock' | (string & {});
/** Wants one of each sku, in this order, in a transaction of its own. Throws what the database throws. */
type Take = (client: pg.PoolClient, skus: readonly string[], warehouseId: string) => Promise<void>;

const lines = (skus: readonly string[]): { sku: string; quantity: number }[] =>
  skus.map((sku) => ({ sku, quantity: 1 }));

const alone: Take = (client, skus) =>
  holdStock(client, newId('rsv'), { lines: lines(skus), holdSeconds: 600, reference: null });
/** Each sku is wanted by another of those who come together. */
const together: Take = async (client, skus) => {
  const baskets = skus.map((sku) => ({ id: newId('rsv'), lines: lines([sku]), holdSeconds: 600, reference: null }));
  const refused = (await holdBaskets(client, baskets)).find((end) => end !== 'held');
  if (refused !== undefined) throw refused instanceof Problem ? refused : new Error(refused);
};
const counted: Take = async (client, skus, warehouseId) => {
  await adjustStock(client, { warehouseId, kind: 'receipt', note: '', lines: lines(skus) }, 'test');
};

/** A shop of its own: what a mutant has broken is nobody's but the test's. */
async function inShop(work: (shop: Shop, warehouse: string) => Promise<void>): Promise<void> {
  const shop = await openShop();
  try {
    await work(shop, await shop.warehouse());
  } finally {
    await shop.close();
  }
}

/** What becomes of one who takes, in a transaction that is not repeated: a deadlock is a failure here. `end` commits it. */
async function begin({ database }: Shop, take: (client: pg.PoolClient) => Promise<void>) {
  const client = await database.pool.connect();
  await client.query('begin');
  let settled = false;
  const outcome: Promise<Outcome> = take(client)
    .then(
      () => 'held',
      (error: { code?: string }) => error.code ?? String(error),
    )
    .finally(() => (settled = true));
  const end = async (): Promise<Outcome> => {
    const ended = await outcome;
    await client.query(ended === 'held' ? 'commit' : 'rollback');
    client.release();
    return ended;
  };
  return { outcome, end, settled: () => settled };
}

const waiting = async ({ database }: Shop, count: number): Promise<boolean> => {
  const { rows } = await database.pool.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock' and state = 'active'`,
  );
  return rows[0].n >= count;
};

/** Two want the last unit; the second begins before the first commits. */
const sellsTheLastUnitOnce = (take: Take) => (): Promise<void> =>
  inShop(async (shop, warehouse) => {
    const sku = await shop.stocked([warehouse, 1]);
    const first = await begin(shop, (client) => take(client, [sku], warehouse));
    await first.outcome;
    const second = await begin(shop, (client) => take(client, [sku], warehouse));
    await until('the second waits for the first', async () => second.settled() || (await waiting(shop, 1)));
    const outcomes = [await first.end(), await second.end()];
    const broken = await brokenInvariants(shop.database.pool);
    expect({ outcomes, broken }).toEqual({ outcomes: ['held', 'out-of-stock'], broken: [] });
  });

/** Two want the same two articles in different orders, while somebody else has the first. */
const letsCrosswisePass = (take: Take) => (): Promise<void> =>
  inShop(async (shop, warehouse) => {
    const [a, b] = [await shop.stocked([warehouse, 10]), await shop.stocked([warehouse, 10])];
    const blocker = await shop.database.pool.connect();
    await blocker.query('begin');
    await blocker.query('select from stock_items where sku = $1 for update', [a]);
    const left = await begin(shop, (client) => take(client, [a, b], warehouse));
    await until('the left one waits', () => waiting(shop, 1));
    const right = await begin(shop, (client) => take(client, [b, a], warehouse));
    await until('the right one waits', () => waiting(shop, 2));
    await blocker.query('rollback');
    blocker.release();
    expect(await Promise.all([left.end(), right.end()])).toEqual(['held', 'held']);
    expect(await brokenInvariants(shop.database.pool)).toEqual([]);
  });

const UNLOCKED = [
  ['for update of i', ''],
  ['for update of l', ''],
] as const;

describe('C13: the last unit', () => {
  drill({
    holds: 'is held for one of two baskets that want it at the same moment',
    test: sellsTheLastUnitOnce(alone),
    mutants: {
      'the stock is read, and then what was made of it is written': {
        make: () =>
          mutateStatement(
            'inventory-reserve',
            ...UNLOCKED,
            ['set reserved = l.reserved + taken', 'set reserved = taken.seen + taken'],
            ['set reserved = i.reserved + want.quantity', 'set reserved = want.quantity'],
          ),
        failsWith: /reserved is not what is held/,
      },
      'the stock is read without its lock, and then added to': {
        make: () => mutateStatement('inventory-reserve', ...UNLOCKED),
        failsWith: /23514/, // the database's own check is the last line, and no answer for a customer
      },
    },
  });

  drill({
    holds: 'is held for one of two groups of checkouts that want it at the same moment',
    test: sellsTheLastUnitOnce(together),
    mutants: {
      'the stock is read, and then what was made of it is written': {
        make: () =>
          mutateStatement(
            'inventory-reserve-many',
            ...UNLOCKED,
            ['as available, w.priority', 'as available, l.reserved as seen, w.priority'],
            ['set reserved = l.reserved + sums', 'set reserved = (select max(seen) from level) + sums'],
            ['set reserved = i.reserved + sums', 'set reserved = (select max(seen) from level) + sums'],
          ),
        failsWith: /reserved is not what is held/,
      },
      'the stock is read without its lock, and then added to': {
        make: () => mutateStatement('inventory-reserve-many', ...UNLOCKED),
        failsWith: /23514/,
      },
    },
  });
});

describe('C13: two who want the same articles in different orders', () => {
  drill({
    holds: 'pass one after the other as baskets',
    test: letsCrosswisePass(alone),
    mutants: {
      'the locks are taken in the order of the basket': {
        make: () =>
          mutateStatement('inventory-reserve', ['order by i.sku', 'order by array_position($1::text[], i.sku)']),
        failsWith: /40P01/,
      },
    },
  });

  drill({
    holds: 'pass one after the other as groups of checkouts',
    test: letsCrosswisePass(together),
    mutants: {
      'the locks are taken in the order of the baskets': {
        make: () =>
          mutateStatement('inventory-reserve-many', ['order by i.sku', 'order by array_position($2::text[], i.sku)']),
        failsWith: /40P01/,
      },
    },
  });

  drill({
    holds: 'pass one after the other as deliveries that are booked',
    test: letsCrosswisePass(counted),
    mutants: {
      'the locks are taken in the order of the lines': {
        make: () =>
          mutateStatement('inventory-apply', ['order by i.sku', 'order by array_position($1::text[], i.sku)']),
        failsWith: /40P01/,
      },
    },
  });
});
