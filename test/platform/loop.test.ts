import { backoffMs, runLoop, type Loop } from '../../src/platform/loop';
import { silent, TestClock, until } from './outbox/support';

let loop: Loop | undefined;
afterEach(() => loop?.close());

describe('a background loop', () => {
  test('goes on at once while there is more to do, then pauses', async () => {
    const clock = new TestClock();
    let left = 3;
    loop = runLoop({ name: 'test', step: () => Promise.resolve(--left > 0), idleMs: 500, clock, log: silent });
    await until('it pauses', () => clock.slept.length === 1);
    expect(left).toBe(0);
    expect(clock.slept).toEqual([500]);
    clock.advance(500);
    await until('it has looked again', () => loop?.status().runs === 4);
  });

  test('does not oversleep what came while it was working', async () => {
    const clock = new TestClock();
    let finish: (() => void) | undefined;
    const step = (): Promise<boolean> => new Promise((resolve) => (finish = () => resolve(false)));
    loop = runLoop({ name: 'test', step, idleMs: 500, clock, log: silent });
    loop.wake();
    finish?.();
    finish = undefined;
    await until('it works again without a pause', () => finish !== undefined);
    expect(clock.slept).toEqual([]);
    const closing = loop.close();
    finish!();
    await closing;
  });

  test('survives errors with growing pauses, reports them, and recovers', async () => {
    const clock = new TestClock();
    let healthy = false;
    const step = (): Promise<boolean> =>
      healthy ? Promise.resolve(false) : Promise.reject(new Error('database away'));
    loop = runLoop({ name: 'test', step, idleMs: 500, clock, log: silent, random: () => 1 });
    const pauses = [100, 200, 400, 800, 1600, 3200, 5000, 5000];
    for (const [errors, pause] of pauses.entries()) {
      await until('it pauses', () => clock.slept.length === errors + 1);
      loop.wake(); // must not turn it into a hot loop
      if (errors < pauses.length - 1) clock.advance(pause);
    }
    expect(clock.slept).toEqual(pauses);
    expect(loop.status()).toMatchObject({
      runs: 0,
      errors: 8,
      consecutiveErrors: 8,
      lastSuccessAt: undefined,
      lastError: 'database away',
    });
    healthy = true;
    clock.advance(5_000);
    await until('it recovers', () => loop?.status().consecutiveErrors === 0);
    expect(loop.status().lastSuccessAt).toBe(clock.now());
  });
});

test('pauses between attempts grow by a factor, are shortened at random by up to a half, and have a limit', () => {
  const limits = { firstMs: 1_000, factor: 4, mostMs: 60_000 };
  expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, limits, () => 1))).toEqual([1_000, 4_000, 16_000, 60_000]);
  expect(backoffMs(2, limits, () => 0)).toBe(2_000);
});
