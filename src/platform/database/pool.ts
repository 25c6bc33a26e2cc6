import pg from 'pg';
import type { Log } from '../log';

/**
 * The one pool of the process, under Prisma and under plain SQL. A connection that breaks is logged and replaced; it
 * never ends the process: both the pool (idle connections) and each connection (those in use) have an error handler.
 */
export function createPool(url: string, size: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'easy11',
  });
  // The error itself is not logged: pg hangs the whole client on it, password included.
  pool.on('error', ({ message, code }: Error & { code?: string }) => {
    // While the pool ends, a server that ends too may be faster than our goodbye.
    if (!pool.ending) log.warn({ code, reason: message }, 'An idle database connection broke');
  });
  pool.on('connect', (client) => {
    client.on('error', ({ message }) => log.debug({ reason: message }, 'A database connection broke'));
  });
  return pool;
}

/** How a transaction sees others. PostgreSQL's default is read committed. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** One attempt at a transaction: commits what `work` did, or rolls it back and throws its error. */
export async function runTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  isolation: Isolation,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`begin isolation level ${isolation}`);
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError; // the connection is gone: the server rolls back by itself, the pool must not reuse it
    });
    throw error;
  } finally {
    client.release(broken);
  }
}
