import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelView } from '../../../src/contexts/recommendations/schemas';
import * as store from '../../../src/contexts/recommendations/store/models';
import { startTrainer, type Trainer } from '../../../src/contexts/recommendations/training/trainer';
import { systemClock } from '../../../src/kernel/clock';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { silent, until } from '../../platform/outbox/support';
import { learner, setLesson, TRAINING_PROGRAM, type Lesson } from './lessons';
import { product, tableOf } from './shelf';
import { tastes } from './tastes';

const table = tableOf(Array.from({ length: 60 }, (_, n) => product(n)));
let scratch: TestDatabase;
let folder: string;
let trainer: Trainer | undefined;
let shop: ChildProcess | undefined;
let activated = 0;
beforeEach(async () => {
  scratch = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-models-'));
  activated = 0;
});
afterEach(async () => {
  await trainer?.close();
  shop?.kill('SIGKILL');
  await scratch.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The shop's part of a training, in this process. */
function start(leaseMs = 30_000): Trainer {
  trainer = startTrainer({
    ...{ database: scratch.database, program: TRAINING_PROGRAM, folder, leaseMs, idleMs: 20, everyHours: 0 },
    ...{ table: () => table, interactions: () => tastes(), log: silent, clock: systemClock },
    onActivated: () => activated++,
  });
  return trainer;
}

async function ask(lesson: Lesson, gate?: string): Promise<number> {
  await setLesson(scratch.database.pool, lesson, gate);
  const asked = await store.insertModel(scratch.database.pool, 'test', { factors: 8 });
  return asked?.version ?? 0;
}

async function read(version: number): Promise<ModelView> {
  const model = await store.findModel(scratch.database.pool, version);
  if (!model) throw new Error(`there is no version ${version}`);
  return model;
}

/** The process that trains, once it is in the middle of it. */
async function inTheMiddle(): Promise<number> {
  let pid: number | undefined;
  await until('the training is in the middle', async () => {
    pid = await learner(scratch.database.pool);
    return pid !== undefined;
  });
  return pid as number;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // there is no such process
  }
}

test('while a training holds its event loop the shop does what it does, the lease with it', async () => {
  const gate = path.join(folder, 'gate');
  const version = await ask('holds', gate);
  start(600);
  expect(await inTheMiddle()).not.toBe(process.pid);
  await sleep(1_500);
  expect(await read(version)).toMatchObject({ state: 'training', attempts: 1, progress: { phase: 'gathering' } });
  // Only this process can let it go on.
  await writeFile(gate, '');
  await until('it is trained', () => activated === 1);
  expect(await read(version)).toMatchObject({ state: 'active', attempts: 1, data: { users: 150, products: 60 } });
  expect(trainer?.lastSeconds()).toBeGreaterThan(0);
});

test('what was trained lies on this machine, and what was half written is gone', async () => {
  const version = await ask('tastes');
  start();
  await until('it is trained', () => activated === 1);
  expect(await readdir(folder)).toEqual([`${version}.als`]);
});

test('the process of a training stands behind the shop, for the processor and when memory runs out', async () => {
  await ask('endless');
  start();
  const pid = await inTheMiddle();
  expect(os.getPriority(pid)).toBeGreaterThan(os.getPriority(process.pid));
  if (process.platform !== 'linux') return;
  const adjustment = (of: number): number => Number(readFileSync(`/proc/${of}/oom_score_adj`, 'utf8'));
  expect(adjustment(pid)).toBeGreaterThan(adjustment(process.pid));
});

test('a training whose process dies is an attempt that failed, says so, and is begun anew', async () => {
  const version = await ask('dies');
  const { status } = start();
  await until('it has failed once', async () => (await read(version)).note !== '');
  await setLesson(scratch.database.pool, 'tastes');
  expect(status()).toMatchObject({ lastError: expect.stringContaining('SIGKILL') });
  expect((await read(version)).note).toMatch(/^Attempt \d of 5 failed: The process of the training ended .*SIGKILL/);
  await until('another attempt has trained it', () => activated === 1);
  const { attempts, note } = await read(version);
  expect(attempts).toBeGreaterThan(1);
  expect(note).toMatch(/^The first model/);
  expect(status().consecutiveErrors).toBe(0);
});

test('a training that fails for the fifth time is given up, with the reason', async () => {
  const version = await ask('throws');
  await scratch.database.pool.query('update recommendation_models set attempts = 3');
  const { status } = start();
  await until('it is given up', async () => (await read(version)).state === 'failed');
  expect(await read(version)).toMatchObject({ attempts: 5, note: 'the orders cannot be read', progress: null });
  expect(status()).toMatchObject({ errors: 1, lastError: 'the orders cannot be read' });
});

test('what cannot be trained fails at once, with the sentence for a person', async () => {
  const version = await ask('nobody');
  const { status } = start();
  await until('it has failed', async () => (await read(version)).state === 'failed');
  expect(await read(version)).toMatchObject({ attempts: 1, note: 'There are no interactions to learn from' });
  expect(status().errors).toBe(0);
});

test('a shop that closes in the middle of a training leaves no process behind, and the next one begins it anew', async () => {
  const version = await ask('endless');
  const first = start();
  const pid = await inTheMiddle();
  await first.close();
  expect(isAlive(pid)).toBe(false);
  expect(first.status().errors).toBe(0);
  expect(await read(version)).toMatchObject({ state: 'training', attempts: 1, note: '' });
  await setLesson(scratch.database.pool, 'tastes');
  start();
  await until('the next has trained it', () => activated === 1);
  expect(await read(version)).toMatchObject({ state: 'active', attempts: 2 });
});

test('a training whose shop was killed in the middle ends with it, is begun anew by another, and ends', async () => {
  const version = await ask('endless');
  const script = path.join(__dirname, 'crash-child.ts');
  shop = spawn(process.execPath, ['--import', 'tsx', script, scratch.url, folder], { stdio: 'inherit' });
  const pid = await inTheMiddle();
  const gone = once(shop, 'exit');
  shop.kill('SIGKILL');
  await gone;
  await until('its process is gone too', () => !isAlive(pid));
  expect(await read(version)).toMatchObject({ state: 'training', attempts: 1 });
  await setLesson(scratch.database.pool, 'tastes');
  const { status } = start();
  await until('the other has trained it', () => activated === 1);
  expect(await read(version)).toMatchObject({ state: 'active', attempts: 2 });
  expect(status().errors).toBe(0);
});

test('a training that another shop has taken over is ended', async () => {
  const version = await ask('endless');
  const { status } = start(600);
  const pid = await inTheMiddle();
  await scratch.database.pool.query('update recommendation_models set fence = fence + 1 where version = $1', [version]);
  await until('its process is gone', () => !isAlive(pid));
  expect(status().errors).toBe(0);
  expect(await read(version)).toMatchObject({ state: 'training', note: '' });
});
