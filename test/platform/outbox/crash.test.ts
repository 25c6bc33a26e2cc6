import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Database } from '../../../src/platform/database';
import { startOutbox } from '../../../src/platform/outbox';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { append, readLog, silent, thing, until } from './support';

let scratch: TestDatabase;
let database: Database;
let child: ChildProcess | undefined;
beforeAll(async () => {
  scratch = await createTestDatabase();
  ({ database } = scratch);
  await database.pool.query('create table effects (id bigserial, subject text, version int)');
});
afterEach(() => void child?.kill('SIGKILL'));
afterAll(() => scratch.drop());
beforeEach(async () => {
  await database.pool.query('truncate outbox_events, outbox_cursors, outbox_inbox, effects cascade');
  await database.pool.query('update outbox_partitions set position = 0');
});

/** Starts a process and waits until it stands at the place where it is to die. */
async function startAt(place: 'relay' | 'consumer'): Promise<ChildProcess> {
  const script = path.join(__dirname, 'crash-child.ts');
  const started = spawn(process.execPath, ['--import', 'tsx', script, place, scratch.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = started;
  await new Promise<void>((resolve, reject) => {
    started.stdout.on('data', (text) => String(text).includes('there') && resolve());
    started.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
  });
  return started;
}

async function kill(victim: ChildProcess): Promise<void> {
  const dead = new Promise((resolve) => victim.once('exit', resolve));
  victim.kill('SIGKILL');
  await dead;
}

describe('after kill -9', () => {
  test('in the middle of publishing, another relay publishes everything, once and in order', async () => {
    for (let version = 1; version <= 5; version++) await append(database, thing('a', version), thing('b', version));
    const victim = await startAt('relay');
    const outbox = startOutbox({ database, log: silent });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await readLog(database)).toEqual([]); // the victim still holds the partitions
    await kill(victim);
    await until('the other has published all', async () => (await readLog(database)).length === 10);
    await outbox.close();
    const log = await readLog(database);
    for (const name of ['a', 'b'])
      expect(log.filter(({ subject }) => subject === name).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
  });

  test('between an effect and its commit, another process applies every event exactly once', async () => {
    for (let version = 1; version <= 5; version++) await append(database, thing('a', version));
    await kill(await startAt('consumer'));
    const outbox = startOutbox({ database, log: silent });
    await outbox.subscribe({
      group: 'tally',
      handler: async ({ subject, version }, client) => {
        await client.query('insert into effects (subject, version) values ($1, $2)', [subject, version]);
      },
    });
    const read = async (): Promise<number[]> =>
      (await database.pool.query<{ version: number }>('select version from effects order by id')).rows.map(
        ({ version }) => version,
      );
    await until('all are applied', async () => (await read()).length === 5);
    await outbox.close();
    expect(await read()).toEqual([1, 2, 3, 4, 5]);
  });
});
