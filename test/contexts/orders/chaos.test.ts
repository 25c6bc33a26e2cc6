import { isSound, runChaos } from '../../chaos/chaos';

/** The short form of C4; `npm run chaos` is the long one. */
test('five kills during sixty checkouts at a faulty provider break nothing', async () => {
  const report = await runChaos({ seed: 20, kills: 5, checkouts: 60, customers: 4 });
  expect(report.broken).toEqual([]);
  expect(report).toMatchObject({ kills: 5, quiet: true, replayMismatches: 0, manual: 0, tally: { mismatches: [] } });
  expect(isSound(report)).toBe(true);
  expect(report.tally.purchases.length).toBeGreaterThan(30);
  expect(report.orders.confirmed).toBeGreaterThan(12);
  // Without these the test has tested nothing.
  expect(report.provider.badRefused).toBeGreaterThan(0);
  expect(report.tally.retries).toBeGreaterThan(5);
}, 600_000);
