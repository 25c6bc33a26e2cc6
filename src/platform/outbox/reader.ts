import type pg from 'pg';
import type { PublishedEvent } from './events';

/** The last position read, or written, in each partition. */
export type Positions = ReadonlyMap<number, number>;

export interface EventRow {
  aggregate: string;
  version: number;
  partition: number;
  type: string;
  source: string;
  subject: string;
  data: unknown;
  traceparent: string | null;
  occurred_at: Date;
  /** A bigint, which pg gives as text. Positions stay far below 2^53. */
  position: string;
}

export const EVENT_COLUMNS = ['aggregate', 'version', 'partition', 'type', 'source', 'subject', 'data']
  .concat('traceparent', 'occurred_at', 'position')
  .map((column) => `event.${column}`)
  .join(', ');

/** A row of the log as the event it holds. */
export function toEvent(row: EventRow): PublishedEvent {
  return {
    id: `${row.aggregate}:${row.version}`,
    aggregate: row.aggregate,
    version: row.version,
    type: row.type,
    source: row.source,
    subject: row.subject,
    data: row.data,
    ...(row.traceparent === null ? {} : { traceparent: row.traceparent }),
    partition: row.partition,
    position: Number(row.position),
    occurredAt: row.occurred_at,
  };
}

/** Where the log ends now. */
export async function readPositions(client: pg.ClientBase | pg.Pool): Promise<Positions> {
  const result = await client.query<{ partition: number; position: string }>(
    'select partition, position from outbox_partitions',
  );
  return new Map(result.rows.map((row) => [row.partition, Number(row.position)]));
}

/** The kind of an aggregate: "product" of "product:prd_…". */
export const kindOf = (aggregate: string): string => aggregate.slice(0, aggregate.indexOf(':'));
