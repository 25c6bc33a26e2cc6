import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { backend, Autocomplete } from '../../src/core';

/** One index, and builds, in real worker threads. Only the native backend shares across them. */
const whenNative = backend().backend === 'native' ? describe : describe.skip;
const root = path.resolve(__dirname, '../..');

/** What a worker finds at hand: the addon itself, so that a hundred workers need not compile the library. */
const prelude = `const addon = require(${JSON.stringify(backend().path)});
  const { parentPort, workerData } = require('node:worker_threads');
  const buffer = new ArrayBuffer(4 * 3001);
  const arrays = [new Uint32Array(buffer, 0, 1000), new Uint32Array(buffer, 4000, 1000), new Uint32Array(buffer, 8000, 1001)];`;

const start = (body: string, workerData?: unknown): Worker => new Worker(prelude + body, { eval: true, workerData });
const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));

whenNative('worker threads', () => {
  test('come and go a hundred times, half of them cut off, and every change of theirs stays', async () => {
    using index = new Autocomplete();
    index.set({ id: 'first', text: 'first visitor', weight: 0 });
    const body = `const engine = addon.attachAutocomplete(workerData.token, ...arrays);
      engine.set('w' + workerData.i, 'visitor number ' + workerData.i, null, workerData.i, NaN, false, '');
      parentPort.postMessage(engine.search('visitor', 1000, 0));`;
    const token = index.share().autocomplete;
    for (let i = 1; i <= 100; i++) {
      const worker = start(body, { token, i });
      const exit = new Promise((resolve) => worker.once('exit', resolve));
      expect(await message(worker)).toBe(i + 1);
      if (i % 2 === 0) await worker.terminate();
      await exit;
    }
    expect(index.size).toBe(101);
    expect(index.search('visitor', { limit: 2 }).map(({ id }) => id)).toEqual(['w100', 'w99']);
  });

  test('may end amid a build, again and again', async () => {
    const body = `const engine = addon.createAutocomplete(...arrays);
      for (let i = 0; i < 60000; i++) engine.append('id' + i, 'thing ' + (i * 7919) % 100003, null, i, NaN, true, '');
      engine.build(() => undefined);
      parentPort.postMessage('building');`;
    for (let i = 0; i < 12; i++) {
      const worker = start(body);
      expect(await message(worker)).toBe('building');
      await new Promise((resolve) => setTimeout(resolve, i * 4));
      expect((await worker.terminate()) ?? 0).toBeLessThanOrEqual(1); // undefined: it had ended by itself
    }
  });
});

test.each([
  // Told of the indexing, which is under way then; a build that ends or fails before gives another code.
  [
    'a build',
    `Autocomplete.build(entries(), { onProgress: ({ phase }) => phase === 'indexing' && process.exit(7) }).finally(end);`,
  ],
  [
    'a save',
    `Autocomplete.build(entries()).then((index) => { index.save(file).finally(end); process.exit(7); }, end);`,
  ],
])('a process ends amid %s with the code it was given', (_what, program) => {
  const script = `require('tsx/cjs'); const { Autocomplete } = require('./src/core/index.ts');
    const file = require('node:path').join(require('node:os').tmpdir(), 'easy11-unfinished-index');
    const end = () => process.exit(1);
    function* entries() { for (let i = 0; i < 60000; i++) yield { id: 'i' + i, text: 'thing ' + (i * 7919) % 100003, weight: i }; }
    ${program}`;
  const { status, signal } = spawnSync(process.execPath, ['-e', script], { cwd: root });
  expect({ status, signal }).toEqual({ status: 7, signal: null });
});
