import type pg from 'pg';
import { nothingAtCommit } from '../database';
import type { CloudEvent } from '../outbox';
import { bounded, HandlerTimeout } from '../outbox/bounded';
import { boundIdleTime, type OutboxDatabase } from '../outbox/database';

/**
 * Applies an event of the bus through `client`, whose transaction also records that it was applied: both happen or
 * neither. Throwing undoes what it did and counts as a failed attempt. What it does elsewhere may be done again.
 */
export type BusHandler = (event: CloudEvent, client: pg.PoolClient) => Promise<void>;

export type Applied =
  | { readonly state: 'applied' | 'duplicate' }
  | { readonly state: 'failed'; /** What went wrong. */ readonly error: string };

/**
 * Applies an event unless the group has applied it before, or lacks an earlier one of its aggregate. Two processes that
 * try it at once (one was frozen and lost its lease meanwhile) do so one after the other, at the row of the inbox.
 * A handler that takes longer than `handlerMs` has failed; its connection is closed, so that it can do nothing through it any
 * more. Throws when the database is away, which is not the event's fault.
 */
export async function applyOnce(
  database: Pick<OutboxDatabase, 'transaction'>,
  group: string,
  event: CloudEvent,
  handler: BusHandler,
  handlerMs: number,
): Promise<Applied> {
  try {
    return await apply(
      database,
      group,
      event,
      (client) => bounded(handler(event, client), client, handlerMs),
      handlerMs,
    );
  } catch (error) {
    if (error instanceof HandlerTimeout) return { state: 'failed', error: describe(error) };
    throw error;
  }
}

function apply(
  database: Pick<OutboxDatabase, 'transaction'>,
  group: string,
  event: CloudEvent,
  handle: (client: pg.PoolClient) => Promise<void>,
  handlerMs: number,
): Promise<Applied> {
  const { partitionkey: aggregate } = event;
  const version = Number(event.sequence);
  return database.transaction(async (client) => {
    // Longer than the handler has: this is for a process that is frozen.
    await boundIdleTime(client, handlerMs + 5_000);
    // 0 for an aggregate that is new to the group: its first event is taken whatever its version. The update changes
    // nothing, but locks.
    const seen = await client.query<{ version: number }>(
      `insert into outbox_inbox (consumer_group, aggregate, version) values ($1, $2, 0)
       on conflict (consumer_group, aggregate) do update set version = outbox_inbox.version returning version`,
      [`bus:${group}`, aggregate],
    );
    const last = seen.rows[0]?.version ?? 0;
    if (version <= last) return { state: 'duplicate' };
    if (last > 0 && version > last + 1)
      return {
        state: 'failed',
        error: `version ${last + 1} of ${aggregate} is missing: ${version} came after ${last}`,
      };
    // The savepoint may undo what the handler did: then nothing of it may be left for the commit.
    nothingAtCommit(client);
    await client.query('savepoint delivery');
    try {
      await handle(client);
    } catch (error) {
      if (error instanceof HandlerTimeout) throw error;
      await client.query('rollback to savepoint delivery'); // throws when it was the connection that failed
      return { state: 'failed', error: describe(error) };
    }
    await client.query('update outbox_inbox set version = $3 where consumer_group = $1 and aggregate = $2', [
      `bus:${group}`,
      aggregate,
      version,
    ]);
    return { state: 'applied' };
  });
}

function describe(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.slice(0, 4_000) || 'unknown error';
}
