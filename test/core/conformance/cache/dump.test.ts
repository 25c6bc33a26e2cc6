import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { Cache, Easy11Error } from '../../../../src/core';
import { Random } from '../../../support/random';
import { InjectedClock } from '../../../support/injected-clock';

let folder: string;
const file = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'easy11-cache-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => 'fulfilled',
    (reason: unknown) => reason,
  );
  return error instanceof Easy11Error ? error.code : String(error);
}

function crc(bytes: Uint8Array): number {
  if (typeof crc32 === 'function') return crc32(bytes);
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/** With the checksums made right again, as a careful forger would. */
function sealed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeBigUInt64LE(BigInt(copy.length - 64), 24);
  copy.writeUInt32LE(crc(copy.subarray(64)), 32);
  copy.writeUInt32LE(crc(copy.subarray(0, 60)), 60);
  return copy;
}

const values: [string, unknown][] = [
  ['latin', 'é'],
  ['茶', '茶 and more'],
  ['json', { a: ['ü', '茶', 1.5] }],
  ['bytes', Buffer.from([0, 255, 7])],
  ['number', -12],
  ['', ''],
  ['large', 'x'.repeat(50_000)],
];

describe('a dump', () => {
  test('brings everything back, with its tags and what is left of its time', async () => {
    const clock = new InjectedClock();
    using cache = new Cache({ max: 100, staleWhileRevalidate: 60_000, now: clock.now });
    cache.setMany(values);
    cache
      .set('tagged', 1, { tags: ['a', 'ü茶'] })
      .set('short', 2, { ttl: 100_000 })
      .set('gone', 3, { ttl: 10 });
    cache.set('stale', 4, { ttl: 10_000 }).set('invalid', 5, { tags: ['b'] });
    cache.invalidateTag('b');
    clock.advance(30_000);
    cache.delete('gone');
    await cache.dump(file('all'));
    using loaded = new Cache({ max: 100, staleWhileRevalidate: 60_000, now: clock.now });
    loaded.set('before', 1);
    await loaded.load(file('all'));
    for (const [key, value] of values) expect(loaded.get(key)).toStrictEqual(value);
    expect(loaded.getMany(['before', 'gone', 'stale', 'invalid'])).toEqual(Array(4).fill(undefined));
    expect(loaded.get('stale', { allowStale: true })).toBe(4);
    expect(loaded.size).toBe(values.length + 3);
    const remaining = loaded.getRemainingTTL('short');
    expect(remaining).toBeGreaterThan(60_000);
    expect(remaining).toBeLessThanOrEqual(70_100);
    loaded.invalidateTag('ü茶');
    expect(loaded.has('tagged')).toBe(false);
  });

  test('keeps the order of leaving, so that the copy goes on as the original would', async () => {
    for (const policy of ['s3-fifo', 'lru'] as const) {
      const random = new Random(3);
      const ask = (cache: Cache, key: string): boolean => {
        const hit = cache.get(key) !== undefined;
        if (!hit) cache.set(key, key);
        return hit;
      };
      const key = (): string => `k${Math.floor(200 * random.next() ** 2)}`;
      using original = new Cache({ policy, max: 50 });
      for (let i = 0; i < 2_000; i++) ask(original, key());
      await original.dump(file(policy));
      using copy = new Cache({ policy, max: 50 });
      await copy.load(file(policy));
      // The ghosts are not in the file: until the first of them comes back both evict alike.
      const fresh = Array.from({ length: 60 }, (_, i) => `new ${i}`);
      expect(fresh.map((one) => ask(copy, one))).toEqual(fresh.map((one) => ask(original, one)));
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}`);
      expect(keys.filter((one) => copy.has(one))).toEqual(keys.filter((one) => original.has(one)));
    }
  });

  test('of an empty cache is a file, too, and loading it empties', async () => {
    using cache = new Cache({ max: 10 });
    await cache.dump(file('empty'));
    cache.set('a', 1);
    await cache.load(file('empty'));
    expect(cache.size).toBe(0);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('that is larger than the cache leaves the newest in it', async () => {
    using cache = new Cache({ max: 1_000, policy: 'lru' });
    for (let i = 0; i < 1_000; i++) cache.set(`${i}`, i);
    await cache.dump(file('thousand'));
    using small = new Cache({ max: 10, policy: 'lru' });
    await small.load(file('thousand'));
    expect(Array.from({ length: 10 }, (_, i) => small.get(`${990 + i}`))).toEqual(
      [...Array(10)].map((_, i) => 990 + i),
    );
  });

  describe('is refused', () => {
    let bytes: Buffer;
    let cache: Cache;
    beforeAll(async () => {
      using source = new Cache({ max: 100 });
      source.setMany(values);
      source.set('tagged', 1, { tags: ['a', 'b'], ttl: 1_000 });
      await source.dump(file('good'));
      bytes = await readFile(file('good'));
    });
    beforeEach(() => {
      cache = new Cache({ max: 100 });
      cache.set('mine', 1);
    });
    afterEach(() => {
      expect(cache.get('mine')).toBe(1);
      expect(cache.size).toBe(1);
      cache.close();
    });
    const codeOfLoading = async (content: Buffer): Promise<string> => {
      await writeFile(file('bad'), content);
      return codeOf(cache.load(file('bad')));
    };

    test('cut short anywhere, or with something behind', async () => {
      for (const length of [0, 1, 63, 64, 65, 100, bytes.length - 1]) {
        expect(await codeOfLoading(bytes.subarray(0, length))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
        if (length >= 65)
          expect(await codeOfLoading(sealed(bytes.subarray(0, length)))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
      }
      expect(await codeOfLoading(Buffer.concat([bytes, Buffer.alloc(8)]))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
    });

    test('with any bit of the beginning flipped', async () => {
      for (let at = 0; at < 160; at++) {
        const copy = Buffer.from(bytes);
        copy[at] = (copy[at] as number) ^ (1 << (at % 8));
        const code = await codeOfLoading(copy);
        expect(code).toBe(at >= 8 && at < 12 ? 'ERR_EASY11_SNAPSHOT_VERSION' : 'ERR_EASY11_CORRUPT_SNAPSHOT');
      }
    });

    test.each([
      ['a value beyond the file', (copy: Buffer) => copy.writeUInt32LE(0x7fffffff, 64)],
      ['a value of 4 GiB', (copy: Buffer) => copy.writeUInt32LE(0xffffffff, 64)],
      ['a longer key', (copy: Buffer) => copy.writeUInt16LE(65_535, 68)],
      ['an unknown kind', (copy: Buffer) => copy.writeUInt8(7, 70)],
      ['unknown flags', (copy: Buffer) => copy.writeUInt8(0x10, 70)],
      ['an unknown queue', (copy: Buffer) => copy.writeUInt8(0x20, 71)],
      ['a time that is none', (copy: Buffer) => copy.writeDoubleLE(NaN, 72)],
      ['tags beyond the file', (copy: Buffer) => copy.writeUInt32LE(0xffffffff, 80)],
      ['something where zeros belong', (copy: Buffer) => copy.writeUInt8(1, 84)],
      ['a wide key that is not', (copy: Buffer) => copy.writeUInt8(0x08, 70)],
      ['another number of records', (copy: Buffer) => copy.writeUInt8(3, 16)],
    ])('forged with right checksums: %s', async (_, change) => {
      const copy = Buffer.from(bytes);
      change(copy);
      expect(await codeOfLoading(sealed(copy))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
    });

    test('absent, or no file', async () => {
      expect(await codeOf(cache.load(file('absent')))).toBe('ERR_EASY11_IO');
      expect(await codeOf(cache.load(folder))).toBe('ERR_EASY11_IO');
      expect(await codeOf(cache.dump(file('absent/dump')))).toBe('ERR_EASY11_IO');
    });

    test('aborted', async () => {
      expect(await codeOf(cache.load(file('good'), { signal: AbortSignal.abort() }))).toBe('ERR_EASY11_ABORTED');
      expect(await codeOf(cache.dump(file('never'), { signal: AbortSignal.abort() }))).toBe('ERR_EASY11_ABORTED');
      expect(await readdir(folder)).not.toContain('never');
    });
  });
});
