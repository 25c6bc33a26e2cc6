import express, { type Express } from 'express';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { Problem } from '../../../src/kernel/errors';
import { systemClock } from '../../../src/kernel/clock';
import { requestDeadline } from '../../../src/platform/http/deadline';
import { errorHandler } from '../../../src/platform/http/error-handler';
import { setPrincipal } from '../../../src/platform/http/principal';
import { listen, type HttpServer } from '../../../src/platform/http/server';
import { idempotent, startIdempotencySweep } from '../../../src/platform/idempotency';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { until } from '../outbox/support';

let test1: TestDatabase;
let http: HttpServer;
/** Let go by the test: what /slow waits for. */
let gate: { opened: Promise<void>; open(): void; arrived: Promise<void>; arrive(): void };
const log = pino({ level: 'silent' });

function newGate(): typeof gate {
  let [open, arrive]: (() => void)[] = [];
  const opened = new Promise<void>((resolve) => (open = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  return { opened, open: () => open?.(), arrived, arrive: () => arrive?.() };
}

function createApp(): Express {
  const { database } = test1;
  const app = express();
  app.use(express.json());
  app.use((req, _res, next) => {
    if (typeof req.headers.from === 'string') setPrincipal(req, req.headers.from);
    next();
  });
  const order = (req: express.Request): string => {
    const { what } = req.body as { what?: string };
    if (!what) throw new Problem('validation-failed', 'what is missing');
    return what;
  };
  app.post(
    '/orders',
    idempotent(database, 'required', (req) => {
      const what = order(req);
      return async (client) => {
        const { rows } = await client.query('insert into orders_made (what) values ($1) returning id', [what]);
        return { status: 201, headers: { Location: `/orders/${rows[0].id}` }, body: { id: rows[0].id, what } };
      };
    }),
  );
  app.post(
    '/refused',
    idempotent(database, 'accepted', () => async (client) => {
      await client.query(`insert into orders_made (what) values ('refused')`);
      throw new Problem('conflict', 'never');
    }),
  );
  app.post(
    '/slow',
    idempotent(
      database,
      'required',
      () => async (client) => {
        gate.arrive();
        await gate.opened;
        const { rows } = await client.query(`insert into orders_made (what) values ('slow') returning id`);
        return { status: 201, body: { id: rows[0].id } };
      },
      { waitMs: 50 },
    ),
  );
  app.post(
    '/late',
    requestDeadline(() => 200),
    idempotent(database, 'required', () => async (client) => {
      await client.query(`insert into orders_made (what) values ('late')`);
      await client.query('select pg_sleep(60)');
      return { status: 201 };
    }),
  );
  app.get(
    '/never',
    requestDeadline(() => 50),
    () => undefined,
  );
  app.use(errorHandler(log));
  return app;
}

beforeAll(async () => {
  test1 = await createTestDatabase();
  await test1.database.pool.query('create table orders_made (id serial primary key, what text not null)');
  http = await listen(createApp(), [], { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await http.close();
  await test1.drop();
});
beforeEach(async () => {
  gate = newGate();
  await test1.database.pool.query('truncate orders_made');
});

interface Answer {
  status: number;
  text: string;
  code: string | undefined;
  replayed: string | null;
  location: string | null;
  headers: Headers;
}

async function post(where: string, key: string | undefined, body: unknown, from?: string): Promise<Answer> {
  const answer = await fetch(http.url + where, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(key === undefined ? {} : { 'Idempotency-Key': key }),
      ...(from === undefined ? {} : { From: from }),
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    text,
    code: text === '' ? undefined : (JSON.parse(text) as { code?: string }).code,
    replayed: answer.headers.get('idempotent-replayed'),
    location: answer.headers.get('location'),
    headers: answer.headers,
  };
}

async function made(): Promise<number> {
  const { rows } = await test1.database.pool.query('select count(*)::int as n from orders_made');
  return rows[0].n as number;
}

describe('an Idempotency-Key', () => {
  test('C3: sent 200 times at once and 50 times after, makes one order and 250 identical answers; 422 with another body', async () => {
    const key = randomUUID();
    const insist = async (): Promise<Answer> => {
      const answer = await post('/orders', key, { what: 'mug' });
      // On a machine that is starved some wait too long for a connection, and may come again.
      return answer.status === 503 ? insist() : answer;
    };
    const atOnce = await Promise.all(Array.from({ length: 200 }, insist));
    const after: Answer[] = [];
    for (let i = 0; i < 50; i++) after.push(await post('/orders', key, { what: 'mug' }));
    const other = await post('/orders', key, { what: 'teapot' });
    const all = [...atOnce, ...after];
    // A twin may be told that the first is in flight; whoever is answered is answered alike.
    const answered = all.filter(({ status }) => status !== 409);
    expect(all.filter(({ status }) => status === 409).every(({ code }) => code === 'idempotency-key-in-flight')).toBe(
      true,
    );
    expect(new Set(answered.map(({ status, text, location }) => `${status} ${location} ${text}`)).size).toBe(1);
    expect(answered.filter(({ replayed }) => replayed === null)).toHaveLength(1);
    expect(after.every(({ status, replayed }) => status === 201 && replayed === 'true')).toBe(true);
    expect([other.status, other.code]).toEqual([422, 'idempotency-key-reused']);
    expect(await made()).toBe(1);
  });

  test('is needed where stock or money moves', async () => {
    const answer = await post('/orders', undefined, { what: 'mug' });
    expect([answer.status, answer.code]).toEqual([400, 'idempotency-key-required']);
    expect(await made()).toBe(0);
  });

  test.each(['', 'two words', 'ü', 'x'.repeat(256)])('must be visible ASCII, unlike "%s"', async (key) => {
    const answer = await post('/orders', Buffer.from(key).toString('latin1'), { what: 'mug' });
    expect([answer.status, answer.code]).toEqual([400, 'malformed-request']);
    expect(await made()).toBe(0);
  });

  test('does not care for the order of fields, but for their values', async () => {
    const key = randomUUID();
    const first = await post('/orders', key, '{"what":"mug","a":{"x":1,"y":2}}');
    const again = await post('/orders', key, '{"a":{"y":2,"x":1},"what":"mug"}');
    const other = await post('/orders', key, '{"a":{"y":2,"x":2},"what":"mug"}');
    expect([first.status, again.text === first.text, other.status]).toEqual([201, true, 422]);
  });

  test('belongs to its caller: the same key of another is another key', async () => {
    const key = randomUUID();
    const answers = await Promise.all(['ann', 'bob'].map((from) => post('/orders', key, { what: 'mug' }, from)));
    expect(answers.map(({ status, replayed }) => [status, replayed])).toEqual([
      [201, null],
      [201, null],
    ]);
    expect(await made()).toBe(2);
  });

  test('is not used up by a request that was refused', async () => {
    const key = randomUUID();
    for (let i = 0; i < 2; i++) expect((await post('/refused', key, {})).code).toBe('conflict');
    expect((await post('/orders', key, {})).code).toBe('validation-failed');
    expect((await post('/orders', key, { what: 'mug' })).status).toBe(201);
    expect(await made()).toBe(1);
    const { rows } = await test1.database.pool.query('select scope from idempotency_keys where key = $1', [key]);
    expect(rows).toEqual([{ scope: 'anonymous POST /orders' }]);
  });

  test('in flight answers 409 after a bounded wait, and afterwards the answer of the first', async () => {
    const key = randomUUID();
    const first = post('/slow', key, {});
    await gate.arrived;
    const twin = await post('/slow', key, {});
    expect([twin.status, twin.code, twin.headers.get('retry-after')]).toEqual([409, 'idempotency-key-in-flight', '1']);
    gate.open();
    const done = await first;
    const replay = await post('/slow', key, {});
    expect([done.status, replay.text, replay.replayed]).toEqual([201, done.text, 'true']);
    expect(await made()).toBe(1);
  });

  test('of a connection that is cut in the middle is free again, and so is what it did', async () => {
    const key = randomUUID();
    const first = post('/slow', key, {});
    await gate.arrived;
    await test1.database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state = 'idle in transaction'`,
    );
    gate.open();
    expect((await first).status).toBe(503);
    gate = newGate();
    gate.open();
    expect((await post('/slow', key, {})).status).toBe(201);
    expect(await made()).toBe(1);
  });
});

describe('a request that takes too long', () => {
  test('is answered 503 at its deadline, and what it did is undone', async () => {
    const key = randomUUID();
    const late = await post('/late', key, {});
    expect([late.status, late.code, late.headers.get('retry-after')]).toEqual([503, 'deadline-exceeded', '1']);
    await until('its statement is cancelled', async () => {
      const { rows } = await test1.database.pool.query(
        `select 1 from pg_stat_activity where datname = current_database() and query like '%pg_sleep(60)%' and pid <> pg_backend_pid() and state <> 'idle'`,
      );
      return rows.length === 0;
    });
    expect(await made()).toBe(0);
    const { rows } = await test1.database.pool.query('select 1 from idempotency_keys where key = $1', [key]);
    expect(rows).toEqual([]);
  });

  test('is answered even when its handler never does', async () => {
    const answer = await fetch(`${http.url}/never`);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([503, 'deadline-exceeded']);
  });
});

test('keys are forgotten after a day, and the sweep says when it last succeeded and what went wrong', async () => {
  const { database } = test1;
  const [old, young] = [randomUUID(), randomUUID()];
  await post('/orders', old, { what: 'mug' });
  await post('/orders', young, { what: 'mug' });
  await database.pool.query(
    `update idempotency_keys set created_at = created_at - interval '24 hours 1 second' where key = $1`,
    [old],
  );
  const sweep = startIdempotencySweep({ database, log });
  await until('a key is removed', () => sweep.removed() > 0);
  expect(sweep.status()).toMatchObject({ errors: 0, lastSuccessAt: expect.any(Number) });
  await sweep.close();
  expect((await post('/orders', young, { what: 'mug' })).replayed).toBe('true');
  expect((await post('/orders', old, { what: 'mug' })).replayed).toBeNull();
  const broken = startIdempotencySweep({
    database: { pool: { query: () => Promise.reject(new Error('away')) } as never },
    log,
    clock: systemClock,
  });
  await until('an error is counted', () => broken.status().errors > 0);
  expect(broken.status()).toMatchObject({ lastError: 'away', lastSuccessAt: undefined });
  await broken.close();
});
