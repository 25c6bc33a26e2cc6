import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readFileSync } from 'node:fs';
import { DatabaseError } from '../boot';

/** The user that PostgreSQL runs as, where that is not the user who runs us. Spread it into the options of `spawn`. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root, so root lends it an account that has no power: the first of these that exists. */
const CANDIDATES = ['postgres', 'nobody'];

/** The account for PostgreSQL: undefined (our own) unless we are root. Throws DatabaseError if root finds none. */
export function accountForServer(passwords = '/etc/passwd'): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync(passwords, 'utf8').split('\n');
  for (const candidate of CANDIDATES) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${candidate}:`))?.split(':') ?? [];
    if (Number(uid) > 0) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new DatabaseError(
    `PostgreSQL refuses to run as root, and this machine has no account ${CANDIDATES.join(' or ')} to run it as. ` +
      'Start as another user, create one of these accounts, or set DATABASE_URL.',
  );
}

/** Gives a file or folder to the account. */
export function giveTo(account: Account | undefined, path: string): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/**
 * Whether the account may enter or read a path: false below a folder such as root's home that is closed to others. Asked
 * of the system by trying it as that user, since mode bits are not the whole truth.
 */
export function mayRead(account: Account | undefined, path: string): boolean {
  if (account === undefined) return true;
  const check = ['-c', 'test -r "$1" && { test ! -d "$1" || test -x "$1"; }', 'sh', path];
  return spawnSync('/bin/sh', check, { ...account, cwd: '/' }).status === 0;
}

/** Whether the account may pass through a folder on the way to something below it. */
export function mayEnter(account: Account | undefined, folder: string): boolean {
  if (account === undefined) return true;
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', folder], { ...account, cwd: '/' }).status === 0;
}

/** Makes a folder that every account may enter, whatever the umask; leaves one that is there as it is. */
export function makeShelter(folder: string): void {
  if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o755);
}
