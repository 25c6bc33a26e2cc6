/**
 * Applies prisma/migrations in order and keeps the books in Prisma's own table, in Prisma's own way, so that
 * `prisma migrate deploy` and `prisma migrate status` agree with us and either may be used on the same database.
 */
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import type { Log } from '../log';

/** prisma/migrations of this package: three folders up from both src/platform/database and dist/platform/database. */
export const MIGRATIONS_FOLDER = path.resolve(__dirname, '../../../prisma/migrations');

/** The number of the advisory lock that Prisma's command line takes too: only one process migrates at a time. */
const MIGRATION_LOCK = 72_707_369;

const CREATE_TABLE = `create table if not exists _prisma_migrations (
  id                  varchar(36)  primary key not null,
  checksum            varchar(64)  not null,
  finished_at         timestamptz,
  migration_name      varchar(255) not null,
  logs                text,
  rolled_back_at      timestamptz,
  started_at          timestamptz  not null default now(),
  applied_steps_count integer      not null default 0
)`;

/** The migrations and the database do not fit together, or one of them failed. Nothing of the failed one remains. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file in lower-case hexadecimal, as Prisma computes it. */
  readonly checksum: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Reads a folder of migrations in the order in which they apply: by name, which begins with the time. */
export function readMigrations(folder = MIGRATIONS_FOLDER): readonly Migration[] {
  if (!existsSync(folder)) throw new MigrationError(`The folder of migrations ${folder} is missing`);
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return names
    .map(({ name }) => {
      const file = path.join(folder, name, 'migration.sql');
      if (!existsSync(file)) throw new MigrationError(`The migration ${name} has no file migration.sql`);
      const sql = readFileSync(file, 'utf8');
      return { name, sql, checksum: sha256(sql) };
    })
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly logs: string | null;
}

/** A checkout may have changed the line ends of a file: Prisma accepts that, and so do we. */
function sameText(migration: Migration, checksum: string): boolean {
  const unix = migration.sql.replaceAll('\r\n', '\n');
  return [migration.checksum, sha256(unix), sha256(unix.replaceAll('\n', '\r\n'))].includes(checksum);
}

/** Returns the migrations still to apply; throws MigrationError when the history is not a part of the folder. */
function pendingOf(migrations: readonly Migration[], applied: readonly AppliedRow[]): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const row of applied) {
    const migration = known.get(row.migration_name);
    if (migration === undefined) {
      throw new MigrationError(
        `The database has a migration that this version does not know: ${row.migration_name}. ` +
          'Most likely a newer version has used this database; run that version, or use another database.',
      );
    }
    if (row.finished_at === null) {
      throw new MigrationError(
        `The migration ${row.migration_name} failed before it finished${row.logs ? `: ${row.logs}` : ''}. ` +
          'Repair the database, then mark it with `npx prisma migrate resolve`.',
      );
    }
    if (!sameText(migration, row.checksum)) {
      throw new MigrationError(
        `The file of the migration ${row.migration_name} was changed after it was applied. ` +
          'Restore it and put the change into a new migration (npm run db:new -- <name>).',
      );
    }
  }
  const done = new Set(applied.map((row) => row.migration_name));
  return migrations.filter((migration) => !done.has(migration.name));
}

async function readApplied(client: pg.ClientBase): Promise<readonly AppliedRow[]> {
  const exists = await client.query(`select to_regclass('_prisma_migrations') is not null as found`);
  if (exists.rows[0]?.found !== true) return [];
  const { rows } = await client.query<AppliedRow>(
    `select migration_name, checksum, finished_at, logs from _prisma_migrations
     where rolled_back_at is null order by started_at`,
  );
  return rows;
}

async function apply(client: pg.ClientBase, migration: Migration): Promise<void> {
  const started = new Date();
  try {
    await client.query('begin');
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       values ($1, $2, clock_timestamp(), $3, $4, 1)`,
      [randomUUID(), migration.checksum, migration.name, started],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    const { message, position } = error as { message?: string; position?: string };
    const line = position === undefined ? '' : ` (line ${migration.sql.slice(0, Number(position)).split('\n').length})`;
    throw new MigrationError(
      `The migration ${migration.name} failed and was undone${line}: ${message ?? String(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function takeLock(client: pg.ClientBase, log: Log | undefined): Promise<void> {
  const { rows } = await client.query('select pg_try_advisory_lock($1) as taken', [MIGRATION_LOCK]);
  if (rows[0]?.taken === true) return;
  log?.info('Another process is migrating the database: waiting for it');
  await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
}

export interface MigrateOptions {
  readonly log?: Log;
  readonly folder?: string;
}

/**
 * Brings the database to the newest migration: each one in its own transaction, which therefore either happened or did
 * not. Several processes may call it at once; one works, the others wait. Returns the names that it applied.
 * Throws MigrationError when an applied file was changed or removed, or when one fails.
 */
export async function migrate(database: { pool: pg.Pool }, options: MigrateOptions = {}): Promise<readonly string[]> {
  const migrations = readMigrations(options.folder);
  const client = await database.pool.connect();
  try {
    await takeLock(client, options.log);
    await client.query(CREATE_TABLE);
    const pending = pendingOf(migrations, await readApplied(client));
    for (const migration of pending) {
      await apply(client, migration);
      options.log?.info({ migration: migration.name }, 'Applied a migration');
    }
    return pending.map(({ name }) => name);
  } finally {
    // Ends the session instead of handing it back: the lock goes with it, in whatever state a failure left it.
    client.release(true);
  }
}

/** Which migrations the database still lacks. Changes nothing; throws MigrationError like `migrate`. */
export async function pendingMigrations(
  database: { pool: pg.Pool },
  folder = MIGRATIONS_FOLDER,
): Promise<readonly string[]> {
  const client = await database.pool.connect();
  try {
    return pendingOf(readMigrations(folder), await readApplied(client)).map(({ name }) => name);
  } finally {
    client.release();
  }
}
