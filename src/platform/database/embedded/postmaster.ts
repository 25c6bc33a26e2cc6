import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../log';
import { DatabaseError } from '../boot';
import type { Account } from './account';
import type { Binaries } from './binaries';
import { serverEnvironment } from './cluster';
import type { Place } from './place';
import { commandOf, isAlive } from './processes';

/** What the server is started with. Safe first: an acknowledged commit is on the disk. Small: a shop on a laptop. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '', // paths of sockets are too short for deep folders; the address with its password serves all
  max_connections: '100',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '128MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '512MB',
  jit: 'off', // compiling a plan costs more than our short queries
  io_method: 'sync', // three processes fewer
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'warning',
};

export interface Postmaster {
  readonly pid: number;
  /** Resolves when the server has ended, however it came to that. */
  readonly ended: Promise<void>;
  /** Ends the server in order: running queries are broken off, everything committed is on the disk. */
  stop(): Promise<void>;
  /** As `stop`, but without waiting: for the last moment of our process. */
  stopLater(): void;
}

interface PidFile {
  readonly pid: number;
  readonly status: string;
}

/** PostgreSQL's own note about the server that runs on a cluster: its number in line 1, its state in line 8. */
function readPidFile(cluster: string): PidFile | undefined {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Number(lines[0]), status: (lines[7] ?? '').trim() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Stops a server that a killed process of ours left running on this cluster, and removes what a dead one left behind.
 * Only for the owner of the folder. Returns whether there was one to stop.
 */
export async function stopOrphan(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  log: Log,
): Promise<boolean> {
  const found = readPidFile(place.cluster);
  if (found === undefined) return false;
  const command = isAlive(found.pid) ? commandOf(found.pid) : undefined;
  const running = process.platform === 'win32' ? isAlive(found.pid) : isServerOn(place.cluster, command);
  if (!running) {
    // PostgreSQL refuses to start while any process has the noted number, even one that has nothing to do with it.
    rmSync(path.join(place.cluster, 'postmaster.pid'), { force: true });
    return false;
  }
  log.warn({ pid: found.pid }, 'Stopping the PostgreSQL server that a killed process left running');
  await stopServer(found.pid, place, binaries, account);
  return true;
}

const isServerOn = (cluster: string, command: string | undefined): boolean =>
  command !== undefined && command.includes('postgres') && command.includes(cluster);

async function stopServer(pid: number, place: Place, binaries: Binaries, account: Account | undefined): Promise<void> {
  if (process.platform === 'win32') {
    // There are no signals to send: PostgreSQL's own tool knows how.
    const options = { ...account, env: serverEnvironment() };
    await new Promise((resolve) =>
      execFile(binaries.pgCtl, ['stop', '-D', place.cluster, '-m', 'fast'], options, resolve),
    );
  } else if (isAlive(pid)) {
    process.kill(pid, 'SIGINT'); // "fast shutdown"
  }
  for (let waited = 0; isAlive(pid); waited += 20) {
    if (waited > 60_000) throw new DatabaseError(`The PostgreSQL server (process ${pid}) does not stop`);
    await sleep(20);
  }
}

/**
 * Starts the server on a port and waits until it takes connections, however long it has to recover. It runs in a session
 * of its own, so that Ctrl-C reaches us and not it: we stop it when the last request is answered.
 * Throws StartError with the end of the server's log when it does not come up.
 */
export async function startPostmaster(
  place: Place,
  binaries: Binaries,
  account: Account | undefined,
  port: number,
  log: Log,
  extra: Readonly<Record<string, string>> = {},
): Promise<Postmaster> {
  const settings = Object.entries({ ...SETTINGS, ...extra, port: String(port) });
  const output = openLog(place.logFile);
  const logStart = fstatSync(output).size;
  const child = spawn(
    binaries.postgres,
    ['-D', place.cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...account,
      cwd: place.home,
      env: serverEnvironment(),
      stdio: ['ignore', output, output],
      detached: true,
      windowsHide: true,
    },
  );
  closeSync(output);
  let over = false;
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  }).then(() => {
    over = true;
  });
  // A server that was killed has left its note behind, "ready" included: only the note of our own child counts.
  const ready = (): boolean => {
    const note = readPidFile(place.cluster);
    return note?.pid === child.pid && note?.status === 'ready';
  };
  for (let waited = 0; !ready(); waited += 10) {
    if (over) throw startFailure(place, logStart);
    if (waited > 0 && waited % 5000 === 0) log.info({ waited }, 'PostgreSQL is still starting or recovering');
    await sleep(10);
  }
  const pid = Number(child.pid);
  child.unref();
  return { pid, ended, stop: () => stopServer(pid, place, binaries, account), stopLater: () => signal(child) };
}

function signal(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
}

/** Opens the server's log at its end, after putting a large one aside. */
function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) renameSync(file, `${file}.1`);
  const output = openSync(file, 'a', 0o600);
  chmodSync(file, 0o600); // statements in it may hold data
  return output;
}

/** What the server said about its end. Two reasons can be mended by starting again, and `again` tells which. */
export class StartError extends DatabaseError {
  readonly again: 'other port' | 'later' | undefined;

  constructor(logFile: string, output: string) {
    super(`PostgreSQL did not start. Its log ${logFile} ends with:\n${output.split('\n').slice(-8).join('\n')}`);
    if (/could not bind|Address already in use/.test(output)) this.again = 'other port';
    // The master was killed, and its children still notice that one by one.
    else if (/pre-existing shared memory block/.test(output)) this.again = 'later';
    else this.again = undefined;
  }
}

function startFailure(place: Place, logStart: number): StartError {
  return new StartError(place.logFile, readFileSync(place.logFile).subarray(logStart).toString('utf8').trimEnd());
}
