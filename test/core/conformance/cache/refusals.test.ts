import { Cache, Easy11Error } from '../../../../src/core';

const anything = (value: unknown): never => value as never;

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(Easy11Error);
    return (error as Easy11Error).code;
  }
  return 'nothing thrown';
}

async function rejection(work: () => Promise<unknown>): Promise<string> {
  const error: unknown = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Easy11Error);
  return (error as Easy11Error).code;
}

const circular: Record<string, unknown> = {};
circular['self'] = circular;

const badOptions: [string, unknown, string][] = [
  ['none', undefined, 'OPTION'],
  ['null', null, 'OPTION'],
  ['no bound', {}, 'OPTION'],
  ['a time to live for a bound', { ttl: 5 }, 'OPTION'],
  ['a max of 0', { max: 0 }, 'OPTION'],
  ['a max of NaN', { max: NaN }, 'OPTION'],
  ['half an entry', { max: 1.5 }, 'OPTION'],
  ['a max in words', { max: '10' }, 'OPTION'],
  ['an infinite max', { max: Infinity }, 'OPTION'],
  ['too few bytes', { maxBytes: 100 }, 'OPTION'],
  ['bytes below 0', { maxBytes: -5_000 }, 'OPTION'],
  ['a policy that does not exist', { max: 10, policy: 'arc' }, 'OPTION'],
  ['an option that does not exist', { max: 10, maxSize: 10 }, 'OPTION'],
  ['an empty name', { max: 10, name: '' }, 'OPTION'],
  ['a number for a name', { max: 10, name: 5 }, 'OPTION'],
  ['a name with a lone surrogate', { max: 10, name: 'a\ud800' }, 'OPTION'],
  ['a name of 1,025 characters', { max: 10, name: 'n'.repeat(1_025) }, 'OPTION'],
  ['a word for allowStale', { max: 10, allowStale: 'yes' }, 'OPTION'],
  ['a number for fetchMethod', { max: 10, fetchMethod: 5 }, 'OPTION'],
  ['a number for onEvict', { max: 10, onEvict: 5 }, 'OPTION'],
  ['a number for the clock', { max: 10, now: 5 }, 'OPTION'],
  ['parsedObjects below 0', { max: 10, parsedObjects: -1 }, 'OPTION'],
  ['a ttl of NaN', { max: 10, ttl: NaN }, 'TTL'],
  ['a ttl below 0', { max: 10, ttl: -1 }, 'TTL'],
  ['a ttl of two years', { max: 10, ttl: 63_072_000_000 }, 'TTL'],
  ['a stale window of NaN', { max: 10, staleWhileRevalidate: NaN }, 'TTL'],
];

const badSets: [string, unknown, unknown, unknown, string][] = [
  ['a number for a key', 5, 'v', undefined, 'ERR_EASY11_INVALID_KEY'],
  ['no key', undefined, 'v', undefined, 'ERR_EASY11_INVALID_KEY'],
  ['a key of 65,536 bytes', 'k'.repeat(65_536), 'v', undefined, 'ERR_EASY11_INVALID_KEY'],
  ['a wide key of 65,536 bytes', '茶'.repeat(32_768), 'v', undefined, 'ERR_EASY11_INVALID_KEY'],
  ['undefined', 'k', undefined, undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['a function', 'k', () => 1, undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['a symbol', 'k', Symbol('s'), undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['NaN', 'k', NaN, undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['Infinity', 'k', Infinity, undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['a bigint', 'k', 5n, undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['an object that contains itself', 'k', circular, undefined, 'ERR_EASY11_INVALID_VALUE'],
  ['a value over the budget', 'k', 'v'.repeat(20_000), undefined, 'ERR_EASY11_VALUE_TOO_LARGE'],
  [
    'a key and tags over the budget',
    'k'.repeat(9_000),
    'v'.repeat(1_100),
    { tags: ['t'] },
    'ERR_EASY11_VALUE_TOO_LARGE',
  ],
  ['options that are none', 'k', 'v', 5, 'ERR_EASY11_INVALID_OPTION'],
  ['null for options', 'k', 'v', null, 'ERR_EASY11_INVALID_OPTION'],
  ['an option that does not exist', 'k', 'v', { ttI: 5 }, 'ERR_EASY11_INVALID_OPTION'],
  ['a ttl of NaN', 'k', 'v', { ttl: NaN }, 'ERR_EASY11_INVALID_TTL'],
  ['a ttl below 0', 'k', 'v', { ttl: -1 }, 'ERR_EASY11_INVALID_TTL'],
  ['an infinite ttl', 'k', 'v', { ttl: Infinity }, 'ERR_EASY11_INVALID_TTL'],
  ['a ttl in words', 'k', 'v', { ttl: '5' }, 'ERR_EASY11_INVALID_TTL'],
  ['a word for tags', 'k', 'v', { tags: 'red' }, 'ERR_EASY11_INVALID_TAG'],
  ['an empty tag', 'k', 'v', { tags: [''] }, 'ERR_EASY11_INVALID_TAG'],
  ['a tag with U+0000', 'k', 'v', { tags: ['a\0b'] }, 'ERR_EASY11_INVALID_TAG'],
  ['a tag with a lone surrogate', 'k', 'v', { tags: ['\udc00'] }, 'ERR_EASY11_INVALID_TAG'],
  ['17 tags', 'k', 'v', { tags: Array.from({ length: 17 }, (_, i) => `t${i}`) }, 'ERR_EASY11_INVALID_TAG'],
];

describe('Cache refuses bad input with a code and stays as it was', () => {
  test.each(badOptions)('options: %s', (_, options, what) => {
    expect(codeOf(() => new Cache(anything(options)))).toBe(`ERR_EASY11_INVALID_${what}`);
  });

  describe('in use', () => {
    let cache: Cache;
    const state = (): unknown => [
      cache.size,
      cache.peek('k'),
      cache.peek('n'),
      { ...cache.stats(), hits: 0, misses: 0 },
    ];
    let before: unknown;
    beforeEach(() => {
      cache = new Cache({ maxBytes: 10_000 });
      cache.set('k', 'kept').set('n', 7);
      before = state();
    });
    afterEach(() => {
      expect(state()).toStrictEqual(before);
      cache.close();
    });

    test.each(badSets)('set, setMany, compareAndSet: %s', (_, key, value, options, code) => {
      const [k, v, o] = [anything(key), anything(value), anything(options)];
      expect(codeOf(() => cache.set(k, v, o))).toBe(code);
      expect(codeOf(() => cache.setMany([[k, v]], o))).toBe(code);
      expect(codeOf(() => cache.compareAndSet(k, 'kept', v, o))).toBe(code);
    });

    test('setMany checks all before it sets the first', () => {
      expect(
        codeOf(() =>
          cache.setMany([
            ['new', 1],
            [anything(5), 2],
          ]),
        ),
      ).toBe('ERR_EASY11_INVALID_KEY');
      expect(
        codeOf(() =>
          cache.setMany([
            ['new', 1],
            ['bad', undefined],
          ]),
        ),
      ).toBe('ERR_EASY11_INVALID_VALUE');
      for (const entries of [null, 5, undefined, {}]) {
        expect(codeOf(() => cache.setMany(anything(entries)))).toBe('ERR_EASY11_INVALID_VALUE');
      }
    });

    test('keys of everything else', () => {
      for (const work of [
        () => cache.get(anything(5)),
        () => cache.peek(anything(null)),
        () => cache.has(anything({})),
        () => cache.delete(anything(undefined)),
        () => cache.getRemainingTTL(anything(5)),
        () => cache.incr(anything(5)),
        () => cache.getMany(anything('k')),
        () => cache.getMany(['k', anything(5)]),
        () => cache.getManyJson(anything(undefined)),
        () => cache.get('x'.repeat(65_536)),
      ]) {
        expect(codeOf(work)).toBe('ERR_EASY11_INVALID_KEY');
      }
      expect(codeOf(() => cache.invalidateTag(''))).toBe('ERR_EASY11_INVALID_TAG');
      expect(codeOf(() => cache.get('k', anything({ stale: true })))).toBe('ERR_EASY11_INVALID_OPTION');
      expect(codeOf(() => cache.get('k', anything({ allowStale: 1 })))).toBe('ERR_EASY11_INVALID_OPTION');
    });

    test('incr of what is no number, by none, or beyond 2^53', () => {
      expect(codeOf(() => cache.incr('k'))).toBe('ERR_EASY11_NOT_A_NUMBER');
      for (const by of [NaN, 0.5, 2 ** 53, '1', null]) {
        expect(codeOf(() => cache.incr('n', anything(by)))).toBe('ERR_EASY11_INVALID_VALUE');
      }
      expect(codeOf(() => cache.incr('n', Number.MAX_SAFE_INTEGER))).toBe('ERR_EASY11_INVALID_VALUE');
      expect(codeOf(() => cache.incr('n', 1, { ttl: -1 }))).toBe('ERR_EASY11_INVALID_TTL');
    });

    test('fetch without a method, and with options that are none', async () => {
      expect(await rejection(() => cache.fetch('x'))).toBe('ERR_EASY11_INVALID_OPTION');
      expect(await rejection(() => cache.fetch(anything(5)))).toBe('ERR_EASY11_INVALID_KEY');
      const fetchMethod = (): string => 'v';
      for (const options of [
        null,
        { fetchMethod: 5 },
        { fetchMethod, signal: 5 },
        { fetchMethod, forceRefresh: 1 },
        { fetchMethod, x: 1 },
      ]) {
        expect(await rejection(() => cache.fetch('x', anything(options)))).toBe('ERR_EASY11_INVALID_OPTION');
      }
      expect(await rejection(() => cache.fetch('x', { fetchMethod, ttl: NaN }))).toBe('ERR_EASY11_INVALID_TTL');
    });

    test('a path that is none', async () => {
      for (const path of ['', 5, 'a\0b', undefined]) {
        expect(await rejection(() => cache.dump(anything(path)))).toBe('ERR_EASY11_INVALID_OPTION');
        expect(await rejection(() => cache.load(anything(path)))).toBe('ERR_EASY11_INVALID_OPTION');
      }
    });
  });
});

describe('Cache at the edge of what is allowed', () => {
  test('takes the longest key and a value of the whole budget', () => {
    using cache = new Cache({ maxBytes: 100_000 });
    const key = 'k'.repeat(65_535);
    cache.set(key, 'v');
    expect(cache.get(key)).toBe('v');
    cache.set('x', 'y'.repeat(100_000 - 32 - 1));
    expect(cache.size).toBe(1);
    expect(cache.stats().bytes).toBe(100_000);
    expect(codeOf(() => cache.set('x', 'y'.repeat(100_000 - 32)))).toBe('ERR_EASY11_VALUE_TOO_LARGE');
    expect(cache.get('x')).toHaveLength(100_000 - 33);
  });

  test('a wide key of 65,534 bytes', () => {
    using cache = new Cache({ max: 2 });
    cache.set('茶'.repeat(32_767), 1);
    expect(cache.get('茶'.repeat(32_767))).toBe(1);
  });
});

describe('a name', () => {
  test('is one cache for all its handles, and free again when all are closed', () => {
    const options = { name: 'shared by two', max: 10 };
    const [one, other] = [new Cache(options), new Cache({ ...options, allowStale: true })];
    one.set('a', 1);
    expect(other.get('a')).toBe(1);
    one.close();
    expect(other.get('a')).toBe(1);
    other.close();
    using third = new Cache({ name: 'shared by two', max: 20 });
    expect(third.get('a')).toBeUndefined();
  });

  test('is refused with other options', () => {
    using first = new Cache({ name: 'taken', max: 10 });
    first.set('a', 1);
    for (const change of [
      { max: 11 },
      { maxBytes: 5_000 },
      { policy: 'lru' },
      { ttl: 5 },
      { staleWhileRevalidate: 5 },
    ] as const) {
      expect(codeOf(() => new Cache({ name: 'taken', max: 10, ...change }))).toBe('ERR_EASY11_NAME_IN_USE');
    }
    expect(first.get('a')).toBe(1);
  });
});

describe('Cache after close', () => {
  test('refuses every operation, and closes twice without complaint', async () => {
    const cache = new Cache({ max: 10, fetchMethod: () => 1 });
    cache.close();
    cache.close();
    for (const work of [
      () => cache.size,
      () => cache.get('a'),
      () => cache.peek('a'),
      () => cache.set('a', 1),
      () => cache.has('a'),
      () => cache.delete('a'),
      () => cache.clear(),
      () => cache.getMany(['a']),
      () => cache.getManyJson(['a']),
      () => cache.setMany([]),
      () => cache.incr('a'),
      () => cache.compareAndSet('a', undefined, 1),
      () => cache.invalidateTag('t'),
      () => cache.stats(),
      () => cache.getRemainingTTL('a'),
    ]) {
      expect(codeOf(work)).toBe('ERR_EASY11_CLOSED');
    }
    for (const work of [() => cache.fetch('a'), () => cache.dump('/nowhere'), () => cache.load('/nowhere')]) {
      expect(await rejection(work)).toBe('ERR_EASY11_CLOSED');
    }
  });

  test('a declaration with `using` closes it', () => {
    let kept: Cache;
    {
      using cache = new Cache({ max: 1 });
      kept = cache;
    }
    expect(codeOf(() => kept.size)).toBe('ERR_EASY11_CLOSED');
  });
});
