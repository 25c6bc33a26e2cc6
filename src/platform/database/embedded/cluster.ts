import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '../../log';
import { DatabaseError } from '../boot';
import { giveTo, type Account } from './account';
import type { Binaries } from './binaries';
import type { Place } from './place';

export const SUPERUSER = 'easy11';

const run = promisify(execFile);

/**
 * Makes the cluster on the first start. The sorting rules are PostgreSQL's own (builtin C.UTF-8), not the machine's, so that an index
 * built here is right on any machine. It is made under another name and renamed when it is whole: a start that was
 * killed halfway leaves nothing that looks like a database. Returns whether it made one.
 */
export async function ensureCluster(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  password: string,
  log: Log,
): Promise<boolean> {
  const versionFile = path.join(place.cluster, 'PG_VERSION');
  if (existsSync(versionFile)) {
    const major = readFileSync(versionFile, 'utf8').trim();
    if (major === binaries.major) return false;
    throw new DatabaseError(
      `The database in ${place.cluster} was made by PostgreSQL ${major}, and this is PostgreSQL ${binaries.major}. ` +
        'Use the earlier version of Easy11 to export what you need, or move the folder away to start afresh.',
    );
  }
  log.info({ folder: place.cluster }, 'Making a new embedded PostgreSQL database');
  const unfinished = `${place.cluster}.new`;
  const passwordFile = `${place.cluster}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  giveTo(account, unfinished);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  giveTo(account, passwordFile);
  try {
    await run(
      binaries.initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${SUPERUSER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...account, cwd: place.home, env: serverEnvironment() },
    );
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    const output = (error as { stderr?: string }).stderr?.trim() || String(error);
    throw new DatabaseError(`initdb could not make a database in ${place.cluster}: ${output}`, { cause: error });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(unfinished, place.cluster);
  return true;
}

/** Nothing of our environment that would steer PostgreSQL's programs (PGDATA, PGPORT, LC_*): only what they need. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, TMP } = process.env;
  return { PATH, SystemRoot, TEMP, TMP, LC_ALL: 'C', TZ: 'UTC' };
}

/**
 * Sets the superuser's password with the server down, in PostgreSQL's single-user mode: for a cluster whose address file
 * was lost.
 */
export async function resetPassword(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  password: string,
): Promise<void> {
  const running = run(
    binaries.postgres,
    ['--single', '-D', place.cluster, '-c', 'log_min_messages=fatal', 'postgres'],
    {
      ...account,
      cwd: place.home,
      env: serverEnvironment(),
    },
  );
  running.child.stdin?.end(`alter role ${SUPERUSER} password '${password}'\n`);
  await running;
}
