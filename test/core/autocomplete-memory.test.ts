import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { backend } from '../../src/core';

/** What V8 is told of the memory outside its heap: each report of growth may set it marking the caller's own objects. */
const whenNative = backend().backend === 'native' ? describe : describe.skip;

/** Builds an index of 120 MB in a quiet process; prints when V8 began a major collection, and when the reading ended. */
const script = `
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
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(JSON.stringify({ backend: index.backend, bytes: index.stats().bytes, read, collections }));
    index.close();
  })();`;

whenNative('a native build', () => {
  test('tells V8 of its memory when it is done, and gives it no cause to collect while entries are read', () => {
    const child = spawnSync(process.execPath, ['--expose-gc', '-r', 'tsx/cjs', '-e', script], {
      cwd: path.resolve(__dirname, '../..'),
      encoding: 'utf8',
    });
    expect(child.stderr).toBe('');
    const { read, collections, bytes } = JSON.parse(child.stdout) as {
      bytes: number;
      read: number;
      collections: number[];
    };
    expect(bytes).toBeGreaterThan(100_000_000);
    expect(collections.filter((began) => began < read)).toEqual([]);
    expect(collections.length).toBeGreaterThan(0);
  }, 180_000);
});
