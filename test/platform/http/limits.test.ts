import express from 'express';
import fc from 'fast-check';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../src/kernel/clock';
import { createAdmission, isShed, type Priority } from '../../../src/platform/http/admission';
import { clientAddress } from '../../../src/platform/http/client-address';
import { LoadMeter, startLoadSampling, type LoadLevel } from '../../../src/platform/http/load';
import { RateLimiter } from '../../../src/platform/http/rate-limit';
import { listen, type HttpServer } from '../../../src/platform/http/server';
import { deadlineOf, priorityOf } from '../../../src/priorities';

/** A clock that stands still until it is moved. */
function handClock(): Clock & { advance(ms: number): void } {
  let now = 1_000_000;
  return { now: () => now, sleep: () => new Promise(() => undefined), advance: (ms) => void (now += ms) };
}

describe('the rate of a client', () => {
  test('is a burst at first, then so many a second', () => {
    const clock = handClock();
    const limiter = new RateLimiter({ rate: 2, burst: 3, clock });
    const takes = (): boolean[] => [1, 2, 3, 4].map(() => limiter.take('ann').allowed);
    expect(takes()).toEqual([true, true, true, false]);
    expect(limiter.take('ann')).toEqual({ allowed: false, remaining: 0, reset: 2, retryAfter: 1 });
    expect(limiter.take('bob').allowed).toBe(true);
    clock.advance(500);
    expect(takes()).toEqual([true, false, false, false]);
    clock.advance(60_000);
    expect(limiter.look('ann')).toEqual({ allowed: true, remaining: 3, reset: 0, retryAfter: 0 });
    expect(limiter.policy).toBe('"default";q=3;w=2');
  });

  test('is never exceeded, and never held back below it, whatever the times of the requests', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 200 }), (pauses) => {
        const clock = handClock();
        const limiter = new RateLimiter({ rate: 5, burst: 4, clock });
        let tokens = 4;
        for (const pause of pauses) {
          clock.advance(pause);
          tokens = Math.min(4, tokens + (pause / 1000) * 5);
          // Where rounding decides, either is right.
          if (Math.abs(tokens - 1) > 1e-9) expect(limiter.take('ann').allowed).toBe(tokens >= 1);
          else limiter.take('ann');
          if (tokens >= 1) tokens -= 1;
        }
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test('costs bounded memory: strangers are forgotten', () => {
    const clock = handClock();
    const limiter = new RateLimiter({ rate: 10, burst: 10, clock, mostClients: 100 });
    for (let i = 0; i < 10_000; i++) limiter.take(`client-${i}`);
    expect(limiter.clients).toBeLessThanOrEqual(201);
    clock.advance(5_000);
    limiter.take('ann');
    clock.advance(1_500);
    limiter.take('ann');
    expect(limiter.clients).toBeLessThanOrEqual(2);
  });

  test('does not suffer from a clock that is set back', () => {
    const clock = handClock();
    const limiter = new RateLimiter({ rate: 1, burst: 2, clock });
    limiter.take('ann');
    clock.advance(-3_600_000);
    expect(limiter.take('ann').allowed).toBe(true);
  });
});

describe('the address of a client', () => {
  const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
    ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;
  test.each([
    ['the connection', from('203.0.113.7', '198.51.100.1'), 0, '203.0.113.7'],
    ['IPv4 in IPv6', from('::ffff:203.0.113.7'), 0, '203.0.113.7'],
    ['one proxy', from('10.0.0.1', 'made-up, 198.51.100.1'), 1, '198.51.100.1'],
    ['two proxies', from('10.0.0.1', 'made-up, 198.51.100.1, 10.0.0.2'), 2, '198.51.100.1'],
    ['a proxy that says nothing', from('10.0.0.1'), 1, '10.0.0.1'],
    ['IPv6, of which 64 bits count', from('2001:db8:0:1:aaaa:bbbb:cccc:dddd'), 0, '2001:db8:0:1::/64'],
    ['IPv6 in short', from('2001:db8::1'), 0, '2001:db8:0:0::/64'],
  ])('is read from %s', (_what, request, proxies, address) => {
    expect(clientAddress(request, proxies)).toBe(address);
  });
});

describe('load', () => {
  const meterAfter = (delayMs: number, utilisation: number, samples = 20): LoadMeter => {
    const meter = new LoadMeter(100);
    for (let i = 0; i < samples; i++) meter.observe({ delayMs, utilisation });
    return meter;
  };
  test('rises with the delay of a busy loop, in three levels', () => {
    expect([50, 150, 300, 500].map((delay) => meterAfter(delay, 1).level)).toEqual([0, 1, 2, 3]);
  });
  test('is none where the loop is late but idle: another process has the processor', () => {
    expect(meterAfter(500, 0.3).level).toBe(0);
  });
  test('does not rise by one late sample, and falls again', () => {
    const meter = meterAfter(0, 1);
    meter.observe({ delayMs: 150, utilisation: 1 });
    expect(meter.level).toBe(0);
    const tired = meterAfter(500, 1);
    for (let i = 0; i < 30; i++) tired.observe({ delayMs: 0, utilisation: 0.1 });
    expect(tired.level).toBe(0);
  });
  test('is seen in the real event loop', async () => {
    const meter = new LoadMeter(10);
    const sampling = startLoadSampling(meter);
    const start = performance.now();
    while (meter.level === 0 && performance.now() - start < 20_000) {
      const until = performance.now() + 120;
      while (performance.now() < until) Math.sqrt(until);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(meter.level).toBeGreaterThan(0);
    sampling.close();
  });
});

describe('shedding', () => {
  const PRIORITIES: Priority[] = ['optional', 'normal', 'important', 'vital'];
  test('drops the least important first and checkout never', () => {
    const shedAt = (level: LoadLevel): Priority[] => PRIORITIES.filter((priority) => isShed(priority, level, 0));
    expect([0, 1, 2, 3].map((level) => shedAt(level as LoadLevel))).toEqual([
      [],
      ['optional'],
      ['optional', 'normal'],
      ['optional', 'normal', 'important'],
    ]);
    expect(isShed('normal', 2, 0.7)).toBe(false);
    expect(isShed('important', 3, 0.7)).toBe(false);
  });
  test.each([
    ['/v1/checkout', 'vital'],
    ['/v1/quotes/quo_1', 'vital'],
    ['/healthz', 'vital'],
    ['/v1/markets', 'vital'],
    ['/v1/payment-methods', 'vital'],
    ['/v1/carts/crt_1/quotes', 'vital'],
    ['/v1/carts/crt_1/quotes/', 'vital'],
    ['/v1/carts/crt_1/quotes/more', 'important'],
    ['/v1/carts/crt_1', 'important'],
    ['/v1/carts/crt_1/lines', 'important'],
    ['/v1/admin/products', 'important'],
    ['/v1/admin/analytics/rfm', 'optional'],
    ['/v1/recommendations', 'optional'],
    ['/v1/products', 'normal'],
    ['/v1/suggestions', 'normal'],
    ['/', 'normal'],
  ])('holds %s to be %s', (path, priority) => {
    expect(priorityOf(path)).toBe(priority);
  });
  test('leaves an import any time, and everything else ten seconds', () => {
    expect([deadlineOf('/v1/admin/products/import'), deadlineOf('/v1/products')]).toEqual([undefined, 10_000]);
  });
});

describe('the door of a server', () => {
  let http: HttpServer;
  let level: LoadLevel = 0;
  const clock = handClock();
  const admission = createAdmission({
    limiter: new RateLimiter({ rate: 1, burst: 2, clock }),
    proxies: 1,
    level: () => level,
    priorityOf,
    random: () => 0,
  });
  beforeAll(async () => {
    const app = express();
    app.use(admission.headers);
    app.use((_req, res) => void res.json({}));
    http = await listen(app, [admission.gate], { host: '127.0.0.1', port: 0 });
  });
  beforeEach(() => {
    level = 0;
    clock.advance(60_000);
  });
  afterAll(() => http.close());
  const ask = async (path: string, client = 'ann'): Promise<[number, string | null, string | null]> => {
    const answer = await fetch(http.url + path, { headers: { 'X-Forwarded-For': client } });
    return [answer.status, answer.headers.get('retry-after'), answer.headers.get('ratelimit')];
  };

  test('lets a client in until its tokens are used up, and tells it when to come again', async () => {
    expect(await ask('/v1/products')).toEqual([200, null, '"default";r=1;t=1']);
    expect(await ask('/v1/products')).toEqual([200, null, '"default";r=0;t=2']);
    expect(await ask('/v1/products')).toEqual([429, '1', '"default";r=0;t=2']);
    expect((await ask('/v1/products', 'bob'))[0]).toBe(200);
    expect((await ask('/healthz'))[0]).toBe(200);
    clock.advance(1000);
    expect((await ask('/v1/products'))[0]).toBe(200);
    expect(admission.status().limited).toBe(1);
  });

  test('turns browsing away and lets checkout in when the process is overloaded', async () => {
    level = 3;
    expect((await ask('/v1/products')).slice(0, 2)).toEqual([503, '6']);
    expect((await ask('/v1/checkout'))[0]).toBe(200);
    expect((await ask('/metrics'))[0]).toBe(200);
    expect(admission.status().shed).toBe(1);
  });
});
