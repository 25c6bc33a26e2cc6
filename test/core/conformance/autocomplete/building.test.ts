import { setImmediate as nextTurn } from 'node:timers/promises';
import { Autocomplete, Easy11Error, type Entry, type Progress } from '../../../../src/core';
import { makeCatalogue } from '../../../support/catalogue';
import { Random } from '../../../support/random';

const { entries } = makeCatalogue(new Random(23), { entries: 20_000, words: 3_000, special: 0.02 });

async function rejectionOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'fulfilled',
    (reason: unknown) => reason,
  );
}

describe('Autocomplete.build', () => {
  test('takes arrays, iterables and asynchronous iterables', async () => {
    async function* stream(): AsyncGenerator<Entry> {
      for (const entry of entries.slice(0, 500)) {
        if (entry.id.endsWith('7')) await nextTurn();
        yield entry;
      }
    }
    const some = entries.slice(0, 500);
    using fromArray = await Autocomplete.build(some);
    using fromSet = await Autocomplete.build(new Set(some));
    using fromStream = await Autocomplete.build(stream());
    for (const index of [fromArray, fromSet, fromStream]) {
      expect(index.size).toBe(500);
      expect(index.searchIds('b', { limit: 100 })).toEqual(fromArray.searchIds('b', { limit: 100 }));
    }
  });

  test('keeps every entry as it was given, whatever stands beside it', async () => {
    const random = new Random(29);
    const lengths = [1, 3, 8, 40, 300];
    const alphabets = ['ab cd', 'ab-c', "o'b ", 'äß é', '\x7f`x', '红茶 a', '\0\x02\t b'];
    const string = (alphabet: string, length: number): string =>
      Array.from({ length }, () => alphabet[random.below(alphabet.length)]).join('');
    const some = Array.from({ length: 700 }, (_, i): Entry => {
      const plain = random.below(3) > 0;
      const text = string(plain ? 'ab cd' : random.pick(alphabets), i % 50 === 0 ? 9_000 : random.pick(lengths));
      return {
        id: `${i}${string(plain ? 'xy-' : random.pick(alphabets), i % 90 === 0 ? 1_000 : random.below(9))}`,
        text: i % 70 === 0 ? '' : text,
        weight: random.pick([0, -0, 1, -2.5, 2 ** 53, random.below(50)]),
        categories: Array.from({ length: random.below(4) }, (_, c) => (i % 60 === 0 ? 'k'.repeat(1_000) : `c${c}`)),
        inStock: random.below(2) === 1,
        ...(random.below(2) === 0 && { price: random.pick([0, -0, 9.99, -(2 ** 53)]) }),
      };
    });
    using built = await Autocomplete.build(some);
    using fromSet = await Autocomplete.build(new Set(some));
    using changed = new Autocomplete();
    for (const entry of some) changed.set(entry);
    for (const entry of some) {
      const expected = {
        ...entry,
        weight: entry.weight + 0,
        ...('price' in entry && { price: (entry.price ?? 0) + 0 }),
      };
      expect(built.get(entry.id)).toEqual(expected);
      expect(fromSet.get(entry.id)).toEqual(expected);
    }
    for (const query of ['a', 'b', 'ab', 'ac', 'é', '茶', 'a b']) {
      expect(built.searchIds(query, { limit: 1_000 })).toEqual(changed.searchIds(query, { limit: 1_000 }));
      expect(fromSet.searchIds(query, { limit: 1_000 })).toEqual(changed.searchIds(query, { limit: 1_000 }));
    }
  });

  test('refuses the first entry that is not acceptable, and says which it was', async () => {
    const some = (...odd: [at: number, Partial<Entry>][]): Entry[] => {
      const all = entries.slice(0, 100).map((entry, i) => ({ ...entry, id: `id${i}`, text: `plain ${i}` }));
      for (const [at, change] of odd) all[at] = { ...(all[at] as Entry), ...change } as (typeof all)[number];
      return all;
    };
    function* failing(source: Entry[]): Generator<Entry> {
      yield* source;
      throw new RangeError('the database went away');
    }
    const twice = { id: 'id2' };
    const wrong = { weight: Infinity };
    for (const [source, code, entry] of [
      [some([5, twice], [7, wrong]), 'ERR_EASY11_DUPLICATE_ID', 5],
      [some([3, wrong], [5, twice]), 'ERR_EASY11_INVALID_WEIGHT', 3],
      [some([70, twice], [69, { text: 'a-b' }]), 'ERR_EASY11_DUPLICATE_ID', 70],
      [some([71, { ...twice, text: 'ä' }]), 'ERR_EASY11_DUPLICATE_ID', 71],
      [some([99, twice]), 'ERR_EASY11_DUPLICATE_ID', 99],
      [failing(some([98, twice])), 'ERR_EASY11_DUPLICATE_ID', 98],
      [some([40, { id: 'a\x01' }]), 'ERR_EASY11_INVALID_ID', 40],
      [some([41, { categories: [''] }], [42, twice]), 'ERR_EASY11_INVALID_CATEGORY', 41],
      [some([33, { price: NaN }]), 'ERR_EASY11_INVALID_PRICE', 33],
    ] as const) {
      const error = await rejectionOf(Autocomplete.build(source));
      expect(error).toMatchObject({ code, message: expect.stringContaining(`Entry ${entry}`) as string });
    }
  });

  test('builds an empty index of nothing, which works', async () => {
    using index = await Autocomplete.build([]);
    expect(index.size).toBe(0);
    expect(index.search('red')).toEqual([]);
    index.set({ id: 'one', text: 'Red Mug', weight: 1 });
    expect(index.searchIds('red')).toEqual(['one']);
    expect(index.stats()).toMatchObject({ backend: index.backend, entries: 1 });
  });

  test('reports progress that only grows, in both phases, to the end', async () => {
    const seen: Progress[] = [];
    using index = await Autocomplete.build(entries, { onProgress: (progress) => seen.push(progress) });
    expect(index.size).toBe(entries.length);
    for (const phase of ['reading', 'indexing'] as const) {
      const done = seen.filter((progress) => progress.phase === phase).map((progress) => progress.done);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(done.at(-1)).toBe(entries.length);
    }
    expect(seen.findLastIndex(({ phase }) => phase === 'reading')).toBeLessThan(
      seen.findIndex(({ phase }) => phase === 'indexing'),
    );
    expect(seen.at(-1)).toEqual({ phase: 'indexing', done: entries.length, total: entries.length });
  });

  test('is aborted before it begins, while it reads and while it indexes', async () => {
    for (const phase of ['none', 'reading', 'indexing'] as const) {
      const controller = new AbortController();
      const reason = new Error(`no longer wanted: ${phase}`);
      let read = 0;
      function* source(): Generator<Entry> {
        for (const entry of entries) {
          if (++read === 5_000 && phase === 'reading') controller.abort(reason);
          yield entry;
        }
      }
      if (phase === 'none') controller.abort(reason);
      const error = await rejectionOf(
        Autocomplete.build(source(), {
          signal: controller.signal,
          onProgress: (progress) => {
            if (progress.phase === phase && phase === 'indexing') controller.abort(reason);
          },
        }),
      );
      expect(error).toBeInstanceOf(Easy11Error);
      expect(error).toMatchObject({ name: 'AbortError', code: 'ERR_EASY11_ABORTED', cause: reason });
      if (phase === 'none') expect(read).toBe(0);
      if (phase === 'reading') expect(read).toBeLessThan(entries.length);
    }
  });

  test('passes on what the source or onProgress throws, and closes the source', async () => {
    let closed = false;
    function* failing(): Generator<Entry> {
      try {
        yield* entries.slice(0, 100);
        throw new RangeError('the database went away');
      } finally {
        closed = true;
      }
    }
    expect(await rejectionOf(Autocomplete.build(failing()))).toEqual(new RangeError('the database went away'));
    expect(closed).toBe(true);
    for (const phase of ['reading', 'indexing']) {
      const onProgress = (progress: Progress): void => {
        if (progress.phase === phase) throw new TypeError(`a bug of the caller while ${phase}`);
      };
      expect(await rejectionOf(Autocomplete.build(entries, { onProgress }))).toEqual(
        new TypeError(`a bug of the caller while ${phase}`),
      );
    }
  });

  test('leaves the event loop alive', async () => {
    const gaps: number[] = [];
    let building = true;
    const turning = (async () => {
      for (let last = performance.now(); building;) {
        await nextTurn();
        const now = performance.now();
        gaps.push(now - last);
        last = now;
      }
    })();
    using index = await Autocomplete.build(entries);
    building = false;
    await turning;
    expect(index.size).toBe(entries.length);
    expect(gaps.length).toBeGreaterThan(20);
    // A slice is a few milliseconds at most; the bound leaves room for other suites on the same cores.
    const ascending = gaps.toSorted((a, b) => a - b);
    expect(ascending[Math.floor(ascending.length * 0.9)]).toBeLessThan(100);
  });

  test('does not disturb another index that is searched meanwhile', async () => {
    using other = await Autocomplete.build(entries.slice(0, 1_000));
    const expected = other.searchIds('b');
    const building = Autocomplete.build(entries);
    for (let i = 0; i < 20; i++) {
      expect(other.searchIds('b')).toEqual(expected);
      await nextTurn();
    }
    using index = await building;
    expect(index.size).toBe(entries.length);
  });
});
