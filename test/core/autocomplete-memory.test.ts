import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Autocomplete, backend } from '../../src/core';
import { eventually } from '../support/eventually';

/** What V8 is told of the memory outside its heap: each report of growth may set it marking the caller's own objects. */
const whenNative = backend().backend === 'native' ? describe : describe.skip;

/**
 * Builds an index of 120 MB in a quiet process, saves it and opens it in place; prints when V8 began a major collection, when
 * the reading ended and when the opening began.
 */
const script = `
  const { mkdtempSync, rmSync } = require('node:fs');
  const { PerformanceObserver } = require('node:perf_hooks');
  const { Autocomplete } = require('./src/core');
  const MINOR = 1;
  const text = 'x'.repeat(4_000);
  function* entries() {
    for (let i = 0; i < 30_000; i++) yield { id: String(i), text, weight: i };
  }
  (async () => {
    (await Autocomplete.build([])).close();
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const began = performance.now();
    const collections = [];
    new PerformanceObserver((list) => {
      for (const { startTime, detail } of list.getEntries())
        if (detail.kind !== MINOR && startTime > began) collections.push(startTime);
    }).observe({ entryTypes: ['gc'] });
    let read = 0;
    const index = await Autocomplete.build(entries(), {
      onProgress: ({ phase }) => { if (phase === 'reading') read = performance.now(); },
    });
    // A collection is told of when it has ended, which takes its time on a busy machine.
    for (const end = performance.now() + 60_000; collections.length === 0 && performance.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const { bytes } = index.stats();
    const folder = mkdtempSync(require('node:path').join(require('node:os').tmpdir(), 'easy11-memory-'));
    await index.save(folder + '/snapshot', { index: true });
    index.close();
    gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const opening = performance.now();
    const opened = await Autocomplete.open(folder + '/snapshot');
    await opened.verify();
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(JSON.stringify({ bytes, opened: opened.stats().bytes, read, opening, collections }));
    opened.close();
    rmSync(folder, { recursive: true });
  })();`;

whenNative('a native build', () => {
  test('tells V8 of its memory when it is done, and gives it no cause to collect while entries are read; a mapped file never does', () => {
    // V8's own reducer of memory, which collects some seconds after a collection, is no answer to what it was told.
    const flags = ['--expose-gc', '--no-memory-reducer'];
    const child = spawnSync(process.execPath, [...flags, '-r', 'tsx/cjs', '-e', script], {
      cwd: path.resolve(__dirname, '../..'),
      encoding: 'utf8',
    });
    expect(child.stderr).toBe('');
    const { read, opening, collections, bytes, opened } = JSON.parse(child.stdout) as {
      bytes: number;
      opened: number;
      read: number;
      opening: number;
      collections: number[];
    };
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(collections.filter((began) => began < read)).toEqual([]);
    expect(collections.filter((began) => began >= read && began < opening).length).toBeGreaterThan(0);
    expect(opened).toBeGreaterThan(100_000_000);
    expect(collections.filter((began) => began >= opening)).toEqual([]);
  }, 180_000);

  test('needs no table of where its entries are for those that were never changed', async () => {
    const count = 200_000;
    const entryOf = (i: number, weight: number) => ({ id: String(i), text: 'a', weight });
    using index = await Autocomplete.build(
      (function* () {
        for (let i = 0; i < count; i++) yield entryOf(i, -i);
      })(),
    );
    const built = index.stats().bytes;
    // Segments are frozen and merged meanwhile, and every update follows up where 256 entries went.
    for (let i = 0; i < 6_000; i++) {
      index.set(entryOf(i % 1_000, i / 1_000));
      if (i % 500 === 499) await sleep(20);
    }
    expect(index.searchIds('a', { limit: 1 })).toEqual(['999']);
    // The last of them are merged in their own time.
    await eventually(60_000, () => Promise.resolve(index.stats().bytes - built < 2 * count));
  });
});
