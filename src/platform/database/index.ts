/**
 * The database: one PostgreSQL (DATABASE_URL, or an embedded one in the data folder), one pool of connections under Prisma
 * and under plain SQL, transactions that are repeated when PostgreSQL asks for it, and migrations.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Settings } from '../config';
import type { Log } from '../log';
import { waitForDatabase } from './boot';
import { startEmbedded } from './embedded';
import { PrismaClient } from './generated/client';
import { createPool, runTransaction, type Isolation } from './pool';
import { withRetries } from './retry';
import { Waits } from './waits';

export { DatabaseError } from './boot';
export { identityOf } from './identity';
export { MigrationError, migrate, pendingMigrations } from './migrations';
export { isTransientConflict, withRetries } from './retry';
export { atCommit, nothingAtCommit, together, type Flush, type Isolation } from './pool';
export type { PrismaClient } from './generated/client';

export interface TransactionOptions {
  /** Default: read committed. */
  readonly isolation?: Isolation;
  /** Asked when it begins, in milliseconds: how long it may wait for a lock, and a statement may take. 0 sets no bound. */
  readonly limits?: () => { readonly lockMs: number; readonly statementMs: number };
}

export interface Database {
  /** For plain SQL. Shared with Prisma: the settings' EASY11_DATABASE_POOL bounds both together. */
  readonly pool: pg.Pool;
  /** For reading and writing single records in a typed way. */
  readonly prisma: PrismaClient;
  /** Where it is, password included: show it through `withoutPassword` only. */
  readonly url: string;
  readonly kind: 'embedded' | 'external';
  /**
   * Runs `work` in one transaction on one connection and commits it. On a serialization failure or a deadlock the whole
   * of `work` runs again, a few times at most, so it must not do anything outside the database that cannot be repeated.
   * A connection lost during the commit is not retried: whether it committed is then unknown.
   */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Requests that wait for their turn now: whoever works in the background holds back. Transactions with limits are counted while they
   * wait for a connection; whoever waits for something else before that says so with `requestWaits`.
   */
  requestsWaiting(): number;
  /** Counts a request as waiting until what it returns is called. */
  requestWaits(): () => void;
  /** Whether a request has waited longer than a moment, now or in the last so many milliseconds. */
  pressed(withinMs: number): boolean;
  /** Ends the connections, and stops the embedded server if this process runs it. Safe to call twice. */
  close(): Promise<void>;
}

export type DatabaseSettings = Pick<Settings, 'DATABASE_URL' | 'EASY11_DATA_DIR' | 'EASY11_DATABASE_POOL'>;

/**
 * Opens the database that the settings name and waits until it answers. It does not migrate: call `migrate` for that.
 * Throws DatabaseError when it cannot be reached within `patience` milliseconds or refuses us.
 */
export async function openDatabase(settings: DatabaseSettings, log: Log, patience = 60_000): Promise<Database> {
  const server = await locate(settings, log);
  return connect(server, settings.EASY11_DATABASE_POOL, log, patience);
}

/** DATABASE_URL always wins; without it the embedded server of the data folder is started. */
async function locate(settings: DatabaseSettings, log: Log): Promise<Server> {
  const url = settings.DATABASE_URL;
  if (url !== undefined) return { url, kind: 'external', stop: () => Promise.resolve() };
  return { kind: 'embedded', ...(await startEmbedded(settings.EASY11_DATA_DIR, log)) };
}

interface Server {
  readonly url: string;
  readonly kind: Database['kind'];
  stop(): Promise<void>;
}

async function connect(server: Server, poolSize: number, log: Log, patience: number): Promise<Database> {
  const pool = createPool(server.url, poolSize, log);
  try {
    await waitForDatabase(pool, server.url, log, patience);
  } catch (error) {
    await pool.end();
    await server.stop();
    throw error;
  }
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) });
  const shut = async (): Promise<void> => {
    await prisma.$disconnect();
    await pool.end();
    await server.stop();
  };
  let closing: Promise<void> | undefined;
  const waits = new Waits();
  const attempt = <T>(work: (client: pg.PoolClient) => Promise<T>, options: TransactionOptions): Promise<T> => {
    const arrive = options.limits ? waits.begin() : () => undefined;
    const begin = (): string => {
      arrive();
      return beginOf(options);
    };
    return runTransaction(pool, work, begin).finally(arrive);
  };
  return {
    pool,
    prisma,
    url: server.url,
    kind: server.kind,
    transaction: (work, options = {}) => withRetries(() => attempt(work, options)),
    requestsWaiting: () => waits.count,
    requestWaits: () => waits.begin(),
    pressed: (withinMs) => waits.pressed(withinMs),
    close: () => (closing ??= shut()),
  };
}

/** After how long PostgreSQL ends the transaction of a process that is silent: one that is frozen must not keep its locks for ever. */
const SILENT_MS = 60_000;

/** The limits are sent with the beginning: that costs no round trip of their own. */
function beginOf({ isolation = 'read committed', limits }: TransactionOptions): string {
  const begin = `begin isolation level ${isolation}; set local idle_in_transaction_session_timeout = ${SILENT_MS}`;
  if (!limits) return begin;
  const { lockMs, statementMs } = limits();
  const whole = (ms: number): number => Math.max(0, Math.ceil(ms));
  return `${begin}; set local lock_timeout = ${whole(lockMs)}; set local statement_timeout = ${whole(statementMs)}`;
}

/**
 * The same database, whose transactions are parts of the one that `client` is in: for a use case that must commit together
 * with something else. They commit when that one does, and a conflict runs all of it again.
 */
export function joinTransaction(database: Database, client: pg.PoolClient): Database {
  return { ...database, transaction: (work) => work(client) };
}
