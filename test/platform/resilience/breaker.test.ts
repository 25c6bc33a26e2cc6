import { BreakerOpen, CircuitBreaker, type Verdict } from '../../../src/platform/resilience/breaker';
import { InjectedClock } from '../../support/injected-clock';

class Ill extends Error {}
class Refused extends Error {}

const judge = (error: unknown): Verdict =>
  error instanceof Ill ? 'failure' : error instanceof Refused ? 'answer' : 'neither';

function setUp(random = () => 0) {
  const clock = new InjectedClock();
  let calls = 0;
  const breaker = new CircuitBreaker({ judge, clock, random });
  const run = (error?: Error): Promise<string> =>
    breaker.run(() => {
      calls++;
      return error ? Promise.reject(error) : Promise.resolve('done');
    });
  const fail = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i++) await expect(run(new Ill())).rejects.toThrow(Ill);
  };
  return { clock, breaker, run, fail, calls: () => calls };
}

describe('the circuit breaker', () => {
  test('opens at the fifth failure in a row, and then makes no call for thirty seconds', async () => {
    const { breaker, clock, run, fail, calls } = setUp();
    await fail(4);
    expect(breaker.state).toBe('closed');
    await fail(1);
    expect([breaker.state, breaker.opened]).toEqual(['open', 1]);
    clock.advance(29_999);
    for (let i = 0; i < 100; i++) await expect(run()).rejects.toThrow(BreakerOpen);
    expect(calls()).toBe(5);
    clock.advance(1);
    expect(breaker.state).toBe('half-open');
  });

  test('counts only failures in a row: an answer in between begins anew, a refusal is an answer', async () => {
    const { breaker, run, fail } = setUp();
    await fail(4);
    await run();
    await fail(4);
    await expect(run(new Refused())).rejects.toThrow(Refused);
    await fail(4);
    expect(breaker.state).toBe('closed');
  });

  test('does not hold against the other side what we gave up ourselves', async () => {
    const { breaker, run, fail } = setUp();
    await fail(4);
    for (let i = 0; i < 10; i++) await expect(run(new Error('given up'))).rejects.toThrow('given up');
    expect(breaker.state).toBe('closed');
    await fail(1);
    expect(breaker.state).toBe('open');
  });

  test('half-open it lets one call through at a time, and closes when that one is answered', async () => {
    const { breaker, clock, run, fail } = setUp();
    await fail(5);
    clock.advance(30_000);
    let answer: ((value: string) => void) | undefined;
    const probe = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)));
    for (let i = 0; i < 10; i++) await expect(run()).rejects.toThrow(BreakerOpen);
    answer?.('well again');
    expect(await probe).toBe('well again');
    expect(breaker.state).toBe('closed');
    expect(await run()).toBe('done');
  });

  test('says whether it would let a call through, and asking is not calling', async () => {
    const { breaker, clock, run, fail } = setUp();
    expect(() => breaker.assertAdmits()).not.toThrow();
    await fail(5);
    expect(() => breaker.assertAdmits()).toThrow(BreakerOpen);
    clock.advance(30_000);
    for (let i = 0; i < 3; i++) expect(() => breaker.assertAdmits()).not.toThrow();
    let answer: ((value: string) => void) | undefined;
    const probe = breaker.run(() => new Promise<string>((resolve) => (answer = resolve)));
    expect(() => breaker.assertAdmits()).toThrow(BreakerOpen);
    answer?.('well again');
    await probe;
    expect(await run()).toBe('done');
  });

  test('opens again for as long when the probe fails', async () => {
    const { breaker, clock, run, fail, calls } = setUp();
    await fail(5);
    clock.advance(30_000);
    await fail(1);
    expect([breaker.state, breaker.opened, calls()]).toEqual(['open', 2, 6]);
    clock.advance(29_999);
    await expect(run()).rejects.toMatchObject({ retryAfterMs: 1 });
  });

  test('tries again at once when the probe was given up, which says nothing', async () => {
    const { breaker, clock, run, fail } = setUp();
    await fail(5);
    clock.advance(30_000);
    await expect(run(new Error('given up'))).rejects.toThrow('given up');
    expect(breaker.state).toBe('half-open');
    expect(await run()).toBe('done');
  });

  test('a call from before it opened neither closes it nor keeps it open longer', async () => {
    const { breaker, clock, fail, run } = setUp();
    const ends: (() => void)[] = [];
    const slow = breaker.run(() => new Promise<void>((resolve) => ends.push(resolve)));
    const slowFailure = breaker.run(() => new Promise<void>((_, reject) => ends.push(() => reject(new Ill()))));
    slowFailure.catch(() => undefined); // looked at below
    await fail(5);
    clock.advance(20_000);
    for (const end of ends) end();
    await slow;
    await expect(slowFailure).rejects.toThrow(Ill);
    expect(breaker.state).toBe('open');
    clock.advance(10_000);
    expect(await run()).toBe('done');
  });

  test('spreads the probes of several processes by up to five seconds', async () => {
    const { breaker, clock, fail } = setUp(() => 0.5);
    await fail(5);
    clock.advance(32_499);
    expect(breaker.state).toBe('open');
    clock.advance(1);
    expect(breaker.state).toBe('half-open');
  });
});
