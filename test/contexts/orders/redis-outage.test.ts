import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { readStreams, versionsOf } from '../../platform/bus/support';
import { eventually } from '../../support/app';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { openShop, type Answer, type Shop } from './shop';

const PREFIX = 'shop';

describeWithOwnRedis('C6: a shop whose Redis is frozen, killed and flushed while customers buy', () => {
  let redis: OwnRedis;
  let shop: Shop;
  beforeAll(async () => {
    redis = await startOwnRedis();
    shop = await openShop({ REDIS_URL: redis.url, EASY11_REDIS_PREFIX: PREFIX });
  });
  afterAll(async () => {
    await shop?.close();
    await redis?.remove();
  });

  test('serves every checkout, and brings every event of an order to the streams afterwards', async () => {
    const sku = await shop.product(10_000);
    const quotes = await Promise.all(Array.from({ length: 60 }, () => shop.quote([sku])));
    const answers: Answer[] = [];
    let troubled = 0;
    const buy = async (count: number): Promise<void> => {
      for (let n = 0; n < count; n++) answers.push(await shop.checkout(shop.request(quotes.pop()!)));
    };
    const amid = async (trouble: () => unknown): Promise<void> => {
      await buy(5);
      await trouble();
      const before = answers.length;
      await buy(10);
      troubled += answers.length - before;
    };
    await amid(() => redis.freeze());
    redis.thaw();
    await amid(() => redis.kill());
    await redis.start();
    const outside = new Redis(redis.url);
    await amid(() => outside.flushall());
    await buy(5);

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 202));
    expect(troubled).toBe(30);
    const ids = answers.map(({ body }) => body.order.id as string);
    for (const id of ids) await shop.reaches(id, 'confirmed');
    await outside.flushall(); // and once more when nothing is left to be sent
    const { rows } = await shop.pool.query<{ id: string; version: string }>('select id, version from orders');
    expect(rows).toHaveLength(ids.length);
    await eventually(60_000, async () => {
      await sleep(100);
      const events = await readStreams(outside, PREFIX);
      return rows.every(({ id, version }) => versionsOf(events, `order:${id}`).length >= Number(version));
    });
    const events = await readStreams(outside, PREFIX);
    for (const { id, version } of rows)
      expect(versionsOf(events, `order:${id}`)).toEqual(Array.from({ length: Number(version) }, (_, n) => n + 1));
    expect(await shop.broken()).toEqual([]);
    outside.disconnect();
  });
});
