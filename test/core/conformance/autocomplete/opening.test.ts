import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Autocomplete } from '../../../../src/core';
import { BruteForce } from '../../../support/brute-force';
import { makeCatalogue, makeEntry, makeFilter, makeQuery } from '../../../support/catalogue';
import { Random } from '../../../support/random';

const random = new Random(61);
const { entries, vocabulary } = makeCatalogue(random, { entries: 1_500, words: 300, special: 0.1 });
let folder: string;
const file = (name: string): string => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'easy11-open-'));
  using index = await Autocomplete.build(entries);
  await index.save(file('with index'), { index: true });
  await index.save(file('plain'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function compare(index: Autocomplete, oracle: BruteForce): void {
  expect(index.size).toBe(oracle.size);
  for (let i = 0; i < 200; i++) {
    const query = makeQuery(random, entries, vocabulary);
    const options = { fuzzy: i % 3 === 0, ...(i % 2 === 0 ? { filter: makeFilter(random) } : {}) };
    const hits = index.search(query, options).map(({ id, slip }) => ({ id, slip }));
    expect({ query, options, hits }).toEqual({ query, options, hits: oracle.search(query, options) });
  }
}

describe('a snapshot that is opened in place', () => {
  test.each(['with index', 'plain'])('answers at once and can be changed (%s)', async (name) => {
    using index = await Autocomplete.open(file(name));
    const oracle = new BruteForce(entries);
    compare(index, oracle);
    for (const entry of entries.slice(0, 50)) {
      expect(index.get(entry.id)).toMatchObject({ id: entry.id, text: entry.text, weight: entry.weight });
    }
    for (let i = 0; i < 1_000; i++) {
      const entry = makeEntry(random, vocabulary, random.below(2_500), 0.1);
      if (i % 4 === 0) expect(index.delete(entry.id)).toBe(oracle.delete(entry.id));
      else expect(index.set(entry)).toBe(oracle.set(entry));
    }
    compare(index, oracle);
    await index.verify();
  });

  test('leaves the file as it is, loads in the plain way, and is shared like any other', async () => {
    const before = await readFile(file('with index'));
    using index = await Autocomplete.open(file('with index'));
    await index.verify();
    using other = Autocomplete.attach(index.share());
    for (const { id } of entries.slice(0, 700)) expect(other.delete(id)).toBe(true);
    expect(index.size).toBe(entries.length - 700);
    expect((await readFile(file('with index'))).equals(before)).toBe(true);
    using loaded = await Autocomplete.load(file('with index'));
    compare(loaded, new BruteForce(entries));
  });

  test('is refused when it is cut, at opening or at its first use when it is damaged', async () => {
    const bytes = await readFile(file('with index'));
    for (const length of [0, 63, 64, 1_000, bytes.length - 1]) {
      await writeFile(file('short'), bytes.subarray(0, length));
      await expect(Autocomplete.open(file('short'))).rejects.toMatchObject({
        code: expect.stringMatching(/CORRUPT_SNAPSHOT|_IO/) as string,
      });
    }
    for (let i = 0; i < 40; i++) {
      const changed = Buffer.from(bytes);
      const at = bytes.length - 1 - random.below(Math.floor(bytes.length / 3));
      changed[at] = (changed[at] as number) ^ (1 << random.below(8));
      await writeFile(file('changed'), changed);
      const use = async (): Promise<void> => {
        using index = await Autocomplete.open(file('changed'));
        if (i % 2 === 0) await index.verify();
        index.search('b');
      };
      await expect(use()).rejects.toMatchObject({ code: 'ERR_EASY11_CORRUPT_SNAPSHOT' });
    }
  });

  test('that is not there is an input error; verifying any other index resolves', async () => {
    await expect(Autocomplete.open(file('missing'))).rejects.toMatchObject({ code: 'ERR_EASY11_IO' });
    using index = new Autocomplete();
    await index.verify();
    await expect(index.save(file('x'), { index: 'yes' as unknown as boolean })).rejects.toMatchObject({
      code: 'ERR_EASY11_INVALID_OPTION',
    });
  });
});
