import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { migrate, openDatabase, type Database } from '../../src/platform/database';
import { readMigrations } from '../../src/platform/database/migrations';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Closes the database and removes it from the server. */
  drop(): Promise<void>;
}

/** The data folder of the server that the workers of a test run share. */
const SHARED_FOLDER = path.resolve(__dirname, '../../.easy11/test');

/** An advisory lock that every user of the shared server shares: the server ends when it gets it for itself. */
export const SERVER_IN_USE = 7_711;

const log = pino({ level: 'silent' });

/**
 * A database of its own for a test: random name, all migrations applied. It lives on the server of DATABASE_URL if that
 * is set, else on an embedded one that all workers share. Takes some 50 ms: it is copied from a template that is migrated once.
 * `session` are settings of PostgreSQL for its connections. A test that only looks on while a shop works needs few `connections`.
 */
export async function createTestDatabase(
  session: Readonly<Record<string, string>> = {},
  connections = 10,
): Promise<TestDatabase> {
  const { server, administrator } = await connectToServer();
  const generation = await generationOf(administrator);
  const template = await ensureTemplate(administrator, server, generation);
  const name = `easy11_test_${generation}_${randomBytes(8).toString('hex')}`;
  await administrator.query(`create database ${name} template ${template}`);
  const url = databaseUrl(server, name, session);
  const settings = { DATABASE_URL: url, EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: connections };
  const database = await openDatabase(settings, log);
  return {
    database,
    url,
    async drop() {
      await database.close();
      await administrator.query(`drop database ${name} with (force)`);
      await administrator.end();
    },
  };
}

/** A connection to the server of the tests, started if need be. */
async function connectToServer(): Promise<{ server: string; administrator: pg.Client }> {
  const configured = process.env.DATABASE_URL || undefined;
  if (configured !== undefined) return { server: configured, administrator: await connect(configured) };
  const started = Date.now();
  for (let spawned = 0; ;) {
    try {
      const server = readFileSync(path.join(SHARED_FOLDER, 'postgres.url'), 'utf8').trim();
      return { server, administrator: await enter(server) };
    } catch (error) {
      if (Date.now() - started > 120_000) throw error; // not there yet, or a server that is just ending
    }
    // Too many may be started: the data folder has one owner, and those that come second end at once.
    if (Date.now() - spawned > 10_000) {
      spawnSharedServer();
      spawned = Date.now();
    }
    await sleep(100);
  }
}

/** Connects to the shared server, unless it is just ending: between a connection and its end there is always a moment. */
async function enter(server: string): Promise<pg.Client> {
  const administrator = await connect(server);
  const { rows } = await administrator.query<{ entered: boolean }>(
    'select pg_try_advisory_lock_shared($1) as entered',
    [SERVER_IN_USE],
  );
  if (rows[0]?.entered) return administrator;
  await administrator.end();
  throw new Error('the server of the tests is ending');
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, application_name: 'easy11-test' });
  await client.connect();
  // An abandoned test must not keep its process alive (the method exists; its types are missing).
  (client as pg.Client & { unref(): void }).unref();
  return client;
}

/** Starts the server in a process that outlives this worker and ends when nobody is connected any more. */
function spawnSharedServer(): void {
  mkdirSync(SHARED_FOLDER, { recursive: true });
  const output = openSync(path.join(SHARED_FOLDER, 'keeper.log'), 'a');
  const program = [require.resolve('tsx/cli'), path.join(__dirname, 'database-server.ts'), SHARED_FOLDER];
  spawn(process.execPath, program, { stdio: ['ignore', output, output], detached: true }).unref();
  closeSync(output);
}

/** The address of another database on the same server, with settings for the connections. */
export function databaseUrl(server: string, name: string, session: Readonly<Record<string, string>> = {}): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  const options = Object.entries(session).map(([setting, value]) => `-c ${setting}=${value}`);
  if (options.length > 0) url.searchParams.set('options', options.join(' '));
  return url.toString();
}

/**
 * Marks what belongs to the present run of a server: databases of an earlier generation were left by killed tests, and the
 * shared server drops them when it starts.
 */
export async function generationOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ generation: string }>(
    `select extract(epoch from pg_postmaster_start_time())::bigint::text as generation`,
  );
  return String(rows[0]?.generation);
}

/**
 * The migrated database that tests are copied from; its name carries a hash of the migrations, so a changed migration
 * makes a new one. Workers meet here: the advisory lock lets one build it, and the final name appears only when it is done.
 */
async function ensureTemplate(administrator: pg.Client, server: string, generation: string): Promise<string> {
  const hash = createHash('sha256');
  for (const { name, checksum } of readMigrations()) hash.update(`${name} ${checksum}\n`);
  const template = `easy11_template_${generation}_${hash.digest('hex').slice(0, 16)}`;
  const exists = async (): Promise<boolean> =>
    (await administrator.query('select 1 from pg_database where datname = $1', [template])).rowCount === 1;
  if (await exists()) return template;
  await administrator.query('select pg_advisory_lock(hashtext($1))', [template]);
  try {
    if (await exists()) return template;
    const unfinished = `${template}_building`;
    await administrator.query(`drop database if exists ${unfinished} with (force)`);
    await administrator.query(`create database ${unfinished} template template0`);
    const settings = { DATABASE_URL: databaseUrl(server, unfinished), EASY11_DATA_DIR: '', EASY11_DATABASE_POOL: 2 };
    const database = await openDatabase(settings, log);
    await migrate(database).finally(() => database.close());
    await administrator.query(`alter database ${unfinished} rename to ${template}`);
  } finally {
    await administrator.query('select pg_advisory_unlock(hashtext($1))', [template]);
  }
  return template;
}
