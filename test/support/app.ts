import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { startApp, type App, type StartOptions } from '../../src/app';
import { loadSettings } from '../../src/platform/config';
import { createTestDatabase, type TestDatabase } from './database';

export { eventually } from './eventually';

export interface TestApp {
  readonly url: string;
  readonly app: App;
  readonly database: TestDatabase;
  readonly adminToken: string;
  /** Asks for JSON; throws nothing for an error status. */
  get(where: string): Promise<{ status: number; headers: Headers; body: unknown }>;
  close(): Promise<void>;
}

/** Connections of a shop in a test: four files with two shops each get by with the 100 of a PostgreSQL as it comes. */
export const TEST_POOL = '6';

export const ADMIN_TOKEN = 'a-token-for-the-tests-only';

/** The whole shop in this process, on a database and a port of its own: what `npm start` runs. */
export async function startTestApp(
  env: Readonly<Record<string, string>> = {},
  options: StartOptions = {},
): Promise<TestApp> {
  const database = await createTestDatabase({}, 4);
  const dataDirectory = await mkdtemp(path.join(os.tmpdir(), 'easy11-test-'));
  const settings = loadSettings({
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: database.url,
    EASY11_DATABASE_POOL: TEST_POOL,
    EASY11_DATA_DIR: dataDirectory,
    EASY11_ADMIN_TOKEN: ADMIN_TOKEN,
    EASY11_DEMO_PRODUCTS: '0',
    // A test is one client, on a machine that may be busy with others: limits have tests of their own.
    EASY11_RATE_LIMIT: '0',
    EASY11_SHED_DELAY: '0',
    // A process of its own, for the tests that pay: they set it to sandbox.
    EASY11_PAYMENTS: 'off',
    // Runs only when a test asks for one.
    EASY11_ANALYTICS_MINUTES: '0',
    EASY11_TRAINING_HOURS: '0',
    ...env,
  });
  const app = await startApp(settings, pino({ level: 'silent' }), options);
  return {
    url: app.http.url,
    app,
    database,
    adminToken: ADMIN_TOKEN,
    async get(where) {
      const answer = await fetch(app.http.url + where);
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
    async close() {
      await app.close();
      await database.drop();
      await rm(dataDirectory, { recursive: true, force: true });
    },
  };
}
