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
});
