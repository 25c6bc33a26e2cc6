import { Cache } from '../../../../src/core';

describe('values', () => {
  let cache: Cache;
  beforeEach(() => {
    cache = new Cache({ maxBytes: 4 << 20 });
  });
  afterEach(() => cache.close());

  const values: [string, unknown][] = [
    ['an empty string', ''],
    ['ASCII', 'Red Retrospot Mug'],
    ['Latin-1', 'Café à la carte ÿ'],
    ['UTF-16', 'naïve 茶 😀'],
    ['a lone surrogate', 'a\ud800b'],
    ['U+0000', 'a\0b'],
    ['a long string', 'x'.repeat(100_000)],
    ['a long wide string', '茶'.repeat(70_001)],
    ['zero', 0],
    ['a whole number', -42],
    ['2^53 - 1', Number.MAX_SAFE_INTEGER],
    ['a fraction', 0.1],
    ['a large number', 1e300],
    ['a boolean', true],
    ['null', null],
    ['an object', { id: 'p1', tags: ['a', 'ü', '茶', '😀'], price: { amount: 12.5 }, gone: null }],
    ['an array', [1, 'two', [3]]],
    ['a large object', { list: Array.from({ length: 20_000 }, (_, i) => ({ i, name: `item ${i}` })) }],
  ];

  test.each(values)('%s comes back as it went in', (_, value) => {
    cache.set('key', value);
    expect(cache.get('key')).toStrictEqual(value);
    expect(cache.peek('key')).toStrictEqual(value);
    expect(cache.getMany(['none', 'key'])).toStrictEqual([undefined, value]);
    expect(JSON.parse(cache.getManyJson(['none', 'key']).toString())).toStrictEqual([null, value]);
    expect(cache.getManyJson(['key']).toString()).toBe(Buffer.from(`[${JSON.stringify(value)}]`).toString());
  });

  test.each(values)('%s as a key and as a tag', (_, value) => {
    const key = typeof value === 'string' ? value : JSON.stringify(value);
    if (key.length > 30_000) return;
    cache.set(key, 1).set(`${key}!`, 2);
    expect(cache.get(key)).toBe(1);
    expect(cache.get(`${key}!`)).toBe(2);
    expect(cache.getMany([key, `${key}!`])).toEqual([1, 2]);
    expect(cache.delete(key)).toBe(true);
    expect(cache.has(key)).toBe(false);
    expect(cache.size).toBe(1);
  });

  test('bytes come back as a Buffer of their own', () => {
    const bytes = Buffer.from([0, 1, 2, 255]);
    cache.set('buffer', bytes);
    cache.set('part', new Uint8Array([9, 1, 2, 9]).subarray(1, 3));
    cache.set('large', Buffer.alloc(300_000, 7));
    cache.set('empty', Buffer.alloc(0));
    bytes.fill(9);
    const given = cache.get('buffer') as Buffer;
    expect(Buffer.isBuffer(given)).toBe(true);
    expect([...given]).toEqual([0, 1, 2, 255]);
    given.fill(3);
    expect([...(cache.get('buffer') as Buffer)]).toEqual([0, 1, 2, 255]);
    expect([...(cache.get('part') as Buffer)]).toEqual([1, 2]);
    expect((cache.get('large') as Buffer).equals(Buffer.alloc(300_000, 7))).toBe(true);
    expect((cache.get('empty') as Buffer).length).toBe(0);
    expect(cache.getMany(['buffer', 'empty']).map((value) => (value as Buffer).length)).toEqual([4, 0]);
  });

  test('a large text that was given out stays as it was, whatever becomes of its entry and the cache', () => {
    const textOf = (i: number): string => `${i}:`.padEnd(5_000, 'é');
    using small = new Cache<string>({ max: 50 });
    const given: string[] = [];
    for (let i = 0; i < 500; i++) given.push(small.set(`key ${i % 120}`, textOf(i)).get(`key ${i % 120}`) as string);
    small.clear();
    small.close();
    expect(given.every((text, i) => text === textOf(i))).toBe(true);
    // V8 flattens, interns, copies and slices it as it does a string of its own.
    expect(JSON.parse(JSON.stringify(given[7]))).toBe(textOf(7));
    expect({ [given[8] as string]: 1 }).toEqual({ [textOf(8)]: 1 });
    expect(Buffer.from(given[9] as string, 'latin1').toString('latin1')).toBe(textOf(9));
    expect(`${given[10]}!`.slice(-2)).toBe('é!');
  });

  test('bytes are JSON already, for getManyJson', () => {
    cache.set('ready', Buffer.from('{"a":1}'));
    cache.set('text', 'say "hi"\n\u0007\u007f é 茶 \ud800');
    const body = cache.getManyJson(['ready', 'text', 'none']).toString();
    expect(body).toBe(`[{"a":1},${JSON.stringify('say "hi"\n\u0007\u007f é 茶 \ud800')},null]`);
    expect(cache.getManyJson([]).toString()).toBe('[]');
  });

  test('many keys at once, more than fit one call, and keys with U+0000', () => {
    const keys = Array.from({ length: 3_000 }, (_, i) => `key ${i}`);
    cache.setMany(keys.map((key, i) => [key, i]));
    expect(cache.getMany(keys)).toEqual(keys.map((_, i) => i));
    expect(JSON.parse(cache.getManyJson(keys).toString())).toEqual(keys.map((_, i) => i));
    cache.set('a\0b', 'both').set('a', 'first').set('b', 'second');
    expect(cache.getMany(['a\0b', 'a', 'b'])).toEqual(['both', 'first', 'second']);
    expect(cache.getMany(['a', '茶', 'b'])).toEqual(['first', undefined, 'second']);
    expect(cache.getMany([''])).toEqual([undefined]);
    expect(cache.getMany([])).toEqual([]);
  });

  test('an object is a new one at every reading, or the same with parsedObjects until it is set again', () => {
    cache.set('key', { a: 1 });
    expect(cache.get('key')).not.toBe(cache.get('key'));
    using parsing = new Cache<{ a: number }>({ max: 10, parsedObjects: 2 });
    parsing.set('key', { a: 1 });
    const first = parsing.get('key');
    expect(parsing.get('key')).toBe(first);
    parsing.set('key', { a: 2 });
    expect(parsing.get('key')).toEqual({ a: 2 });
    parsing.delete('key');
    expect(parsing.get('key')).toBeUndefined();
    for (const key of ['x', 'y', 'z']) parsing.set(key, { a: 3 });
    for (const key of ['x', 'y', 'z']) expect(parsing.get(key)).toEqual({ a: 3 });
    expect(parsing.stats()).toMatchObject({ hits: 6, misses: 1 });
  });
});
