import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Autocomplete, Entry, SearchOptions } from '../../src/core';
import { coreOf, nativeIfBuilt } from '../support/backends';
import { makeCatalogue, makeEntry, makeFilter, makeQuery, misspell } from '../support/catalogue';
import { Random } from '../support/random';

const native = nativeIfBuilt();
const fallback = coreOf('fallback');
const whenBuilt = native === undefined ? describe.skip : describe;

whenBuilt('native and fallback are one product (skipped where the addon is not built)', () => {
  const random = new Random(47);
  const { entries, vocabulary } = makeCatalogue(random, { entries: 3_000, words: 600, special: 0.08 });
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'easy11-differential-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  function compare(one: Autocomplete, other: Autocomplete, queries: number, live: readonly Entry[]): void {
    for (let i = 0; i < queries; i++) {
      const typed = makeQuery(random, live, vocabulary);
      const query = i % 3 === 0 ? misspell(random, typed) : typed;
      if (!/[\p{L}\p{N}]/u.test(query)) continue;
      const options: SearchOptions = {
        limit: random.pick([1, 10, 10, 100]),
        fuzzy: random.chance(0.5),
        match: random.pick(['words', 'words', 'words', 'prefix']),
        ...(random.chance(0.4) ? { filter: makeFilter(random) } : {}),
      };
      expect({ query, options, hits: one.search(query, options) }).toEqual({
        query,
        options,
        hits: other.search(query, options),
      });
    }
  }

  test('they run where they should', () => {
    using one = new native!.Autocomplete();
    using other = new fallback.Autocomplete();
    expect([one.backend, other.backend]).toEqual(['native', 'fallback']);
  });

  test('they answer alike through 3,000 searches among 3,000 random updates', async () => {
    using one = await native!.Autocomplete.build(entries);
    using other = await fallback.Autocomplete.build(entries);
    const live = [...entries];
    for (let round = 0; round < 60; round++) {
      for (let i = 0; i < 50; i++) {
        const entry = makeEntry(random, vocabulary, random.below(4_000), 0.08);
        const choice = random.below(4);
        if (choice === 0) expect(one.delete(entry.id)).toBe(other.delete(entry.id));
        else if (choice === 1)
          expect(one.setWeight(entry.id, entry.weight)).toBe(other.setWeight(entry.id, entry.weight));
        else {
          expect(one.set(entry)).toBe(other.set(entry));
          live.push(entry);
        }
      }
      compare(one, other, 50, live);
    }
    expect(one.size).toBe(other.size);
    for (const { id } of live) expect(one.get(id)).toEqual(other.get(id));
  });

  test('a snapshot of either is the same bytes, and loads in the other', async () => {
    using one = await native!.Autocomplete.build(entries);
    using other = await fallback.Autocomplete.build(entries);
    const files = { native: path.join(folder, 'native'), fallback: path.join(folder, 'fallback') };
    await one.save(files.native);
    await other.save(files.fallback);
    expect((await readFile(files.native)).equals(await readFile(files.fallback))).toBe(true);
    using crossed = await fallback.Autocomplete.load(files.native);
    using crossedToo = await native!.Autocomplete.load(files.fallback);
    compare(crossed, crossedToo, 500, entries);
    compare(one, crossed, 500, entries);
  });

  test('they refuse alike', () => {
    using one = new native!.Autocomplete();
    using other = new fallback.Autocomplete();
    const codeOf = (index: Autocomplete, query: string): unknown => {
      try {
        return index.search(query).length;
      } catch (error) {
        return (error as { code: unknown }).code;
      }
    };
    for (const query of ['', '-', '\u0001', '*', 'a*', '\ud800', 'é', '’', '\u007f', "'", 'a\u0000b', '_']) {
      expect([query, codeOf(one, query)]).toEqual([query, codeOf(other, query)]);
    }
  });
});
