import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { backend, Cache } from '../../src/core';

/** One cache in real worker threads. Only the native backend shares across them. */
const isNative = backend().backend === 'native';
const whenNative = isNative ? describe : describe.skip;
const core = path.resolve(__dirname, '../../src/core/index.ts');

/** Runs `body` in a worker, where `Cache` and `post` are at hand. */
function start(body: string): Worker {
  return new Worker(
    `require('tsx/cjs'); const { Cache } = require(${JSON.stringify(core)});
     const { parentPort } = require('node:worker_threads'); const post = (m) => parentPort.postMessage(m);
     (async () => { ${body} })().catch((error) => post({ failed: String(error) }));`,
    { eval: true },
  );
}

const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));

whenNative('worker threads', () => {
  test('share what one sets, and incr from several loses nothing', async () => {
    using cache = new Cache({ name: 'counted', max: 100 });
    cache.set('from main', { a: 1 });
    const body = `const c = new Cache({ name: 'counted', max: 100 });
      for (let i = 0; i < 20000; i++) c.incr('n'); post(c.get('from main')); c.close();`;
    expect(await Promise.all([1, 2, 3].map(() => message(start(body))))).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
    expect(cache.get('n')).toBe(60_000);
  });

  test('that miss one key run the loader once', async () => {
    using cache = new Cache({ name: 'flown', max: 1_000 });
    const body = `const c = new Cache({ name: 'flown', max: 1000, fetchMethod: async (key) => {
        c.incr('loads'); await new Promise((r) => setTimeout(r, 5)); return { key }; } });
      const all = []; for (let i = 0; i < 50; i++) all.push((await c.fetch('key' + i)).key); post(all.join()); c.close();`;
    const answers = await Promise.all([1, 2, 3].map(() => message(start(body))));
    expect(new Set(answers)).toEqual(new Set([Array.from({ length: 50 }, (_, i) => `key${i}`).join()]));
    expect(cache.get('loads')).toBe(50);
  });

  test('hold large texts of a cache that others change, and end with them', async () => {
    const options = { name: 'texts', max: 60 };
    using cache = new Cache<string>(options);
    const body = `const c = new Cache({ name: 'texts', max: 60 }); const held = []; let wrong = 0;
      for (let i = 0; i < 20000; i++) {
        const key = 'key' + (i * 7) % 200; const text = c.get(key);
        if (text === undefined) c.set(key, (key + ':').repeat(400)); else held.push([key, text]);
        if (held.length > 500) { const [k, t] = held.shift(); if (t !== (k + ':').repeat(400)) wrong++; } }
      post(wrong + held.filter(([k, t]) => t !== (k + ':').repeat(400)).length); setInterval(() => held.length, 1000);`;
    const workers = [1, 2, 3].map(() => start(body));
    expect(await Promise.all(workers.map(message))).toEqual([0, 0, 0]);
    await Promise.all(workers.map((worker) => worker.terminate()));
    cache.set('still', 'x'.repeat(3_000));
    expect(cache.get('still')).toBe('x'.repeat(3_000));
  });

  test('that die while they load leave the others the loading', async () => {
    using cache = new Cache<string>({ name: 'orphaned', max: 10, fetchMethod: () => 'from main' });
    const worker = start(`const c = new Cache({ name: 'orphaned', max: 10, fetchMethod: () => {
      post('loading'); return new Promise(() => setInterval(() => {}, 1000)); } }); await c.fetch('key');`);
    expect(await message(worker)).toBe('loading');
    const value = cache.fetch('key');
    await worker.terminate();
    expect(await value).toBe('from main');
  });

  test('come and go a hundred times', async () => {
    using cache = new Cache({ name: 'visited', max: 1_000 });
    const body = `const addon = require(${JSON.stringify(backend().path)});
      const state = new Uint32Array(new ArrayBuffer(4 * 1032));
      const c = addon.createCache('visited', 0, 1000, 0, 1, 0, 0, false, state, () => {});
      c.increment('visits', 1, 0, undefined); require('node:worker_threads').parentPort.postMessage(1);`;
    for (let i = 0; i < 100; i++) {
      const worker = new Worker(body, { eval: true });
      const exit = new Promise((resolve) => worker.once('exit', resolve));
      await message(worker);
      if (i % 2 === 0) await worker.terminate();
      await exit;
    }
    expect(cache.get('visits')).toBe(100);
  });

  test('a process ends while a dump is written', () => {
    const script = `require('tsx/cjs'); const { Cache } = require(${JSON.stringify(core)});
      const c = new Cache({ max: 100000 }); for (let i = 0; i < 50000; i++) c.set('k' + i, 'x'.repeat(500));
      c.dump(require('node:os').tmpdir() + '/easy11-unfinished').catch(() => {}); process.exit(7);`;
    const { status, signal } = spawnSync(process.execPath, ['-e', script], { cwd: path.resolve(__dirname, '../..') });
    expect({ status, signal }).toEqual({ status: 7, signal: null });
  });
});
