import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as store from '../../../src/contexts/recommendations/store/models';
import { ModelFiles } from '../../../src/contexts/recommendations/training/model-files';
import { startTrainer } from '../../../src/contexts/recommendations/training/trainer';
import { systemClock } from '../../../src/kernel/clock';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { silent, until } from '../../platform/outbox/support';
import { product, tableOf } from './shelf';
import { tastes } from './tastes';

let scratch: TestDatabase;
let folder: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  scratch = await createTestDatabase();
  folder = await mkdtemp(path.join(os.tmpdir(), 'easy11-models-'));
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await scratch.drop();
  await rm(folder, { recursive: true, force: true });
});

test('a training whose process was killed in the middle is begun anew by another, and ends', async () => {
  const { pool } = scratch.database;
  const asked = await store.insertModel(pool, 'test', { factors: 8 });
  const script = path.join(__dirname, 'crash-child.ts');
  child = spawn(process.execPath, ['--import', 'tsx', script, scratch.url, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer];
  expect(String(said)).toBe('in the middle\n');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  expect(await store.findInState(pool, 'training')).toMatchObject({ version: asked?.version, attempts: 1 });
  let activated = 0;
  const table = tableOf(Array.from({ length: 60 }, (_, n) => product(n)));
  const trainer = startTrainer({
    database: scratch.database,
    files: new ModelFiles(scratch.database, folder),
    table: () => table,
    interactions: () => tastes(),
    log: silent,
    clock: systemClock,
    everyHours: 0,
    idleMs: 50,
    onActivated: () => activated++,
  });
  await until('the other has trained it', () => activated === 1);
  await trainer.close();
  expect(await store.findInState(pool, 'active')).toMatchObject({ version: asked?.version, attempts: 2 });
  expect(trainer.status().errors).toBe(0);
});
