import type pg from 'pg';
import type { Database } from '../database';

/** What the outbox needs of the application's database. */
export type OutboxDatabase = Pick<Database, 'pool' | 'url' | 'transaction'>;

/** Advisory lock spaces: first keys of two-key locks. */
export const LOCKS = { relay: 7700, sweep: 7701 } as const;

/**
 * Lets PostgreSQL end this transaction when its process has gone silent (frozen, or cut off by the network), so that
 * the lock it holds returns to the living. A killed process needs no such help: its connection is closed for it.
 */
export async function boundIdleTime(client: pg.ClientBase, ms: number): Promise<void> {
  await client.query(`set local idle_in_transaction_session_timeout = ${Math.trunc(ms)}`);
}
