import { Socket } from 'node:net';
import pg from 'pg';
import type { Log } from '../log';

/**
 * The one pool of the process, under Prisma and under plain SQL. A connection that breaks is logged and replaced; it
 * never ends the process: both the pool (idle connections) and each connection (those in use) have an error handler.
 *
 * Statements are sent when they are asked for, without waiting for the answers to those before (pipelining): they are still
 * carried out one after the other, and answered in order. Whoever asks for several at once, with Promise.all, waits once.
 */
export function createPool(url: string, size: number, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: size,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: 'easy11',
    pipeline: true,
    stream: createSocket,
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

/**
 * A socket that sends what is written in one turn of JavaScript in one system call: each of them wakes the server, which on a
 * busy machine costs more than everything else that is done for a statement here.
 */
function createSocket(): Socket {
  const socket = new Socket();
  const write = socket.write.bind(socket) as (...given: unknown[]) => boolean;
  let corked = false;
  socket.write = (...given: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      process.nextTick(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...given);
  };
  return socket;
}

/** Sends statements before it returns, or throws without having sent any. */
export type Flush<T> = (client: pg.ClientBase, items: readonly T[]) => Promise<unknown>;

/** What the transaction on a connection sends with its commit. */
const waiting = new WeakMap<pg.ClientBase, Map<Flush<never>, unknown[]>>();

/**
 * For the last writes of a transaction, on whose answers nothing depends: what is given to the same `flush` is collected and sent
 * together with the commit, in one go. What goes wrong with it is thrown by the transaction, which is then rolled back. Outside of a
 * transaction of `Database`, and where a savepoint may still take back what was done, it is sent and waited for at once.
 */
export async function atCommit<T>(client: pg.ClientBase, flush: Flush<T>, items: readonly T[]): Promise<void> {
  const collected = waiting.get(client);
  if (!collected) {
    await flush(client, items);
    return;
  }
  const others = collected.get(flush);
  if (others) others.push(...items);
  else collected.set(flush, [...items]);
}

/** Nothing waits for the commit of this transaction any more: for those that have savepoints. */
export const nothingAtCommit = (client: pg.ClientBase): void => void waiting.delete(client);

/**
 * Waits for statements that were sent together, and for all of them also where one has failed, so that nothing goes on in a
 * transaction that is being rolled back. Throws the first failure, in the order in which they are given.
 */
export async function together<T extends readonly unknown[] | []>(statements: {
  readonly [K in keyof T]: Promise<T[K]>;
}): Promise<T> {
  const ends = await Promise.allSettled(statements);
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  }) as unknown as T;
}

/** How a transaction sees others. PostgreSQL's default is read committed. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** One attempt at a transaction: commits what `work` did, or rolls it back and throws its error. `begin` is its first statement. */
export async function runTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
  begin: () => string,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Waited for: were it to fail, what is sent behind it would be written without a transaction.
    await client.query(begin());
    const collected = new Map<Flush<never>, unknown[]>();
    waiting.set(client, collected);
    const result = await work(client);
    waiting.delete(client);
    const last = [...collected].map(([flush, items]) => flush(client, items as never[]));
    const [{ command }] = await Promise.all([client.query('commit'), ...last]);
    // What failed in it was not told to anybody, and PostgreSQL makes the commit of a failed transaction a rollback.
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement in it had failed');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError; // the connection is gone: the server rolls back by itself, the pool must not reuse it
    });
    throw error;
  } finally {
    waiting.delete(client);
    client.release(broken);
  }
}
