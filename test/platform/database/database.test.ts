import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { isTransientConflict, withRetries } from '../../../src/platform/database';
import { createPool } from '../../../src/platform/database/pool';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { until } from '../outbox/support';

let probe: TestDatabase;

beforeAll(async () => {
  probe = await createTestDatabase();
  await probe.database.pool.query('create table counters (id int primary key, count int not null)');
});

beforeEach(async () => {
  await probe.database.pool.query('truncate counters');
  await probe.database.pool.query('insert into counters values (1, 0), (2, 0)');
});

afterAll(() => probe.drop());

const count = async (id: number): Promise<number> => {
  const { rows } = await probe.database.pool.query<{ count: number }>('select count from counters where id = $1', [id]);
  return Number(rows[0]?.count);
};

describe('a transaction', () => {
  it('is committed with its result', async () => {
    const result = await probe.database.transaction(async (client) => {
      await client.query('update counters set count = 7 where id = 1');
      return 'done';
    });
    expect(result).toBe('done');
    expect(await count(1)).toBe(7);
  });

  it('is ended by PostgreSQL after a minute of silence, so that a process that is frozen does not keep its locks', async () => {
    const limit = 'show idle_in_transaction_session_timeout';
    const within = await probe.database.transaction(async (client) => (await client.query(limit)).rows);
    expect(within).toEqual([{ idle_in_transaction_session_timeout: '1min' }]);
    const shorter = probe.database.transaction(async (client) => {
      await client.query('set local idle_in_transaction_session_timeout = 50');
      await client.query('update counters set count = 7 where id = 1');
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
    await expect(shorter).rejects.toThrow(/idle-in-transaction|terminated|not queryable/);
    expect(await count(1)).toBe(0);
  });

  it('is undone when its work fails, and fails with the same error', async () => {
    const failure = new Error('no');
    const attempt = probe.database.transaction(async (client) => {
      await client.query('update counters set count = 7 where id = 1');
      throw failure;
    });
    await expect(attempt).rejects.toBe(failure);
    expect(await count(1)).toBe(0);
  });

  it('runs again after a serialization failure, so that no increment is lost', async () => {
    let attempts = 0;
    let allHaveRead!: () => void;
    const everyRead = new Promise<void>((resolve) => (allHaveRead = resolve));
    const increment = (): Promise<void> =>
      probe.database.transaction(
        async (client) => {
          const { rows } = await client.query('select count from counters where id = 1');
          if (++attempts === 3) allHaveRead();
          await everyRead;
          await client.query('update counters set count = $1 where id = 1', [Number(rows[0].count) + 1]);
        },
        { isolation: 'serializable' },
      );
    await Promise.all([increment(), increment(), increment()]);
    expect(await count(1)).toBe(3);
    expect(attempts).toBeGreaterThan(3);
  });

  it('runs again after a deadlock', async () => {
    const inOrder = (first: number, second: number): Promise<void> =>
      probe.database.transaction(async (client) => {
        await client.query(`set local deadlock_timeout = '50ms'`);
        await client.query('update counters set count = count + 1 where id = $1', [first]);
        await sleep(100);
        await client.query('update counters set count = count + 1 where id = $1', [second]);
      });
    await Promise.all([inOrder(1, 2), inOrder(2, 1)]);
    expect([await count(1), await count(2)]).toEqual([2, 2]);
  });

  it('does not run again after any other error', async () => {
    let attempts = 0;
    const attempt = probe.database.transaction(async (client) => {
      attempts += 1;
      await client.query('insert into counters values (1, 1)');
    });
    await expect(attempt).rejects.toMatchObject({ code: '23505' });
    expect(attempts).toBe(1);
  });

  it('gives up after a bounded number of conflicts', async () => {
    let attempts = 0;
    const work = (): Promise<never> => {
      attempts += 1;
      return Promise.reject(Object.assign(new Error('conflict'), { code: '40001' }));
    };
    await expect(withRetries(work, 3)).rejects.toThrow('conflict');
    expect(attempts).toBe(3);
  });

  it('that loses its connection fails, and the pool goes on', async () => {
    const attempt = probe.database.transaction(async (client) => {
      const { rows } = await client.query('select pg_backend_pid() as pid');
      await probe.database.pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
      await sleep(50);
      await client.query('select 1');
    });
    await expect(attempt).rejects.toThrow();
    expect(await count(1)).toBe(0);
  });
});

/** Prisma's own limits are for servers: 2 s for a connection, 5 s for a transaction. */
const PATIENT = { maxWait: 60_000, timeout: 60_000 };

describe('a conflict that passes', () => {
  it.each([
    ['a serialization failure of pg', { code: '40001' }],
    ['a deadlock of pg', { code: '40P01' }],
    ["Prisma's P2034", { code: 'P2034' }],
    [
      "an uncoded conflict of Prisma's adapter",
      { name: 'DriverAdapterError', cause: { kind: 'TransactionWriteConflict' } },
    ],
    ['one that is the cause of another error', { cause: { code: '40001' } }],
  ])('is recognised in %s', (_name, properties) => {
    expect(isTransientConflict(Object.assign(new Error('x'), properties))).toBe(true);
  });

  it.each([[{ code: '23505' }], [undefined], ['40001'], [{ cause: null }]])('is not seen in %j', (error) => {
    expect(isTransientConflict(error)).toBe(false);
  });

  it('is recognised in what Prisma really throws', async () => {
    let reads = 0;
    let bothHaveRead!: () => void;
    const read = new Promise<void>((resolve) => (bothHaveRead = resolve));
    const increment = (): Promise<unknown> =>
      probe.database.prisma.$transaction(
        async (client) => {
          const rows = await client.$queryRaw<{ count: number }[]>`select count from counters where id = 2`;
          if (++reads === 2) bothHaveRead();
          await read;
          await client.$executeRaw`update counters set count = ${Number(rows[0]?.count) + 1} where id = 2`;
        },
        { isolationLevel: 'Serializable', ...PATIENT },
      );
    const failures: unknown[] = (await Promise.allSettled([increment(), increment()])).flatMap((result) =>
      result.status === 'rejected' ? [result.reason] : [],
    );
    expect(failures).toHaveLength(1);
    expect(failures.every(isTransientConflict)).toBe(true);
    await Promise.all([withRetries(increment), withRetries(increment)]);
    expect(await count(2)).toBe(3);
  });

  it('is recognised in a deadlock between transactions of Prisma', async () => {
    const inOrder = (first: number, second: number): Promise<unknown> =>
      probe.database.prisma.$transaction(async (client) => {
        await client.$executeRaw`set local deadlock_timeout = '50ms'`;
        await client.$executeRaw`update counters set count = count + 1 where id = ${first}`;
        await sleep(100);
        await client.$executeRaw`update counters set count = count + 1 where id = ${second}`;
      }, PATIENT);
    await Promise.all([withRetries(() => inOrder(1, 2)), withRetries(() => inOrder(2, 1))]);
    expect([await count(1), await count(2)]).toEqual([2, 2]);
  });
});

describe('a connection that breaks while it is idle', () => {
  it('is one short line in the log, without the password', async () => {
    const lines: string[] = [];
    const pool = createPool(probe.url, 1, pino({ level: 'debug' }, { write: (line) => void lines.push(line) }));
    const { rows } = await pool.query('select pg_backend_pid() as pid');
    await probe.database.pool.query('select pg_terminate_backend($1)', [rows[0].pid]);
    const warned = (): unknown[] => lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
    await until('it is logged', () => warned().length > 0);
    expect(warned()).toEqual([expect.objectContaining({ code: '57P01', msg: 'An idle database connection broke' })]);
    expect(lines.join('').length).toBeLessThan(1000);
    await pool.end();
  });
});

describe('Prisma and plain SQL', () => {
  it('share one pool', async () => {
    const { pool, prisma } = probe.database;
    const held = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
    let answered = false;
    const waiting = prisma.$queryRaw`select 1`.then(() => (answered = true));
    await sleep(200);
    expect(answered).toBe(false);
    for (const client of held) client.release();
    await waiting;
  });

  it('survive a server that ends every connection', async () => {
    const { pool, prisma } = probe.database;
    await Promise.all([pool.query('select 1'), prisma.$queryRaw`select 1`]);
    await pool
      .query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()')
      .catch((error: { code?: string }) => expect(error.code).toBe('57P01'));
    // The pool may give out connections whose end it has not heard of yet: a few statements fail, then none.
    const answers = (ask: () => Promise<unknown>): Promise<boolean> =>
      ask().then(
        () => true,
        () => false,
      );
    await until('plain SQL is answered', () => answers(() => pool.query('select 1')));
    await until('Prisma is answered', () => answers(() => prisma.$queryRaw`select 1`));
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(await prisma.$queryRaw`select 1 as one`).toEqual([{ one: 1 }]);
  });
});
