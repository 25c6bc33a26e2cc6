import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { Autocomplete, RangeIndex } from '../../../../src/core';
import { makeRows, makeWhere, schema } from '../../../support/range-model';
import { Random } from '../../../support/random';

describe('a snapshot of a RangeIndex', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'easy11-range-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  const at = (name: string): string => path.join(folder, name);

  test('loads as what it was, schema and names included, and saves as the same bytes', async () => {
    const random = new Random(4);
    using index = await RangeIndex.build(schema, makeRows(random, 2_000));
    await index.save(at('a'));
    using loaded = await RangeIndex.load(at('a'));
    for (let i = 0; i < 100; i++) {
      const where = makeWhere(random);
      const ask = (one: RangeIndex): unknown => [
        one.page({ where, by: 'rating', facets: ['brand', 'visible'] }),
        one.list({ by: 'popularity', where, order: 'desc' }),
      ];
      expect(ask(loaded)).toEqual(ask(index));
    }
    expect(loaded.facetValues('brand')).toEqual(index.facetValues('brand'));
    await loaded.save(at('b'));
    expect((await readFile(at('a'))).equals(await readFile(at('b')))).toBe(true);
    loaded.set(1, { category: 'new' });
    expect(loaded.count({ category: 'new' })).toBe(1);
  });

  test('of no rows', async () => {
    using index = new RangeIndex(schema);
    await index.save(at('empty'));
    using loaded = await RangeIndex.load(at('empty'));
    expect([loaded.size, loaded.count()]).toEqual([0, 0]);
  });

  test('is refused when cut short, changed in any bit, or foreign', async () => {
    using index = await RangeIndex.build(schema, makeRows(new Random(5), 12));
    await index.save(at('bits'));
    const bytes = await readFile(at('bits'));
    const codeOf = async (changed: Buffer): Promise<string> => {
      await writeFile(at('changed'), changed);
      return RangeIndex.load(at('changed')).then(
        () => 'loaded',
        ({ code }: { code: string }) => code,
      );
    };
    const random = new Random(6);
    for (let i = 0; i < 150; i++) {
      expect(await codeOf(bytes.subarray(0, random.below(bytes.length)))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
      const changed = Buffer.from(bytes);
      const bit = i < 64 ? i * 8 : random.below(bytes.length * 8);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const version = bit >> 5 === 2;
      expect(await codeOf(changed)).toBe(`ERR_EASY11_${version ? 'SNAPSHOT_VERSION' : 'CORRUPT_SNAPSHOT'}`);
    }
    expect(await codeOf(Buffer.concat([bytes, Buffer.alloc(8)]))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
    using other = new Autocomplete();
    await other.save(at('foreign'));
    await expect(RangeIndex.load(at('foreign'))).rejects.toMatchObject({ code: 'ERR_EASY11_CORRUPT_SNAPSHOT' });
    await expect(RangeIndex.load(at('nowhere'))).rejects.toMatchObject({ code: 'ERR_EASY11_IO' });
    await expect(RangeIndex.load(folder)).rejects.toMatchObject({ code: 'ERR_EASY11_IO' });
  });

  test('that is sealed but senseless is refused or safe', async () => {
    using index = await RangeIndex.build(schema, makeRows(new Random(5), 40));
    await index.save(at('sealed'));
    const bytes = await readFile(at('sealed'));
    const random = new Random(7);
    let accepted = 0;
    for (let i = 0; i < 400; i++) {
      const changed = Buffer.from(bytes);
      for (let n = 0; n <= random.below(3); n++) {
        changed[random.chance(0.1) ? 16 + random.below(8) : 64 + random.below(bytes.length - 64)] = random.below(256);
      }
      changed.writeUInt32LE(crc32(changed.subarray(64)), 32);
      changed.writeUInt32LE(crc32(changed.subarray(0, 60)), 60);
      await writeFile(at('senseless'), changed);
      try {
        using loaded = await RangeIndex.load(at('senseless'));
        accepted++;
        expect(loaded.page({ where: makeWhere(random) }).rows).toBeGreaterThanOrEqual(0);
      } catch (error) {
        // Changed names are fine as far as the file goes, but then unknown to the conditions.
        expect(['ERR_EASY11_CORRUPT_SNAPSHOT', 'ERR_EASY11_UNKNOWN_ATTRIBUTE']).toContain(
          (error as { code: string }).code,
        );
      }
    }
    expect(accepted).toBeGreaterThan(0);
  });

  test('that cannot be written leaves no file behind', async () => {
    using index = await RangeIndex.build(schema, makeRows(new Random(5), 40));
    await expect(index.save(path.join(folder, 'no', 'where'))).rejects.toMatchObject({ code: 'ERR_EASY11_IO' });
    const before = await readdir(folder);
    await expect(index.save(at('aborted'), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await readdir(folder)).toEqual(before);
  });
});
