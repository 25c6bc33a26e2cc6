import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ANALYTICS_PROGRAM } from '../../../src/analytics';
import { startAnalyticsProcess } from '../../../src/contexts/analytics';
import { guardAnalytics } from '../../../src/contexts/analytics/guarded';
import { systemClock } from '../../../src/kernel/clock';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { silent, until } from '../../platform/outbox/support';

const TIMEOUT_MS = 1_000;
const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));

describe('a report, while the process of analytics is frozen', () => {
  let scratch: TestDatabase;
  const directory = mkdtempSync(path.join(tmpdir(), 'easy11-guarded-'));
  beforeAll(async () => {
    scratch = await createTestDatabase();
  });
  afterAll(async () => {
    await scratch.drop();
    rmSync(directory, { recursive: true, force: true });
  });

  test('is waited for a few times, then refused at once, and a question that makes no sense is no reason for that', async () => {
    const settings = { databaseUrl: scratch.url, directory, memoryMb: 256, threads: 1 };
    const analytics = startAnalyticsProcess({ program: ANALYTICS_PROGRAM, settings, log: silent });
    let questions = 0;
    const asked = {
      save: analytics.save,
      query: ((...question: Parameters<typeof analytics.query>) => (
        questions++,
        analytics.query(...question)
      )) as typeof analytics.query,
    };
    const guard = guardAnalytics(asked, { clock: systemClock, timeoutMs: TIMEOUT_MS });
    const ask = (sql = 'select 1 as n'): Promise<unknown> =>
      guard.query(sql).catch((error: { code?: string; name: string }) => error.code ?? error.name);
    try {
      await analytics.query('select 1'); // it has started
      for (let n = 0; n < 6; n++) expect(await analytics.query('select 1 as n')).toEqual([{ n: 1 }]);
      for (let n = 0; n < 6; n++)
        await until('it was asked nonsense', async () => (await ask('select')) === 'AnalyticsError');
      expect(guard.status()).toEqual({ breaker: 'closed', opened: 0 });

      process.kill(Number(analytics.pid), 'SIGSTOP');
      while (guard.status().breaker === 'closed') expect(await ask()).toBe('not-ready');
      const waited = questions;
      expect(await times(100, ask.bind(undefined, 'select 1'))).toEqual(Array.from({ length: 100 }, () => 'not-ready'));
      expect([questions, guard.status()]).toEqual([waited, { breaker: 'open', opened: 1 }]);
    } finally {
      process.kill(Number(analytics.pid), 'SIGCONT');
      await analytics.close();
    }
  });
});

test('a file that comes too late is removed, and one that is asked for by too many is not made', async () => {
  const late = path.join(tmpdir(), `easy11-late-${process.pid}.csv`);
  let finish = (): void => undefined;
  let [saves, written] = [0, false];
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const save = async (): Promise<string> => {
    saves++;
    await finished;
    writeFileSync(late, 'too late');
    written = true;
    return late;
  };
  const guard = guardAnalytics(
    { save, query: () => Promise.reject(new Error('nobody asks')) },
    { clock: systemClock, timeoutMs: 50 },
  );
  const ends = await times(20, () => guard.save('select 1', 'csv').catch((error: { code: string }) => error.code));
  expect(ends).toEqual(ends.map(() => 'not-ready'));
  expect(saves).toBeLessThanOrEqual(8);
  finish();
  await until('it was written', () => Promise.resolve(written));
  await until('it was removed', () => Promise.resolve(!existsSync(late)));
});
