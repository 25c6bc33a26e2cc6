import { runRestarts } from '../../chaos/database';

/** The short form of C5; `npm run chaos -- database` is the long one. */
test('a database that is restarted twice in the middle of the trade is answered for with 503, recovered from by itself within ten seconds, and has lost no confirmed order', async () => {
  const { broken, figures } = await runRestarts({ rounds: 1, customers: 6, between: 20 });
  expect(broken).toEqual([]);
  expect(figures['restarts of PostgreSQL']).toBe(2);
  expect(figures['orders placed']).toBeGreaterThan(60);
}, 300_000);
