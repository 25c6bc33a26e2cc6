import { BreakerOpen } from '../../../src/platform/resilience/breaker';
import { BulkheadFull } from '../../../src/platform/resilience/bulkhead';
import { Guard, GuardTimeout, notReady, type GuardOptions } from '../../../src/platform/resilience/guard';
import { TestClock } from '../outbox/support';

const clock = new TestClock();
const guarded = (options: Partial<GuardOptions> = {}): Guard =>
  new Guard({ limit: 2, queue: 1, timeoutMs: 20, judge: () => 'failure', clock, random: () => 0, ...options });
const never = (): Promise<never> => new Promise(() => undefined);
const nameOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'done',
    (error: Error) => error.name,
  );

describe('a guard before something that does not answer', () => {
  test('lets five calls wait for it, one after the other, and nobody after that, until half a minute is over', async () => {
    const guard = guarded();
    let calls = 0;
    const ask = (): Promise<string> => nameOf(guard.run(() => (calls++, never())));
    for (let n = 0; n < 5; n++) expect(await ask()).toBe('GuardTimeout');
    expect(await Promise.all(Array.from({ length: 100 }, ask))).toEqual(
      Array.from({ length: 100 }, () => 'BreakerOpen'),
    );
    expect([calls, guard.status()]).toEqual([5, { breaker: 'open', opened: 1 }]);
    clock.advance(30_000);
    expect(await nameOf(guard.run(() => Promise.resolve()))).toBe('done');
    expect(guard.status().breaker).toBe('closed');
  });

  test('lets so many wait at once, and turns the next away at once', async () => {
    const guard = guarded({ timeoutMs: 60_000 });
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const held = Array.from({ length: 3 }, () => nameOf(guard.run(() => ended)));
    await expect(guard.run(() => ended)).rejects.toBeInstanceOf(BulkheadFull);
    end();
    expect(await Promise.all(held)).toEqual(['done', 'done', 'done']);
    // That was our own doing, and says nothing of the other side.
    expect(guard.status()).toEqual({ breaker: 'closed', opened: 0 });
  });
});

test('an error that is an answer opens nothing, however often it comes', async () => {
  const guard = guarded({ judge: () => 'answer' });
  for (let n = 0; n < 20; n++)
    expect(await nameOf(guard.run(() => Promise.reject(new Error('no such table'))))).toBe('Error');
  expect(guard.status()).toEqual({ breaker: 'closed', opened: 0 });
});

test('a client is told when it is worth asking again', () => {
  expect(notReady('away', new BreakerOpen(12_300))).toMatchObject({ code: 'not-ready', retryAfter: 13 });
  expect(notReady('away', new GuardTimeout(20))).toMatchObject({ code: 'not-ready', retryAfter: 1 });
});
