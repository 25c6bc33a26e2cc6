import { Cache } from '../../../../src/core';
import { InjectedClock } from '../../../support/injected-clock';

const TICK = 32;

describe('time to live', () => {
  test('a value is never stale early, and at most one tick late', () => {
    const clock = new InjectedClock();
    using cache = new Cache({ max: 10, ttl: 1_000, now: clock.now });
    cache.set('a', 1);
    clock.advance(999);
    expect(cache.get('a')).toBe(1);
    expect(cache.has('a')).toBe(true);
    clock.advance(1 + TICK);
    expect(cache.has('a')).toBe(false);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.size).toBe(0);
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 1, expirations: 1, evictions: 0 });
  });

  test('set decides for its value, and 0 is for ever', () => {
    const clock = new InjectedClock();
    using cache = new Cache({ max: 10, ttl: 1_000, now: clock.now });
    cache.set('short', 1, { ttl: 100 }).set('ever', 2, { ttl: 0 }).set('usual', 3);
    expect(cache.getRemainingTTL('ever')).toBe(Infinity);
    expect(cache.getRemainingTTL('none')).toBe(0);
    expect(cache.getRemainingTTL('usual')).toBeGreaterThanOrEqual(1_000);
    expect(cache.getRemainingTTL('usual')).toBeLessThanOrEqual(1_000 + TICK);
    clock.advance(200);
    expect(cache.getMany(['short', 'ever', 'usual'])).toEqual([undefined, 2, 3]);
    clock.advance(31_000_000_000);
    expect(cache.getMany(['short', 'ever', 'usual'])).toEqual([undefined, 2, undefined]);
    cache.set('usual', 4);
    expect(cache.get('usual')).toBe(4);
  });

  test('a stale value is given out only when that is asked for, and only in its window', () => {
    const clock = new InjectedClock();
    using cache = new Cache({ max: 10, ttl: 1_000, staleWhileRevalidate: 5_000, now: clock.now });
    cache.set('a', 'old');
    clock.advance(2_000);
    expect(cache.get('a')).toBeUndefined();
    expect(cache.peek('a')).toBeUndefined();
    expect(cache.has('a')).toBe(false);
    expect(cache.getRemainingTTL('a')).toBe(0);
    expect(cache.get('a', { allowStale: true })).toBe('old');
    expect(cache.peek('a', { allowStale: true })).toBe('old');
    expect(cache.getMany(['a'])).toEqual([undefined]);
    expect(cache.stats().staleHits).toBe(2);
    clock.advance(4_000 + 2 * TICK);
    expect(cache.get('a', { allowStale: true })).toBeUndefined();
    expect(cache.size).toBe(0);
  });

  test('allowStale may be the cache’s way', () => {
    const clock = new InjectedClock();
    using cache = new Cache({ max: 10, ttl: 10, staleWhileRevalidate: 5_000, allowStale: true, now: clock.now });
    cache.set('a', 1);
    clock.advance(500);
    expect(cache.get('a')).toBe(1);
    expect(cache.get('a', { allowStale: false })).toBeUndefined();
  });

  test('the machine’s clock goes, too', async () => {
    using cache = new Cache({ max: 10, ttl: 40 });
    cache.set('a', 1).set('longer', 2, { ttl: 3_600_000 });
    await new Promise((resolve) => setTimeout(resolve, 40 + 3 * TICK));
    expect(cache.getMany(['a', 'longer'])).toEqual([undefined, 2]);
  });

  test('what is expired makes room under its own name', () => {
    const clock = new InjectedClock();
    const left: unknown[] = [];
    using cache = new Cache({
      max: 2,
      now: clock.now,
      onEvict: (value, key, reason) => left.push([value, key, reason]),
    });
    cache.set('a', { n: 1 }, { ttl: 10 }).set('b', 2);
    clock.advance(100);
    cache.set('c', 3);
    cache.set('d', 4);
    expect(left).toEqual([
      [{ n: 1 }, 'a', 'expire'],
      [2, 'b', 'evict'],
    ]);
    expect(cache.stats()).toMatchObject({ evictions: 1, expirations: 1, entries: 2 });
  });
});

describe('onEvict', () => {
  test('may use the cache, and does not disturb the call that made room', () => {
    let refusals = 0;
    using cache: Cache = new Cache<unknown>({
      max: 2,
      policy: 'lru',
      onEvict: () => {
        expect(() => cache.incr('text')).toThrow('no whole number');
        refusals++;
      },
    });
    cache.set('a', 1).set('text', 'x');
    expect(cache.incr('n')).toBe(1);
    expect(refusals).toBe(1);
  });

  test('does not hear of what the caller took out, and may use the cache', () => {
    const left: string[] = [];
    using cache: Cache<number> = new Cache<number>({
      policy: 'lru',
      max: 3,
      onEvict: (value, key) => {
        left.push(`${key}=${value}`);
        expect(cache.get(key)).toBeUndefined();
      },
    });
    cache.set('a', 1).set('a', 2).set('b', 1);
    cache.delete('b');
    cache.clear();
    cache.setMany([
      ['c', 1],
      ['d', 2],
      ['e', 3],
      ['f', 4],
    ]);
    expect(left).toEqual(['c=1']);
  });
});

describe('tags', () => {
  test('invalidating one takes out what carries it, and what is set later stays', () => {
    using cache = new Cache({ max: 100 });
    cache
      .set('a', 1, { tags: ['red', 'mug'] })
      .set('b', 2, { tags: ['red'] })
      .set('c', 3, { tags: ['mug', 'mug'] })
      .set('d', 4);
    cache.invalidateTag('mug');
    expect(cache.getMany(['a', 'b', 'c', 'd'])).toEqual([undefined, 2, undefined, 4]);
    cache.set('a', 5, { tags: ['mug'] });
    expect(cache.get('a')).toBe(5);
    cache.invalidateTag('never seen');
    cache.invalidateTag('red');
    expect(cache.getMany(['a', 'b', 'd'])).toEqual([5, undefined, 4]);
    cache.invalidateTag('mug');
    cache.invalidateTag('mug');
    expect(cache.has('a')).toBe(false);
    expect(cache.size).toBe(1);
    expect(cache.stats()).toMatchObject({ evictions: 0, expirations: 4 });
  });

  test('a set without tags takes them off', () => {
    using cache = new Cache({ max: 100 });
    cache.set('a', 1, { tags: ['x'] }).set('a', 2);
    cache.invalidateTag('x');
    expect(cache.get('a')).toBe(2);
  });

  test('many tags come and go', () => {
    using cache = new Cache({ max: 50 });
    for (let i = 0; i < 5_000; i++) {
      cache.set(`key ${i % 200}`, i, { tags: [`tag ${i % 77}`, `other ${i}`, 'ü茶'] });
      if (i % 10 === 0) cache.invalidateTag(`tag ${(i / 10) % 77}`);
    }
    expect(cache.size).toBeLessThanOrEqual(50);
    cache.invalidateTag('ü茶');
    expect(Array.from({ length: 200 }, (_, i) => cache.has(`key ${i}`)).filter(Boolean)).toEqual([]);
    expect(cache.size).toBe(0);
  });
});

describe('atomic changes', () => {
  test('incr counts, from 0 or from what is there', () => {
    using cache = new Cache({ max: 10 });
    expect(cache.incr('n')).toBe(1);
    expect(cache.incr('n', 41)).toBe(42);
    expect(cache.incr('n', -50)).toBe(-8);
    cache.set('n', 2);
    expect(cache.incr('n')).toBe(3);
    expect(cache.get('n')).toBe(3);
  });

  test('incr keeps the expiry of a number that is there, and gives one to a new one', () => {
    const clock = new InjectedClock();
    using cache = new Cache({ max: 10, now: clock.now });
    cache.incr('window', 1, { ttl: 1_000, tags: ['t'] });
    clock.advance(900);
    cache.incr('window', 1, { ttl: 1_000 });
    clock.advance(100 + TICK);
    expect(cache.incr('window', 1, { ttl: 1_000 })).toBe(1);
    cache.incr('tagged', 1, { tags: ['t'] });
    cache.invalidateTag('t');
    expect(cache.incr('tagged')).toBe(1);
  });

  test('compareAndSet sets only what is as expected', () => {
    using cache = new Cache({ max: 10 });
    expect(cache.compareAndSet('a', undefined, 'x')).toBe(true);
    expect(cache.compareAndSet('a', undefined, 'y')).toBe(false);
    expect(cache.compareAndSet('a', 'y', 'z')).toBe(false);
    expect(cache.compareAndSet('a', 'x', { v: 1 })).toBe(true);
    expect(cache.compareAndSet('a', { v: 2 }, 3)).toBe(false);
    expect(cache.compareAndSet('a', { v: 1 }, 3)).toBe(true);
    expect(cache.compareAndSet('a', '3', 4)).toBe(false);
    expect(cache.compareAndSet('a', 3, Buffer.from('ab'))).toBe(true);
    expect(cache.compareAndSet('a', Buffer.from('ac'), 1)).toBe(false);
    expect(cache.compareAndSet('a', Buffer.from('ab'), '茶')).toBe(true);
    expect(cache.compareAndSet('a', '茶', null)).toBe(true);
    expect(cache.get('a')).toBe(null);
  });
});
