import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Entry, SearchOptions } from '../../../src/core/autocomplete/types';
import { LiveIndex } from '../../../src/core/fallback/autocomplete/live-index';
import { BruteForce } from '../../support/brute-force';
import { makeCatalogue, makeEntry, makeFilter, makeQuery, misspell } from '../../support/catalogue';
import { Random } from '../../support/random';
import { DirectIndex, turns } from './direct-index';

const OK = 0;
const CANCELLED = 3;

function plainEntry(number: number, text: string): Entry {
  return { id: `p${String(number)}`, text, weight: number };
}

describe('the fallback index', () => {
  // Large enough for bitmaps, crowded prefixes, flushes and merges, which small catalogues never reach.
  const random = new Random(5);
  const { entries, vocabulary } = makeCatalogue(random, { entries: 6_000, words: 900, special: 0.03 });
  const common = makeCatalogue(random, { entries: 6_000, words: 25, special: 0 });

  function compare(index: DirectIndex, oracle: BruteForce, queries: number, live: readonly Entry[]): void {
    for (let i = 0; i < queries; i++) {
      const typed = makeQuery(random, live, vocabulary);
      const query = i % 20 === 0 ? misspell(random, typed) : typed;
      if (!/[\p{L}\p{N}]/u.test(query)) continue;
      const options: SearchOptions = {
        limit: random.pick([1, 10, 10, 60]),
        fuzzy: i % 20 === 0,
        match: random.pick(['words', 'words', 'prefix']),
        ...(random.chance(0.4) ? { filter: makeFilter(random) } : {}),
      };
      const expected = oracle.search(query, options);
      expect({ query, options, answers: index.search(query, options) }).toEqual({ query, options, answers: expected });
    }
  }

  test.each([
    { name: 'many words', catalogue: entries },
    { name: 'words that are everywhere', catalogue: common.entries },
  ])('answers like brute force over $name while entries come, change and go', async ({ catalogue }) => {
    const index = new DirectIndex();
    expect(await index.build(catalogue)).toBe(OK);
    const oracle = new BruteForce(catalogue);
    compare(index, oracle, 400, catalogue);
    for (let round = 0; round < 6; round++) {
      for (let i = 0; i < 700; i++) {
        const entry = makeEntry(random, vocabulary, random.below(7_000), 0.03);
        const choice = random.below(4);
        if (choice === 0) expect(index.engine.delete(entry.id)).toBe(oracle.delete(entry.id));
        else if (choice === 1) {
          expect(index.engine.setWeight(entry.id, entry.weight)).toBe(oracle.setWeight(entry.id, entry.weight));
        } else expect(index.set(entry)).toBe(oracle.set(entry));
        if (i % 100 === 0) await turns(3);
      }
      compare(index, oracle, 60, catalogue);
    }
    await turns(1_000);
    compare(index, oracle, 200, catalogue);
    expect(index.engine.stats().entries).toBe(oracle.size);
  });

  test('keeps few segments even when its writer never lets the event loop turn', () => {
    const index = new LiveIndex();
    for (let i = 0; i < 20_000; i++) {
      const entry = plainEntry(i, `red mug number${String(i % 700)}`);
      index.set({ ...entry, analysis: null, price: NaN, inStock: false, categories: '' });
    }
    expect(index.segments.length).toBeLessThan(40);
    expect(index.segments.reduce((sum, { size, deadCount }) => sum + size - deadCount, index.memtable.alive)).toBe(
      20_000,
    );
  });

  test('merges segments when the event loop turns, and loses nothing that changes meanwhile', async () => {
    const index = new LiveIndex();
    const set = (i: number, text: string): boolean =>
      index.set({ ...plainEntry(i, text), analysis: null, price: NaN, inStock: false, categories: '' });
    for (let i = 0; i < 5_000; i++) set(i, `red mug number${String(i)}`);
    for (let i = 0; index.segments.length > 4; i++) {
      index.delete(index.store.slotById.get(`p${String(i)}`) as number);
      set(4_000 + i, `blue mug number${String(i)}`);
      await turns(1);
      expect(i).toBeLessThan(1_000);
    }
    await turns(500);
    const alive = index.living();
    expect(alive).toHaveLength(index.store.slotById.size);
    for (const slot of alive) expect(index.store.slotById.get(index.store.ids[slot] as string)).toBe(slot);
  });

  test('rewrites a segment when a quarter of it is gone', async () => {
    const index = new DirectIndex();
    await index.build(entries);
    const before = index.engine.stats();
    for (const { id } of entries.slice(0, 3_000)) index.engine.delete(id);
    await turns(2_000);
    expect(index.engine.stats().bytes).toBeLessThan(before.bytes * 0.8);
  });

  test('counts the distinct words of living entries', async () => {
    const index = new DirectIndex();
    await index.build([plainEntry(1, 'red mug'), plainEntry(2, 'blue mug')]);
    index.set(plainEntry(3, 'red bowl'));
    expect(index.engine.stats().words).toBe(4);
    index.engine.delete('p2');
    expect(index.engine.stats().words).toBe(3);
    index.engine.delete('p1');
    expect(index.engine.stats()).toMatchObject({ words: 2, entries: 1, pending: 1 });
  });

  test('lets the event loop turn while it builds, and can be told to stop', async () => {
    const index = new DirectIndex();
    for (let copy = 0; copy < 8; copy++)
      for (const entry of entries) index.append({ ...entry, id: `${entry.id}-${copy}` });
    const job = index.engine.build(() => undefined);
    let ended = false;
    const status = job.done.then((value) => {
      ended = true;
      return value;
    });
    let turned = 0;
    for (; !ended; turned++) {
      if (turned === 5) job.cancel();
      await turns(1);
    }
    expect(await status).toBe(CANCELLED);
    expect(turned).toBeGreaterThan(5);
    expect(index.engine.stats()).toMatchObject({ entries: 0, words: 0 });
    expect(index.engine.lookUp(`${entries[0]!.id}-0`)).toBe(-1);
    expect(await index.build(entries)).toBe(OK);
    compare(index, new BruteForce(entries), 50, entries);
  });

  test('saves what was there at the call, whatever changes while it writes', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'easy11-fallback-'));
    try {
      const index = new DirectIndex();
      await index.build(entries);
      const file = path.join(folder, 'snapshot');
      const job = index.engine.save(file, false);
      for (const { id } of entries.slice(0, 1_500)) {
        index.engine.delete(id);
        index.set({ id: `new ${id}`, text: 'something else', weight: 1e7 });
      }
      expect(await job.done).toBe(OK);
      expect(await readdir(folder)).toEqual(['snapshot']);
      const loaded = new DirectIndex();
      expect(await loaded.engine.load(file, () => undefined).done).toBe(OK);
      compare(loaded, new BruteForce(entries), 200, entries);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
