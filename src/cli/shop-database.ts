import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import type { Settings } from '../platform/config';
import { migrate, MigrationError, openDatabase, pendingMigrations, type Database } from '../platform/database';
import type { Log } from '../platform/log';

/**
 * The shop's database for a command beside or without a running server, migrated. The embedded PostgreSQL belongs to one
 * process: where a server runs, its address is in the data folder and the command joins it there; where none does, the
 * command starts it for as long as it takes. DATABASE_URL always wins.
 */
export async function openShopDatabase(settings: Settings, log: Log, prepare = bringUpToDate): Promise<Database> {
  const running = settings.DATABASE_URL ?? (await runningServer(settings.EASY11_DATA_DIR));
  const database = await openDatabase({ ...settings, DATABASE_URL: running }, log);
  try {
    await prepare(database, log);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

const bringUpToDate = (database: Database, log: Log): Promise<unknown> => migrate(database, { log });

/** For a command that changes nothing: takes the database as it is. Throws MigrationError where it is another than this version's. */
export async function insistOnMigrated({ pool }: Database): Promise<void> {
  const pending = await pendingMigrations({ pool });
  if (pending.length > 0)
    throw new MigrationError(`${pending.length} migrations are pending: npm run db:migrate applies them`);
}

/** The address of the embedded server of a data folder, if it is running now. */
async function runningServer(dataFolder: string): Promise<string | undefined> {
  const url = readAddress(path.resolve(dataFolder, 'postgres.url'));
  if (url === undefined) return undefined;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, application_name: 'easy11' });
  try {
    await client.connect();
    await client.query('select 1');
    return url;
  } catch {
    return undefined; // nobody is there: the address is of an earlier run
  } finally {
    await client.end();
  }
}

function readAddress(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return URL.canParse(text) ? text : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
