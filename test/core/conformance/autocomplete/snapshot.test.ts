import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { Autocomplete, Easy11Error, type Entry } from '../../../../src/core';
import { BruteForce } from '../../../support/brute-force';
import { makeCatalogue, makeFilter, makeQuery, misspell } from '../../../support/catalogue';
import { Random } from '../../../support/random';

let folder: string;
const file = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'easy11-snapshot-'));
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

/** The documented header with its checksum made right again, as a careful forger would. */
function withHeader(bytes: Buffer, change: (header: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  change(copy.subarray(0, 64));
  copy.writeUInt32LE(crc(copy.subarray(0, 60)), 60);
  return copy;
}

/** zlib.crc32 is younger than the oldest Node that we support. */
function crc(bytes: Uint8Array): number {
  if (typeof crc32 === 'function') return crc32(bytes);
  let sum = -1;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

describe('a snapshot', () => {
  const random = new Random(29);
  const { entries, vocabulary } = makeCatalogue(random, { entries: 1_500, words: 300, special: 0.1 });
  let saved: Buffer;

  beforeAll(async () => {
    using index = await Autocomplete.build(entries);
    await index.save(file('catalogue'));
    saved = await readFile(file('catalogue'));
  });

  test('answers as the index that was saved, and can be changed', async () => {
    using index = await Autocomplete.load(file('catalogue'));
    const oracle = new BruteForce(entries);
    expect(index.size).toBe(entries.length);
    const extra: Entry = { id: 'extra', text: entries[0]!.text, weight: 1e9, price: 4 };
    for (let i = 0; i < 600; i++) {
      if (i === 300) {
        index.set(extra);
        oracle.set(extra);
        expect(index.delete(entries[1]!.id)).toBe(oracle.delete(entries[1]!.id));
      }
      const query = makeQuery(random, entries, vocabulary);
      const options = { fuzzy: i % 3 === 0, ...(i % 2 === 0 ? { filter: makeFilter(random) } : {}) };
      const typed = i % 6 === 0 ? misspell(random, query) : query;
      if (!/[\p{L}\p{N}]/u.test(typed)) continue;
      const hits = index.search(typed, options).map(({ id, slip }) => ({ id, slip }));
      expect({ typed, options, hits }).toEqual({ typed, options, hits: oracle.search(typed, options) });
    }
  });

  test('keeps every field of every entry', async () => {
    using index = await Autocomplete.load(file('catalogue'));
    for (const entry of entries) {
      const { categories = [], inStock = false } = entry;
      expect(index.get(entry.id)).toStrictEqual({ ...entry, categories, inStock });
    }
  });

  test('has the same bytes whatever way the entries came', async () => {
    using index = new Autocomplete();
    for (const entry of entries.toReversed()) index.set({ ...entry, weight: 3, text: 'another' });
    for (const entry of entries) index.set(entry);
    index.set({ id: 'gone', text: 'gone', weight: 1 });
    index.delete('gone');
    await index.save(file('again'));
    expect((await readFile(file('again'))).equals(saved)).toBe(true);
    using loaded = await Autocomplete.load(file('again'));
    await loaded.save(file('and again'));
    expect((await readFile(file('and again'))).equals(saved)).toBe(true);
  });

  test('has the documented header', () => {
    expect(saved.toString('latin1', 0, 8)).toBe('E11AUTOC');
    expect(saved.readUInt32LE(8)).toBe(1);
    expect(saved.readUInt32LE(12)).toBe(64);
    expect(saved.readUInt32LE(16)).toBe(entries.length);
    expect(Number(saved.readBigUInt64LE(24))).toBe(saved.length - 64);
    expect(saved.readUInt32LE(32)).toBe(crc(saved.subarray(64)));
    expect(saved.readUInt32LE(60)).toBe(crc(saved.subarray(0, 60)));
  });

  test('of an empty index loads as one', async () => {
    using empty = new Autocomplete();
    await empty.save(file('empty'));
    using index = await Autocomplete.load(file('empty'));
    expect(index.size).toBe(0);
    expect(index.search('a')).toEqual([]);
  });

  test('replaces an older one and leaves no other file behind', async () => {
    using index = new Autocomplete();
    index.set({ id: 'one', text: 'Red Mug', weight: 1 });
    await writeFile(file('older'), 'something else');
    await index.save(file('older'));
    using loaded = await Autocomplete.load(file('older'));
    expect(loaded.searchIds('red')).toEqual(['one']);
    expect((await readdir(folder)).filter((name) => name.includes('older'))).toEqual(['older']);
  });

  test('that is cut short is refused at any length', async () => {
    const lengths = [0, 1, 7, 8, 63, 64, 65, 1_000, saved.length - 9, saved.length - 1];
    for (const length of lengths) {
      await writeFile(file('short'), saved.subarray(0, length));
      expect([length, await codeOf(Autocomplete.load(file('short')))]).toEqual([length, 'ERR_EASY11_CORRUPT_SNAPSHOT']);
    }
    await writeFile(file('long'), Buffer.concat([saved, Buffer.alloc(8)]));
    expect(await codeOf(Autocomplete.load(file('long')))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
  });

  test('with any byte changed is refused', async () => {
    for (let i = 0; i < 150; i++) {
      const at = i < 64 ? i : random.below(saved.length);
      const bytes = Buffer.from(saved);
      bytes[at] = bytes[at]! ^ (1 << random.below(8));
      await writeFile(file('changed'), bytes);
      expect([at, await codeOf(Autocomplete.load(file('changed')))]).toEqual([
        at,
        expect.stringMatching(/CORRUPT_SNAPSHOT|SNAPSHOT_VERSION/),
      ]);
    }
  });

  test('of a forger who keeps the checksums right is refused, or loads as something sound', async () => {
    for (let i = 0; i < 300; i++) {
      const bytes = Buffer.from(saved);
      for (let edits = 1 + random.below(3); edits > 0; edits--) {
        const at = 64 + random.below(bytes.length - 64);
        bytes[at] = random.below(256);
      }
      const forged = withHeader(bytes, (header) => header.writeUInt32LE(crc(bytes.subarray(64)), 32));
      await writeFile(file('forged'), forged);
      try {
        using index = await Autocomplete.load(file('forged'));
        expect(index.search('b', { limit: 50 }).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_EASY11_CORRUPT_SNAPSHOT' });
      }
    }
  });

  test('of another version says so; a foreign file does not pass for one', async () => {
    await writeFile(
      file('version'),
      withHeader(saved, (header) => header.writeUInt32LE(2, 8)),
    );
    expect(await codeOf(Autocomplete.load(file('version')))).toBe('ERR_EASY11_SNAPSHOT_VERSION');
    await writeFile(
      file('foreign'),
      withHeader(saved, (header) => header.write('SQLite f', 'latin1')),
    );
    expect(await codeOf(Autocomplete.load(file('foreign')))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
    await writeFile(
      file('count'),
      withHeader(saved, (header) => header.writeUInt32LE(0xffffffff, 16)),
    );
    expect(await codeOf(Autocomplete.load(file('count')))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
  });

  test('that is not there, or has no place, is an input or output error with its cause', async () => {
    const missing = Autocomplete.load(file('missing'));
    await expect(missing).rejects.toMatchObject({ code: 'ERR_EASY11_IO', cause: { code: 'ENOENT' } });
    using index = new Autocomplete();
    const nowhere = index.save(path.join(folder, 'no', 'such', 'folder'));
    await expect(nowhere).rejects.toMatchObject({ code: 'ERR_EASY11_IO', cause: { code: 'ENOENT' } });
    expect(await codeOf(Autocomplete.load(folder))).toBe('ERR_EASY11_IO');
    if (process.platform === 'linux') expect(await codeOf(Autocomplete.load('/dev/null'))).toBe('ERR_EASY11_IO');
  });

  test('is aborted by its signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const loading = Autocomplete.load(file('catalogue'), { signal });
    await expect(loading).rejects.toMatchObject({ name: 'AbortError', code: 'ERR_EASY11_ABORTED' });
    using index = await Autocomplete.load(file('catalogue'));
    await expect(index.save(file('never'), { signal })).rejects.toMatchObject({ code: 'ERR_EASY11_ABORTED' });
    expect((await readdir(folder)).filter((name) => name.includes('never'))).toEqual([]);
    expect(index.size).toBe(entries.length);
  });
});
