import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { encodeSchema } from '../../src/core/range/engine';
import { nativeIfBuilt } from '../support/backends';

const path = nativeIfBuilt()?.backend().path;

/** Runs in the worker: begins a build of 300,000 rows and says so. */
const program = `
  const { parentPort, workerData } = require('node:worker_threads');
  const engine = require(workerData.path).createRangeIndex(workerData.schema, new ArrayBuffer(1 << 19));
  const rows = 300000;
  engine.beginBulk(Uint32Array.from({ length: rows }, (_, i) => i));
  engine.bulkNumbers(0, Float64Array.from({ length: rows }, Math.random));
  engine.build(() => undefined);
  parentPort.postMessage('building');
`;

(path ? describe : describe.skip)('workers (skipped where the addon is not built)', () => {
  test('may end amid a build, again and again', async () => {
    const schema = encodeSchema({ numbers: [2], facets: 0, scores: [], trees: [{ number: 0, aggregates: [] }] });
    for (let i = 0; i < 12; i++) {
      const worker = new Worker(program, { eval: true, workerData: { path, schema } });
      await new Promise((resolve) => worker.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, i * 3));
      expect((await worker.terminate()) ?? 0).toBeLessThanOrEqual(1); // undefined: it had ended by itself
    }
  });

  test('come together and one after the other, each with an index of its own and the same answers', async () => {
    const schema = encodeSchema({
      ...{ numbers: [0, 2], facets: 1, scores: [1] },
      trees: [{ number: 0, aggregates: [1] }],
    });
    const body = `
      const { parentPort, workerData } = require('node:worker_threads');
      const scratch = new ArrayBuffer(1 << 19);
      const conditions = new Float64Array(scratch, 0, 128);
      const values = new Float64Array(scratch, 8 * 128, 1024);
      const engine = require(workerData.path).createRangeIndex(workerData.schema, scratch);
      const rows = 50000;
      (async () => {
        engine.beginBulk(Uint32Array.from({ length: rows }, (_, i) => i));
        engine.bulkNumbers(0, Float64Array.from({ length: rows }, (_, i) => (i * 7919) % 10007));
        engine.bulkNumbers(1, Float64Array.from({ length: rows }, (_, i) => ((i * 104729) % 3001) / 7));
        engine.bulkFacets(0, Uint16Array.from({ length: rows }, (_, i) => i % 11));
        const status = await engine.build(() => undefined).done;
        for (let id = 0; id < rows; id += 3) engine.delete(id);
        conditions.set([0, 0, 500, 4000]);
        engine.aggregate(1, 1);
        const told = [status, engine.count(1), ...values.subarray(0, 5)];
        engine.top(1, 0, 20);
        parentPort.postMessage([...told, ...values.subarray(0, 20)]);
      })();
    `;
    const ask = (): Promise<unknown> =>
      new Promise((settle, reject) =>
        new Worker(body, { eval: true, workerData: { path, schema } }).once('message', settle).once('error', reject),
      );
    const answers = [...(await Promise.all([ask(), ask(), ask()])), await ask()];
    expect(answers[0]).toEqual(expect.arrayContaining([0]));
    expect((answers[0] as number[])[1]).toBeGreaterThan(5_000);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });
});

test.each([
  [
    'a build',
    `RangeIndex.fromColumns(schema, columns, { onProgress: ({ phase }) => phase === 'indexing' && process.exit(7) }).finally(end);`,
  ],
  [
    'a build that has begun',
    `RangeIndex.fromColumns(schema, columns).finally(end); setTimeout(() => process.exit(7), 60);`,
  ],
  [
    'a save',
    `RangeIndex.fromColumns(schema, columns).then((index) => { index.save(file).finally(end); setImmediate(() => process.exit(7)); }, end);`,
  ],
])('a process ends amid %s with the code it was given, and leaves no half file under the name', (_what, program) => {
  const script = `require('tsx/cjs'); const { RangeIndex } = require('./src/core/index.ts');
    const file = require('node:path').join(process.argv[1], 'unfinished');
    const end = () => process.exit(1);
    const schema = { numbers: { price: { tree: true }, sales: { tree: true, score: true } } };
    const columns = { price: Float64Array.from({ length: 400000 }, (_, i) => (i * 7919) % 10007),
      sales: Float64Array.from({ length: 400000 }, (_, i) => (i * 104729) % 3001) };
    ${program}`;
  const folder = mkdtempSync(join(tmpdir(), 'easy11-range-exit-'));
  const { status, signal } = spawnSync(process.execPath, ['-e', script, folder], { cwd: resolve(__dirname, '../..') });
  const files = readdirSync(folder);
  rmSync(folder, { recursive: true });
  expect({ status, signal }).toEqual({ status: 7, signal: null });
  expect(files).not.toContain('unfinished');
});
