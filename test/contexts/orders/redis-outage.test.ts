import { runRedisTrouble } from '../../chaos/redis';
import { describeWithOwnRedis } from '../../support/redis';

/** The short form; `npm run chaos -- redis` is the long one, and looks at the clock too. */
describeWithOwnRedis('C6: a shop whose Redis is frozen, killed and flushed while customers buy', () => {
  test('serves every checkout, and brings every event of an order to the streams afterwards', async () => {
    const { broken, figures } = await runRedisTrouble({ rounds: 1, calm: 5, troubled: 10 });
    expect(broken).toEqual([]);
    expect(figures).toMatchObject({ 'orders placed': 50, 'of them while Redis was in trouble': 30, refused: 0 });
  });
});
