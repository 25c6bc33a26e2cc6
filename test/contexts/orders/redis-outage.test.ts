import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { readStreams } from '../../platform/bus/support';
import { eventually } from '../../support/app';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { openShop, PATIENCE, type Answer, type Shop } from './shop';

const PREFIX = 'shop';
/** So many that buy at once, and so many checkouts in all; the long form has more, and holds them to the figure that is demanded. */
const CUSTOMERS = 8;
const LONG = process.env.EASY11_REDIS_CHECKOUTS;
const CHECKOUTS = Number(LONG ?? 360);
const ADDED_P95_MS = LONG === undefined ? 1_000 : 50;

type Trouble = 'none' | 'frozen' | 'killed' | 'flushed';
interface Taken {
  readonly answer: Answer;
  readonly ms: number;
  /** How Redis was when the checkout was sent. */
  readonly amid: Trouble;
}

const p95 = (taken: readonly Taken[]): number => {
  const sorted = taken.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.ceil(0.95 * sorted.length) - 1] ?? Number.NaN;
};

/** The short form; `npm run chaos -- redis` is a longer one. */
describeWithOwnRedis('C6: a shop whose Redis is frozen, killed and flushed while customers buy', () => {
  let redis: OwnRedis;
  let shop: Shop;
  let outside: Redis;
  beforeAll(async () => {
    redis = await startOwnRedis();
    shop = await openShop({ REDIS_URL: redis.url, EASY11_REDIS_PREFIX: PREFIX });
    outside = new Redis(redis.url);
    outside.on('error', () => undefined); // it is killed on purpose
  });
  afterAll(async () => {
    outside?.disconnect();
    await shop?.close();
    await redis?.remove();
  });

  /** So many customers, one checkout after the other, through all troubles; each begins when a share of the checkouts is taken. */
  async function trade(quotes: string[]): Promise<Taken[]> {
    const taken: Taken[] = [];
    const all = quotes.length;
    let amid: Trouble = 'none';
    const lane = async (): Promise<void> => {
      for (let quote = quotes.pop(); quote !== undefined; quote = quotes.pop()) {
        const [begun, then] = [performance.now(), amid];
        const answer = await shop.checkout(shop.request(quote));
        taken.push({ answer, ms: performance.now() - begun, amid: then });
      }
    };
    const at = async (share: number, next: Trouble, change: () => unknown): Promise<void> => {
      while (taken.length < share * all) await sleep(5);
      await change();
      amid = next;
    };
    const troubles = async (): Promise<void> => {
      await at(0.2, 'frozen', () => redis.freeze());
      await at(0.4, 'none', () => redis.thaw());
      await at(0.45, 'killed', () => redis.kill());
      await at(0.65, 'none', () => redis.start());
      for (const share of [0.75, 0.8, 0.85]) await at(share, 'flushed', () => outside.flushall());
      await at(0.95, 'none', () => outside.flushall());
    };
    await Promise.all([troubles(), ...Array.from({ length: CUSTOMERS }, lane)]);
    return taken;
  }

  test('serves every checkout, hardly later than without, and brings every event of an order to the streams afterwards', async () => {
    const skus = await Promise.all(Array.from({ length: CUSTOMERS }, () => shop.product(CHECKOUTS)));
    const quotes = (
      await Promise.all(
        skus.map(async (sku) => {
          const ids: string[] = [];
          while (ids.length < CHECKOUTS / CUSTOMERS) ids.push(await shop.quote([sku]));
          return ids;
        }),
      )
    ).flat();
    for (const quote of quotes.splice(0, CUSTOMERS)) await shop.checkout(shop.request(quote)); // warms up
    const taken = await trade(quotes);

    const refused = taken.filter(({ answer }) => answer.status !== 202);
    expect(refused.map(({ answer, amid }) => `${amid}: ${answer.status} ${answer.text}`)).toEqual([]);
    const of = (trouble: Trouble): Taken[] => taken.filter(({ amid }) => amid === trouble);
    const calm = p95(of('none'));
    const figures = (['frozen', 'killed', 'flushed'] as const).map((trouble) => {
      const [count, late] = [of(trouble).length, p95(of(trouble))];
      expect([trouble, count > CHECKOUTS / 20]).toEqual([trouble, true]);
      expect(late - calm).toBeLessThan(ADDED_P95_MS);
      return `${trouble} ${late.toFixed(0)} ms (${count})`;
    });
    console.info(`checkouts, p95: Redis well ${calm.toFixed(0)} ms (${of('none').length}), ${figures.join(', ')}`);

    await eventually(PATIENCE, async () => {
      await sleep(100);
      const { rows } = await shop.pool.query<{ n: number }>(
        `select count(*)::int as n from orders where state = 'confirmed'`,
      );
      return rows[0]?.n === taken.length + CUSTOMERS;
    });
    await outside.flushall(); // and once more when nothing is left to be sent
    const { rows } = await shop.pool.query<{ id: string; version: string }>('select id, version from orders');
    expect(rows.map(({ id }) => id)).toEqual(
      expect.arrayContaining(taken.map(({ answer }) => answer.body.order.id as string)),
    );
    const back = performance.now();
    const delivered = async (): Promise<string[]> => {
      const events = await readStreams(outside, PREFIX);
      const versions = new Map<string, number[]>();
      for (const { partitionkey, sequence } of events)
        versions.set(partitionkey, [...(versions.get(partitionkey) ?? []), Number(sequence)]);
      return rows.flatMap(({ id, version }) => {
        const expected = Array.from({ length: Number(version) }, (_, n) => n + 1);
        const sent = versions.get(`order:${id}`) ?? [];
        return sent.join() === expected.join() ? [] : [`${id}: ${sent.join()} of ${expected.join()}`];
      });
    };
    await eventually(60_000, async () => {
      await sleep(250);
      return (await delivered()).length === 0;
    }).catch(async () => expect(await delivered()).toEqual([]));
    console.info(
      `every event of ${rows.length} orders is there ${((performance.now() - back) / 1000).toFixed(1)} s after the last flush`,
    );
    expect(await shop.broken()).toEqual([]);
  });
});
