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
