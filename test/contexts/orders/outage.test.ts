import { runOutage } from '../../chaos/outage';
import { InjectedClock } from '../../support/injected-clock';

/** The short form of C7, on a clock that is moved; `npm run chaos -- provider` is the long one. */
test('while the provider is down checkouts are answered at once, it is asked five times and once in half a minute, and every order is confirmed afterwards', async () => {
  const report = await runOutage({ customers: 4, clock: new InjectedClock() });
  expect(report.broken).toEqual([]);
  // A second, and where the machine is many times slower, as many times more.
  expect(report.longestMs).toBeLessThan(Math.max(1_000, 30 * report.usualMs));
  expect(report.figures['orders placed']).toBeGreaterThan(40);
}, 300_000);
