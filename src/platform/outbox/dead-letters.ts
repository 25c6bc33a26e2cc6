import type pg from 'pg';

/** A pool, or the client of a transaction. */
export type Queryable = Pick<pg.ClientBase, 'query'>;

/** An event that a consumer could not apply, or one of the same aggregate that waits behind it. */
export interface DeadLetter {
  readonly id: string;
  readonly group: string;
  readonly aggregate: string;
  readonly version: number;
  readonly type: string;
  /** `retrying`: tried again by itself; `dead`: given up until replayed; `waiting`: parked behind one of the other two. */
  readonly state: 'retrying' | 'dead' | 'waiting';
  readonly attempts: number;
  /** Of the last attempt; null while waiting. */
  readonly error: string | null;
  readonly createdAt: Date;
}

export interface LetterSelection {
  readonly group: string;
  readonly aggregate?: string;
}

const LETTER = `select letter.id, letter.consumer_group as "group", letter.aggregate, letter.version, event.type, letter.state,
    letter.attempts, letter.error, letter.created_at as "createdAt"
  from outbox_dead_letters as letter join outbox_events as event on event.id = letter.event_id`;

/** The letters of a consumer, in the order in which they will be replayed, `limit` at most. */
export async function listDeadLetters(
  client: Queryable,
  { group, aggregate }: LetterSelection,
  limit = 100,
): Promise<DeadLetter[]> {
  const result = await client.query<DeadLetter>(
    `${LETTER}
     where letter.consumer_group = $1 and ($2::text is null or letter.aggregate = $2)
     order by letter.aggregate, letter.version limit $3`,
    [group, aggregate ?? null, limit],
  );
  return result.rows;
}

/** Letters of one consumer, or of all, the oldest first. */
export async function listAllLetters(
  client: Queryable,
  group: string | undefined,
  limit: number,
): Promise<DeadLetter[]> {
  const result = await client.query<DeadLetter>(
    `${LETTER} where ($1::text is null or letter.consumer_group = $1) order by letter.id limit $2`,
    [group ?? null, limit],
  );
  return result.rows;
}

export async function findDeadLetter(client: Queryable, id: string): Promise<DeadLetter | undefined> {
  const result = await client.query<DeadLetter>(`${LETTER} where letter.id = $1`, [id]);
  return result.rows[0];
}

/**
 * Lets a consumer try given-up events again, with a fresh set of retries: one aggregate's, or all of the group's. What
 * waits behind them follows in order. Returns how many aggregates were set going.
 */
export async function replayDeadLetters(
  client: Queryable,
  { group, aggregate }: LetterSelection,
  now: Date,
): Promise<number> {
  const result = await client.query(
    `update outbox_dead_letters set state = 'retrying', attempts = 0, next_attempt_at = $3
     where consumer_group = $1 and state = 'dead' and ($2::text is null or aggregate = $2)`,
    [group, aggregate ?? null, now],
  );
  return result.rowCount ?? 0;
}
