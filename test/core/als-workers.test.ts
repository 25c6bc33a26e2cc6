import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { AlsModel, backend } from '../../src/core';

/** Fits in real worker threads, a process that ends amid one, and the loop of the thread that waits. */
const whenNative = backend().backend === 'native' ? describe : describe.skip;
const root = path.resolve(__dirname, '../..');

/** The addon itself, so that workers need not compile the library: a model of so many interactions, trained for ever if wanted. */
const prelude = `const addon = require(${JSON.stringify(backend().path)});
  const { parentPort, workerData } = require('node:worker_threads');
  const make = (count) => {
    const engine = addon.createAls();
    const users = Uint32Array.from({ length: count }, (_, e) => (e * 7919) % 5000);
    const items = Uint32Array.from({ length: count }, (_, e) => (e * 104729) % 3001);
    engine.append(users, items, new Float32Array(count).fill(1), count);
    return engine;
  };
  const train = async (engine, iterations) => {
    await engine.build(5000, 3001, () => undefined).done;
    await engine.configure(32, 0.01, 0.1, 1, false, 2, 0).done;
    const job = engine.train(iterations, false, 0, () => parentPort?.postMessage('training'));
    return job.done;
  };`;
const start = (body: string): Worker => new Worker(prelude + body, { eval: true });
const message = (worker: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));

/** Distinct pairs in columns. */
function columns(users: number, items: number, entries: number): Parameters<typeof AlsModel.fit>[0] {
  const ids = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  return {
    ...{ userIds: ids('u', users), itemIds: ids('i', items) },
    users: Uint32Array.from({ length: entries }, (_, e) => (e * 7919) % users),
    items: Uint32Array.from({ length: entries }, (_, e) => (e * 104729 + Math.floor(e / users)) % items),
  };
}

whenNative('worker threads', () => {
  test('come and go one after the other, each with a model of its own and the same result', async () => {
    const body = `(async () => {
      const engine = make(20000);
      await train(engine, 2);
      await engine.finish(0).done;
      const row = new Float32Array(32);
      engine.rows(1, 17, 1, row, 32);
      parentPort.removeAllListeners();
      parentPort.postMessage({ row: [...row] });
    })();`;
    const rows: unknown[] = [];
    for (let i = 0; i < 6; i++) {
      const worker = start(body);
      const exit = new Promise((resolve) => worker.once('exit', resolve));
      const row = await new Promise((resolve, reject) =>
        worker.once('error', reject).on('message', (told) => told !== 'training' && resolve(told)),
      );
      rows.push(row);
      expect(await exit).toBe(0);
    }
    expect(new Set(rows.map((row) => JSON.stringify(row))).size).toBe(1);
    expect(JSON.stringify(rows[0])).not.toContain('null');
  });

  test('may end amid a fit, again and again', async () => {
    for (let i = 0; i < 8; i++) {
      const worker = start(`void train(make(200000), 1000);`);
      expect(await message(worker)).toBe('training');
      await new Promise((resolve) => setTimeout(resolve, i * 5));
      expect((await worker.terminate()) ?? 0).toBeLessThanOrEqual(1); // undefined: it had ended by itself
    }
  });

  test('are not needed to keep the event loop free: it turns while a model is learnt, and an abort is soon answered', async () => {
    const abort = new AbortController();
    let [turns, between, learnt, ended] = [0, 0, 0, false];
    const turn = (): void => {
      turns++;
      if (!ended) setImmediate(turn);
    };
    turn();
    let since = 0;
    const fit = AlsModel.fit(columns(4000, 2500, 200_000), {
      ...{ factors: 64, iterations: 1000, signal: abort.signal },
      onProgress: ({ phase, done }) => {
        if (phase !== 'training') return;
        learnt = done;
        // Reports that come while the loop is late are told as one.
        since ||= turns;
        if (done < 6 || between > 0) return;
        between = turns - since;
        setTimeout(() => abort.abort(), 10);
      },
    });
    await expect(fit).rejects.toMatchObject({ name: 'AbortError', code: 'ERR_EASY11_ABORTED' });
    ended = true;
    // In turns and rounds, not in milliseconds, which the bench measures: a fit on this thread would leave a turn a round.
    expect(between).toBeGreaterThan(50);
    expect(learnt).toBeLessThan(500);
  });
});

test.each([
  [
    'training',
    `AlsModel.fit(columns, { iterations: 1000, onProgress: ({ phase }) => phase === 'training' && process.exit(7) }).finally(end);`,
  ],
  [
    'saving',
    `AlsModel.fit(columns, { iterations: 1 }).then((model) => { model.save(file).finally(end); process.exit(7); }, end);`,
  ],
])('a process ends amid %s with the code it was given', (_what, program) => {
  const script = `require('tsx/cjs'); const { AlsModel } = require('./src/core/index.ts');
    const file = require('node:path').join(process.argv[1], 'unfinished');
    const end = () => process.exit(1);
    const columns = Array.from({ length: 60000 }, (_, e) => ({ user: 'u' + (e * 7919) % 5003, item: 'i' + (e * 104729) % 3001 }));
    ${program}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'easy11-als-exit-'));
  const { status, signal } = spawnSync(process.execPath, ['-e', script, folder], { cwd: root });
  rmSync(folder, { recursive: true });
  expect({ status, signal }).toEqual({ status: 7, signal: null });
});
