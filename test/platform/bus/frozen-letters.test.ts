import { Redis } from 'ioredis';
import { busLetters, guardLetters, openRedis } from '../../../src/platform/bus';
import { describeWithOwnRedis, startOwnRedis, type OwnRedis } from '../../support/redis';
import { silent, TestClock, until } from '../outbox/support';

describeWithOwnRedis('the back office, while Redis is frozen', () => {
  let server: OwnRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startOwnRedis();
    redis = await openRedis(server.url, { name: 'test', log: silent });
  });
  afterAll(async () => {
    redis.disconnect();
    await server.remove();
  });

  test('waits for its letters five times at most, then is told at once, and has them when Redis is back', async () => {
    const clock = new TestClock();
    let looks = 0;
    const asked = busLetters(redis, 'easy11');
    const counted = { ...asked, list: (...which: Parameters<typeof asked.list>) => (looks++, asked.list(...which)) };
    const { letters, status } = guardLetters(counted, clock);
    const look = (): Promise<string> =>
      letters.list(undefined, 10).then(
        (found) => `${found.length} letters`,
        (error: Error) => error.name,
      );
    await until('Redis answers in time', async () => (await look()) === '0 letters');
    looks = 0;
    server.freeze();
    // More than may be waited for together.
    const first = await Promise.all(Array.from({ length: 20 }, look));
    expect(first.filter((end) => end === 'BulkheadFull')).toHaveLength(8);
    while (status().breaker === 'closed') await look();
    const waited = looks;
    expect(waited).toBeLessThanOrEqual(8); // four at once, twice: the second four had their places before the fifth failure
    expect(await Promise.all(Array.from({ length: 200 }, look))).toEqual(
      Array.from({ length: 200 }, () => 'BreakerOpen'),
    );
    expect([looks, status()]).toEqual([waited, { breaker: 'open', opened: 1 }]);

    server.thaw();
    await until('Redis answers again', async () => {
      clock.advance(36_000);
      return (await look()) === '0 letters';
    });
    expect(status().breaker).toBe('closed');
  });
});
