import type pg from 'pg';
import { together } from '../database';
import { boundIdleTime } from './database';
import type { PublishedEvent } from './events';
import { EVENT_COLUMNS, toEvent, type EventRow, type Positions } from './reader';

export type LetterState = 'retrying' | 'dead' | 'waiting';

/** A dead letter with its event. */
export interface Letter {
  readonly id: string;
  readonly attempts: number;
  readonly event: PublishedEvent;
}

/** A piece of the log. */
export interface Passage {
  /** Whether there is nothing behind it. */
  readonly whole: boolean;
  /** Where it ends, in each partition that it touches. */
  readonly ends: Positions;
  /** Those of its events that are wanted, in order within each partition. */
  readonly events: readonly PublishedEvent[];
}

/** The outcome of an attempt that failed. */
export interface Failure {
  readonly state: LetterState;
  readonly attempts: number;
  readonly error: string | null;
  readonly nextAttemptAt: Date | null;
}

/** What the database knows of one consumer's progress in some partitions: the SQL behind deliver.ts, in one transaction. */
export class Inbox {
  constructor(
    readonly client: pg.PoolClient,
    private readonly group: string,
    private partitions: readonly number[],
  ) {}

  /**
   * Takes the lease on those of the partitions that no other process has; returns the position in each after which to read on.
   * Everything else is about these alone.
   */
  async lease(): Promise<Positions> {
    const [, { rows }] = await together([
      boundIdleTime(this.client, 60_000),
      this.client.query<{ partition: number; position: string }>({
        name: 'outbox-lease',
        text: `select partition, position from outbox_cursors where consumer_group = $1 and partition = any($2)
               order by partition for update skip locked`,
        values: [this.group, this.partitions],
      }),
    ]);
    this.partitions = rows.map(({ partition }) => partition);
    return new Map(rows.map(({ partition, position }) => [partition, Number(position)]));
  }

  /** The next events of a kind, of all kinds where it is undefined, at most `limit` of any kind in a partition. */
  async eventsAfter(positions: Positions, kind: string | undefined, limit: number): Promise<Passage> {
    const seen = [[...positions.keys()], [...positions.values()], limit];
    const next = `unnest($1::smallint[], $2::bigint[]) as seen(partition, position) cross join lateral (
                    select * from outbox_events as e where e.partition = seen.partition and e.position > seen.position
                    order by e.position limit $3
                  ) as event`;
    const [read, events] = await together([
      this.client.query<{ partition: number; count: number; last: string }>({
        name: 'outbox-passage',
        text: `select event.partition, count(*)::int as count, max(event.position) as last from ${next} group by event.partition`,
        values: seen,
      }),
      this.client.query<EventRow>({
        name: 'outbox-events-after',
        text: `select ${EVENT_COLUMNS} from ${next} where $4::text is null or starts_with(event.aggregate, $4 || ':')
               order by event.partition, event.position`,
        values: [...seen, kind ?? null],
      }),
    ]);
    return {
      whole: read.rows.every(({ count }) => count < limit),
      ends: new Map(read.rows.map(({ partition, last }) => [partition, Number(last)])),
      events: events.rows.map(toEvent),
    };
  }

  async moveTo(ends: Positions): Promise<void> {
    await this.client.query({
      name: 'outbox-move',
      text: `update outbox_cursors as cursor set position = ends.position
             from unnest($2::smallint[], $3::bigint[]) as ends(partition, position)
             where cursor.consumer_group = $1 and cursor.partition = ends.partition`,
      values: [this.group, [...ends.keys()], [...ends.values()]],
    });
  }

  /** The versions applied of those of these aggregates that the consumer has met. */
  async versionsOf(aggregates: readonly string[]): Promise<Map<string, number>> {
    const result = await this.client.query<{ aggregate: string; version: number }>({
      name: 'outbox-versions',
      text: 'select aggregate, version from outbox_inbox where consumer_group = $1 and aggregate = any($2)',
      values: [this.group, aggregates],
    });
    return new Map(result.rows.map((row) => [row.aggregate, row.version]));
  }

  async record(versions: ReadonlyMap<string, number>): Promise<void> {
    await this.client.query({
      name: 'outbox-record',
      text: `insert into outbox_inbox (consumer_group, aggregate, version)
       select $1, aggregate, version from unnest($2::text[], $3::int[]) as applied(aggregate, version)
       on conflict (consumer_group, aggregate) do update set version = excluded.version`,
      values: [this.group, [...versions.keys()], [...versions.values()]],
    });
  }

  /** Those of these aggregates that have letters. */
  async parkedOf(aggregates: readonly string[]): Promise<Set<string>> {
    const result = await this.client.query<{ aggregate: string }>({
      name: 'outbox-parked',
      text: 'select distinct aggregate from outbox_dead_letters where consumer_group = $1 and aggregate = any($2)',
      values: [this.group, aggregates],
    });
    return new Set(result.rows.map((row) => row.aggregate));
  }

  async park(event: PublishedEvent, { state, attempts, error, nextAttemptAt }: Failure): Promise<void> {
    await this.client.query(
      `insert into outbox_dead_letters
         (consumer_group, partition, aggregate, version, event_id, state, attempts, error, next_attempt_at)
       select $1, $2, $3, $4, id, $5, $6, $7, $8 from outbox_events where aggregate = $3 and version = $4
       on conflict do nothing`,
      [this.group, event.partition, event.aggregate, event.version, state, attempts, error, nextAttemptAt],
    );
  }

  /** The aggregates with a letter whose next attempt is due. */
  async dueBy(now: Date, limit: number): Promise<string[]> {
    const result = await this.client.query<{ aggregate: string }>({
      name: 'outbox-due',
      text: `select aggregate from outbox_dead_letters
       where consumer_group = $1 and partition = any($2) and state = 'retrying' and next_attempt_at <= $3
       group by aggregate order by min(next_attempt_at) limit $4`,
      values: [this.group, this.partitions, now, limit],
    });
    return result.rows.map((row) => row.aggregate);
  }

  /** The first letters of an aggregate, by version. */
  async lettersOf(aggregate: string, limit: number): Promise<Letter[]> {
    const result = await this.client.query<EventRow & { letter: string; attempts: number }>(
      `select ${EVENT_COLUMNS}, letter.id as letter, letter.attempts
       from outbox_dead_letters as letter join outbox_events as event on event.id = letter.event_id
       where letter.consumer_group = $1 and letter.aggregate = $2 order by letter.version limit $3`,
      [this.group, aggregate, limit],
    );
    return result.rows.map((row) => ({ id: row.letter, attempts: row.attempts, event: toEvent(row) }));
  }

  async noteFailure(letter: Letter, { state, attempts, error, nextAttemptAt }: Failure): Promise<void> {
    await this.client.query(
      'update outbox_dead_letters set state = $2, attempts = $3, error = $4, next_attempt_at = $5 where id = $1',
      [letter.id, state, attempts, error, nextAttemptAt],
    );
  }

  async discard(letter: Letter): Promise<void> {
    await this.client.query('delete from outbox_dead_letters where id = $1', [letter.id]);
  }

  /** Lets the first letter of an aggregate, if it has any, be tried at `now`. */
  async promoteFirst(aggregate: string, now: Date): Promise<boolean> {
    const result = await this.client.query(
      `update outbox_dead_letters set state = 'retrying', next_attempt_at = $3
       where id = (select id from outbox_dead_letters where consumer_group = $1 and aggregate = $2 order by version limit 1)`,
      [this.group, aggregate, now],
    );
    return (result.rowCount ?? 0) > 0;
  }
}
