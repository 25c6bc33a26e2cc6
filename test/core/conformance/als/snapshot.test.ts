import { truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { AlsModel } from '../../../../src/core';
import { codeOf, makeInteractions } from '../../../support/interactions';
import { Random } from '../../../support/random';

let folder: string;
let saved: Buffer;
const data = makeInteractions(3, { users: 80, items: 60, weights: true });
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'easy11-als-'));
  using model = await AlsModel.fit([...data, { user: 'émile ☕', item: 'thé' }], { factors: 12, iterations: 4 });
  await model.save(file('model'));
  saved = await readFile(file('model'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** The file with its checksums made right again, as a careful forger would. */
function sealed(bytes: Buffer): Buffer {
  const ofPiece = Buffer.alloc(4);
  ofPiece.writeUInt32LE(crc32(bytes.subarray(64)));
  bytes.writeUInt32LE(crc32(ofPiece), 32);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

describe('a saved model', () => {
  test('answers as before, to the bit, and saves to the same bytes', async () => {
    using before = await AlsModel.fit([...data, { user: 'émile ☕', item: 'thé' }], { factors: 12, iterations: 4 });
    using after = await AlsModel.load(file('model'));
    expect(after.stats()).toMatchObject({
      users: 81,
      items: before.stats().items,
      parameters: before.stats().parameters,
    });
    for (const user of ['u0', 'u9', 'émile ☕']) {
      expect(after.recommend(user)).toEqual(before.recommend(user));
      expect(after.userVector(user)).toEqual(before.userVector(user));
    }
    const history = [{ item: 'i3', weight: 2 }, 'i5'];
    expect(after.recommend(history)).toEqual(before.recommend(history));
    expect(after.explain('u1', 'i7')).toEqual(before.explain('u1', 'i7'));
    await after.save(file('again'));
    expect((await readFile(file('again'))).equals(saved)).toBe(true);
    expect((await readdir(folder)).filter((name) => name.includes('tmp'))).toEqual([]);
  });

  test('takes no longer id for one of the longest that it has', async () => {
    const longest = '€'.repeat(1_024);
    using before = await AlsModel.fit([...data, { user: longest, item: 'i1' }], { factors: 4, iterations: 1 });
    await before.save(file('longest'));
    using after = await AlsModel.load(file('longest'));
    for (const model of [before, after]) {
      expect((await model.evaluate([{ user: longest, item: 'i2' }])).users).toBe(1);
      const longer = model.evaluate([{ user: `${longest}€`, item: 'i2' }]);
      await expect(longer).rejects.toMatchObject({ code: 'ERR_EASY11_INVALID_ID' });
    }
  });

  test('keeps users and items that came after training, and takes more', async () => {
    using model = await AlsModel.load(file('model'));
    await model.updateUser('late', ['i1', 'i2', 'thé']);
    await model.updateItem('late item', ['u1', 'u7', 'u13']);
    await model.save(file('late'));
    using loaded = await AlsModel.load(file('late'));
    expect(loaded.recommend('late', { limit: 30 })).toEqual(model.recommend('late', { limit: 30 }));
    expect(loaded.stats().entries).toBe(model.stats().entries);
    expect(loaded.recommend('u1', { limit: 100 }).map(({ item }) => item)).toContain('late item');
    await loaded.updateUser('later', ['late item']);
    expect(loaded.recommend('later', { limit: 3 })).toHaveLength(3);
  });

  test('that is cut short, or longer, is refused', async () => {
    for (const length of [0, 1, 8, 63, 64, 65, 500, saved.length - 1]) {
      await writeFile(file('short'), saved.subarray(0, length));
      expect([length, await codeOf(AlsModel.load(file('short')))]).toEqual([length, 'ERR_EASY11_CORRUPT_SNAPSHOT']);
    }
    await writeFile(file('long'), Buffer.concat([saved, Buffer.alloc(64)]));
    expect(await codeOf(AlsModel.load(file('long')))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
  });

  test('with any bit changed is refused', async () => {
    const random = new Random(8);
    for (let i = 0; i < 120; i++) {
      const at = i < 64 ? i : random.below(saved.length);
      const bytes = Buffer.from(saved);
      bytes[at] = bytes[at]! ^ (1 << random.below(8));
      await writeFile(file('changed'), bytes);
      expect([at, await codeOf(AlsModel.load(file('changed')))]).toEqual([
        at,
        expect.stringMatching(/CORRUPT_SNAPSHOT|SNAPSHOT_VERSION/),
      ]);
    }
  });

  test('of a forger who keeps the checksums right is refused, or answers without harm', async () => {
    const random = new Random(9);
    for (let i = 0; i < 150; i++) {
      const bytes = Buffer.from(saved);
      for (let edits = 1 + random.below(3); edits > 0; edits--)
        bytes[64 + random.below(bytes.length - 64)] = random.below(256);
      await writeFile(file('forged'), sealed(bytes));
      try {
        using model = await AlsModel.load(file('forged'));
        model.recommend(['i1', 'i2'], { limit: 50 });
        await model.similarItems('i2', { limit: 3 });
      } catch (error) {
        expect((error as { code: string }).code).toMatch(/CORRUPT_SNAPSHOT|UNKNOWN_ID/);
      }
    }
  });

  test('that is refused is no longer read: it can be written over at once', async () => {
    const bytes = Buffer.from(saved);
    bytes[bytes.indexOf('u0')] = 0xff; // not UTF-8: the ids are refused while the rest may still wait to be read
    const wrong = sealed(bytes);
    for (let i = 0; i < 200; i++) {
      writeFileSync(file('wrong'), wrong);
      expect(await codeOf(AlsModel.load(file('wrong')))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
      truncateSync(file('wrong')); // ends the process if a thread still reads it
    }
  });

  test('of another version says so; foreign and missing files do not pass for one', async () => {
    const other = Buffer.from(saved);
    other.writeUInt32LE(1, 8);
    await writeFile(file('version'), sealed(other));
    expect(await codeOf(AlsModel.load(file('version')))).toBe('ERR_EASY11_SNAPSHOT_VERSION');
    await writeFile(file('foreign'), 'SQLite format 3'.repeat(100));
    expect(await codeOf(AlsModel.load(file('foreign')))).toBe('ERR_EASY11_CORRUPT_SNAPSHOT');
    await expect(AlsModel.load(file('missing'))).rejects.toMatchObject({
      code: 'ERR_EASY11_IO',
      cause: { code: 'ENOENT' },
    });
    expect(await codeOf(AlsModel.load(folder))).toBe('ERR_EASY11_IO');
    using model = await AlsModel.load(file('model'));
    expect(await codeOf(model.save(path.join(folder, 'no', 'where')))).toBe('ERR_EASY11_IO');
    const signal = AbortSignal.abort();
    expect(await codeOf(AlsModel.load(file('model'), { signal }))).toBe('ERR_EASY11_ABORTED');
    expect(await codeOf(model.save(file('never'), { signal }))).toBe('ERR_EASY11_ABORTED');
  });
});
