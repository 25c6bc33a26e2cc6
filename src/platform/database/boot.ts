import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { withoutPassword } from '../config';
import type { Log } from '../log';

/** The database cannot be used. The message says which one, why, and what to look at. */
export class DatabaseError extends Error {
  override readonly name: string = 'DatabaseError';
}

/** Failures that pass by themselves: the server is starting, recovering from a crash, restarting or still coming up. */
const PASSING: ReadonlySet<string> = new Set([
  '57P03', // cannot_connect_now: starting up, in recovery, shutting down
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '53300', // too_many_connections
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT', // a socket that is not there yet
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EAI_AGAIN',
]);

const HINTS: Readonly<Record<string, string>> = {
  '28P01': 'The user name or the password in DATABASE_URL is wrong.',
  '28000': 'The server does not let this user in from here: see its pg_hba.conf.',
  '3D000': 'The server answers, but has no database of that name: create it, or correct DATABASE_URL.',
  ENOTFOUND: 'The host in DATABASE_URL has no address.',
  ECONNREFUSED: 'Nothing listens at that address: is PostgreSQL running there?',
  '57P03': 'PostgreSQL is still starting or recovering: wait, then start again.',
};

/** The code of a failure to connect, also where Node wraps one failure per address into an AggregateError. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function passesByItself(error: unknown): boolean {
  // pg gives no code to a connection that the server closed during the greeting, nor to its own time limit.
  const message = error instanceof Error ? error.message : '';
  return PASSING.has(codeOf(error)) || /terminated unexpectedly|connection timeout|timeout expired/i.test(message);
}

/** A failure to reach the database at `url`, in words for a person. */
export function describeFailure(url: string, error: unknown): string {
  const reason = error instanceof Error && error.message !== '' ? error.message : codeOf(error) || String(error);
  const hint = HINTS[codeOf(error)];
  return `Cannot use the database ${withoutPassword(url)}: ${reason}.${hint === undefined ? '' : ` ${hint}`}`;
}

/**
 * Resolves once the database answers. Tries again, with pauses of 0.1 to 1 s, while the failure may pass by itself (a
 * server that starts or recovers), says so in the log at once and then every five seconds, and gives up after `patience`
 * milliseconds. Anything else (wrong password, no such database) throws DatabaseError immediately.
 */
export async function waitForDatabase(pool: pg.Pool, url: string, log: Log, patience: number): Promise<void> {
  const started = Date.now();
  let reportAt = 0;
  for (let pause = 100; ; pause = Math.min(pause * 2, 1000)) {
    try {
      await pool.query('select 1');
      if (reportAt > 0) log.info({ waited: Date.now() - started }, 'The database answers');
      return;
    } catch (error) {
      const waited = Date.now() - started;
      if (!passesByItself(error) || waited + pause > patience) {
        throw new DatabaseError(describeFailure(url, error), { cause: error });
      }
      if (waited >= reportAt) {
        log.warn(
          { reason: codeOf(error) || String(error), waited },
          `Waiting for the database ${withoutPassword(url)}`,
        );
        reportAt = waited + 5000;
      }
      await sleep(pause);
    }
  }
}
