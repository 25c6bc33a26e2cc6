import type pg from 'pg';
import { atCommit, type Flush } from '../database';

/**
 * Something that happened to an aggregate, to be published if and only if the transaction that made it happen commits.
 */
export interface OutboxEvent {
  /** What it happened to, as `<kind>:<id>`: "product:prd_0193…". Events of one aggregate are delivered in version order. */
  readonly aggregate: string;
  /**
   * The aggregate's version after the event: 1 for its creation, then one more each time, never a gap. It must come from
   * the aggregate's own row (`update … set version = version + 1 … returning version`) in the same transaction: the row
   * lock is what makes the order of versions the order of the log.
   */
  readonly version: number;
  /** `easy11.<kind>.<past tense>.v<n>`: "easy11.product.updated.v1". */
  readonly type: string;
  /** Who says so: "/easy11/catalogue". */
  readonly source: string;
  /** The id of what it happened to, as clients know it: "prd_0193…". */
  readonly subject: string;
  /** The facts, as JSON. No personal data: ids instead. */
  readonly data: unknown;
  /** W3C Trace Context of the request behind it, where there is one. */
  readonly traceparent?: string;
}

/** An event with its place in the log. */
export interface PublishedEvent<Data = unknown> extends OutboxEvent {
  readonly data: Data;
  /** `<aggregate>:<version>`: the same however often the event is delivered. */
  readonly id: string;
  readonly partition: number;
  /** 1, 2, 3, … within the partition, without gaps, in the order of publication. */
  readonly position: number;
  readonly occurredAt: Date;
}

/**
 * Partitions of the log. Stored with every event: changing it needs a log that is read to its end first, or two events
 * of one aggregate could meet in different partitions.
 */
export const PARTITIONS = 8;

/** The partition of an aggregate: FNV-1a (Fowler, Noll, Vo) over UTF-16 units, so that every process agrees. */
export function partitionOf(aggregate: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < aggregate.length; i++) hash = Math.imul(hash ^ aggregate.charCodeAt(i), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % PARTITIONS;
}

const AGGREGATE = /^[a-z][a-z-]*:\S+$/;

/**
 * Writes events inside the caller's transaction: they are published if it commits and never were if it does not.
 * One statement for any number of events; give at most some 10,000 at a time, versions of one aggregate ascending.
 * A second event with the same aggregate and version is refused (unique violation, SQLSTATE 23505): two writers
 * believed to have made the same version. Throws RangeError for an event that breaks the rules of OutboxEvent.
 */
export async function appendEvents(client: pg.ClientBase, events: readonly OutboxEvent[]): Promise<void> {
  assertEvents(events);
  if (events.length > 0) await insertEvents(client, events);
}

/**
 * The same, with the commit of the caller's transaction: together with whatever else is appended so, and without a round trip.
 * What the database refuses is thrown by the transaction. Throws RangeError at once.
 */
export async function appendAtCommit(client: pg.ClientBase, events: readonly OutboxEvent[]): Promise<void> {
  assertEvents(events);
  if (events.length > 0) await atCommit(client, insertEvents, events);
}

function assertEvents(events: readonly OutboxEvent[]): void {
  for (const { aggregate, version, data } of events) {
    if (!AGGREGATE.test(aggregate)) throw new RangeError(`aggregate must be "<kind>:<id>", got "${aggregate}"`);
    if (!Number.isInteger(version) || version < 1) throw new RangeError(`${aggregate}: version must be 1 or more`);
    if (data === undefined) throw new RangeError(`${aggregate}: data must be a JSON value`);
  }
}

const insertEvents: Flush<OutboxEvent> = (client, events) =>
  client.query({
    name: 'outbox-append',
    text: `insert into outbox_events (aggregate, version, partition, type, source, subject, data, traceparent)
     select aggregate, version, partition, type, source, subject, data::jsonb, traceparent
     from rows from (unnest($1::text[]), unnest($2::int[]), unnest($3::smallint[]), unnest($4::text[]),
         unnest($5::text[]), unnest($6::text[]), json_array_elements($7::json), unnest($8::text[]))
       with ordinality as e(aggregate, version, partition, type, source, subject, data, traceparent, place)
     order by place`,
    values: [
      events.map((event) => event.aggregate),
      events.map((event) => event.version),
      events.map((event) => partitionOf(event.aggregate)),
      events.map((event) => event.type),
      events.map((event) => event.source),
      events.map((event) => event.subject),
      // One JSON text, not an array of texts, each of which would have to be escaped: twice as fast in all.
      JSON.stringify(events.map((event) => event.data)),
      events.map((event) => event.traceparent ?? null),
    ],
  });
