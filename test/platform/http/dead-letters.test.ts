import express from 'express';
import { pino } from 'pino';
import request from 'supertest';
import type { Database } from '../../../src/platform/database';
import { deadLetterRoutes } from '../../../src/platform/http/dead-letters';
import { errorHandler, notFound } from '../../../src/platform/http/error-handler';
import { listen, type HttpServer } from '../../../src/platform/http/server';
import { appendEvents, startOutbox, type Outbox } from '../../../src/platform/outbox';
import { eventually } from '../../support/app';
import { createTestDatabase, type TestDatabase } from '../../support/database';

const TOKEN = 'a-token-for-these-tests';
const PATIENCE = 60_000;
let testDatabase: TestDatabase;
let outbox: Outbox;
let http: HttpServer;
/** The consumer fails while this is set. */
let broken = true;
const applied: string[] = [];

beforeAll(async () => {
  const log = pino({ level: 'silent' });
  testDatabase = await createTestDatabase();
  outbox = startOutbox({ database: testDatabase.database, log });
  await outbox.subscribe({
    group: 'tea-drinkers',
    retries: 0,
    handler: (event) => {
      if (broken) return Promise.reject(new Error('no milk'));
      applied.push(event.id);
      return Promise.resolve();
    },
  });
  const app = express();
  app.set('query parser', 'simple');
  app.use(deadLetterRoutes({ database: testDatabase.database, outbox, adminToken: TOKEN }));
  app.use(notFound);
  app.use(errorHandler(log));
  http = await listen(app, [], { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await http.close();
  await outbox.close();
  await testDatabase.drop();
});

interface Letter {
  readonly id: string;
  readonly state: string;
  readonly error: string | null;
}
async function ask(
  where: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; replayed: boolean; body: { data: Letter[]; code?: string } }> {
  const answer = await fetch(http.url + where, { method, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } });
  const replayed = answer.headers.get('idempotent-replayed') === 'true';
  return { status: answer.status, replayed, body: (await answer.json()) as { data: Letter[] } };
}
const letters = async (): Promise<Letter[]> => (await ask('/v1/admin/dead-letters')).body.data;

test('what a consumer gave up is listed with its error, and a replay applies it and what waits behind it, in order', async () => {
  for (const version of [1, 2]) {
    await testDatabase.database.transaction((client) =>
      appendEvents(client, [
        { aggregate: 'tea:1', version, type: 'easy11.tea.made.v1', source: '/test', subject: '1', data: {} },
      ]),
    );
  }
  await eventually(PATIENCE, async () => (await letters()).length === 2 && (await letters())[0]?.state === 'dead');
  const [dead, waiting] = await letters();
  expect(dead).toMatchObject({ group: 'tea-drinkers', aggregate: 'tea:1', version: 1, attempts: 1 });
  expect(dead!.error).toMatch(/^Error: no milk/);
  expect(waiting).toMatchObject({ version: 2, state: 'waiting', error: null });
  expect((await ask('/v1/admin/dead-letters?group=others')).body.data).toEqual([]);
  broken = false;
  expect((await ask(`/v1/admin/dead-letters/${dead!.id}/replay`, 'POST')).status).toBe(202);
  await eventually(PATIENCE, async () => (await letters()).length === 0);
  expect(applied).toEqual(['tea:1:1', 'tea:1:2']);
  expect((await ask(`/v1/admin/dead-letters/${dead!.id}/replay`, 'POST')).status).toBe(404);
});

test('a replay that is sent again with its key is answered as the first time, and done once', async () => {
  broken = true;
  await testDatabase.database.transaction((client) =>
    appendEvents(client, [
      { aggregate: 'tea:2', version: 1, type: 'easy11.tea.made.v1', source: '/test', subject: '2', data: {} },
    ]),
  );
  await eventually(PATIENCE, async () => (await letters())[0]?.state === 'dead');
  const replay = `/v1/admin/dead-letters/${(await letters())[0]!.id}/replay`;
  const key = { 'Idempotency-Key': 'once' };
  const first = await ask(replay, 'POST', key);
  expect([first.status, first.replayed]).toEqual([202, false]);
  expect(first.body).toMatchObject({ aggregate: 'tea:2', state: 'retrying', attempts: 0 });
  // It fails again: a second replay would set it going once more.
  await eventually(PATIENCE, async () => (await letters())[0]?.state === 'dead');
  const again = await ask(replay, 'POST', key);
  expect(again).toEqual({ ...first, replayed: true });
  expect((await letters())[0]?.state).toBe('dead');
  broken = false;
  expect((await ask(replay, 'POST', { 'Idempotency-Key': 'another' })).status).toBe(202);
  await eventually(PATIENCE, async () => (await letters()).length === 0);
  expect((await ask(replay, 'POST', key)).status).toBe(202);
  expect(applied).toContain('tea:2:1');
});

test('a replay whose transaction comes to nothing sets nothing going', async () => {
  broken = true;
  const { database } = testDatabase;
  await database.transaction((client) =>
    appendEvents(client, [
      { aggregate: 'tea:3', version: 1, type: 'easy11.tea.made.v1', source: '/test', subject: '3', data: {} },
    ]),
  );
  await eventually(PATIENCE, async () => (await letters())[0]?.state === 'dead');
  const app = express();
  const lost: Pick<Database, 'transaction'> = {
    transaction: (work) =>
      database.transaction(async (client) => {
        await work(client);
        throw new Error('the connection is lost before the commit');
      }),
  };
  app.use(deadLetterRoutes({ database: lost, outbox, adminToken: TOKEN }));
  app.use(errorHandler(pino({ level: 'silent' })));
  const [letter] = await letters();
  const answer = await request(app)
    .post(`/v1/admin/dead-letters/${letter!.id}/replay`)
    .set('Authorization', `Bearer ${TOKEN}`);
  expect(answer.status).toBe(500);
  // Neither at once nor behind the consumer's back: its attempts would be more.
  expect(await letters()).toEqual([letter]);
  broken = false;
  expect((await ask(`/v1/admin/dead-letters/${letter!.id}/replay`, 'POST')).status).toBe(202);
  await eventually(PATIENCE, async () => (await letters()).length === 0);
});

test('the list is for the back office, and refuses what it does not know', async () => {
  expect((await fetch(`${http.url}/v1/admin/dead-letters`)).status).toBe(401);
  expect((await ask('/v1/admin/dead-letters?limit=0')).status).toBe(422);
  expect((await ask('/v1/admin/dead-letters/everything/replay', 'POST')).status).toBe(404);
});
