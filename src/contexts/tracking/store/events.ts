import type pg from 'pg';
import { timeOf, type Day } from '../rules';
import type { TrackedEvent } from '../schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** Every field that some kind of event has. */
export interface EventFields {
  readonly id: string;
  readonly type: string;
  readonly visitorId: string;
  readonly productId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly query?: string | undefined;
  readonly results?: number | undefined;
  readonly position?: number | undefined;
  readonly quantity?: number | undefined;
  readonly slot?: string | undefined;
  readonly experiment?: string | undefined;
  readonly variant?: string | undefined;
}

/** Of an id, before its UUID. */
export const PREFIX_LENGTH = 4;

interface Column {
  readonly name: string;
  readonly type: 'uuid' | 'text' | 'timestamptz' | 'int';
  /** What an event has there: of a moment, milliseconds since the epoch; of a UUID, the id with its prefix, `evt_` and the like. */
  readonly of: (event: EventFields) => string | number | undefined;
  /** Somebody else's words. */
  readonly words?: true;
}

/** The columns of an event, without the write that it came with. */
export const EVENT_COLUMNS: readonly Column[] = [
  { name: 'id', type: 'uuid', of: ({ id }) => id },
  { name: 'type', type: 'text', of: ({ type }) => type },
  { name: 'occurred_at', type: 'timestamptz', of: ({ id }) => timeOf(id.slice(4)) },
  { name: 'visitor_id', type: 'uuid', of: ({ visitorId }) => visitorId },
  { name: 'product_id', type: 'uuid', of: ({ productId }) => productId },
  { name: 'order_id', type: 'uuid', of: ({ orderId }) => orderId },
  { name: 'query', type: 'text', of: ({ query }) => query, words: true },
  { name: 'results', type: 'int', of: ({ results }) => results },
  { name: 'position', type: 'int', of: ({ position }) => position },
  { name: 'quantity', type: 'int', of: ({ quantity }) => quantity },
  { name: 'slot', type: 'text', of: ({ slot }) => slot, words: true },
  { name: 'experiment', type: 'text', of: ({ experiment }) => experiment, words: true },
  { name: 'variant', type: 'text', of: ({ variant }) => variant, words: true },
];
const NAMES = EVENT_COLUMNS.map(({ name }) => name).join(', ');
const GIVEN = EVENT_COLUMNS.map(({ name, type }) =>
  type === 'timestamptz' ? `to_timestamp(given.${name} / 1000)` : `given.${name}`,
).join(', ');
const ARRAYS = EVENT_COLUMNS.map(
  ({ type }, index) => `$${index + 1}::${type === 'timestamptz' ? 'float8' : type}[]`,
).join(', ');

/** A column of events as an array of PostgreSQL. By hand: the driver's own arrays look at each value several times. */
function arrayOf(events: readonly EventFields[], { type, of, words }: Column): string {
  // Text is quoted, or the word "null" would be none.
  const one = (event: EventFields): string => {
    const value = of(event);
    if (value === undefined) return 'NULL';
    if (type === 'uuid') return String(value).slice(PREFIX_LENGTH);
    return words ? `"${String(value).replace(/[\\"]/g, '\\$&')}"` : String(value);
  };
  return `{${events.map(one).join(',')}}`;
}

/**
 * Stores events and says which ids were there before. One statement, so one commit: the events, and the rows that say that they
 * are yet to be added to sessions and demand, and yet to go into the archive. Each id must come once.
 */
export async function insertEvents(client: Queryable, events: readonly TrackedEvent[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'tracking-insert',
    text: `with batch as (insert into tracking_batches default values returning id),
             given as materialized (select * from unnest(${ARRAYS}) as row (${NAMES})),
             waiting as (insert into tracking_exports (batch) select id from batch),
             added as (insert into tracking_events (batch, ${NAMES}) select batch.id, ${GIVEN} from given, batch
               on conflict (id) do nothing returning id)
           select given.id from given left join added using (id) where added.id is null`,
    values: EVENT_COLUMNS.map((column) => arrayOf(events, column)),
  });
  return new Set(rows.map(({ id }) => `evt_${id}`));
}

const PARTITION = 'tracking_events_';

/** The days that have a partition, by name. */
export async function listPartitions(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select child.relname as name from pg_inherits join pg_class as child on child.oid = inhrelid
     where inhparent = 'tracking_events'::regclass order by 1`,
  );
  return rows.map(({ name }) => name.slice(PARTITION.length));
}

/**
 * Makes the partition of a day. Built beside the table and then attached: to create it in place would hold up every write until
 * all running ones have ended.
 */
export async function createPartition(client: Queryable, { name, from, to }: Day): Promise<void> {
  const partition = PARTITION + known(name);
  await client.query(`create table ${partition} (like tracking_events including all)`);
  await client.query(
    `alter table tracking_events attach partition ${partition} for values from ('${from}') to ('${to}')`,
  );
}

/** Drops the partition of a day. Gives up after a second where somebody reads it, so that writes do not wait behind it. */
export async function dropPartition(client: Queryable, name: string): Promise<void> {
  await client.query(`set local lock_timeout = '1s'`);
  await client.query(`drop table ${PARTITION}${known(name)}`);
}

/** Lets one process at a time make and drop partitions, until the end of the transaction. */
export async function lockPartitions(client: Queryable): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1, 1)', [TRACKING_LOCKS]);
}

/** Advisory lock space of tracking: the first key of two. */
export const TRACKING_LOCKS = 7720;

/** A name that is part of a statement must be one of ours. Throws RangeError. */
function known(name: string): string {
  if (!/^\d{8}$/.test(name)) throw new RangeError(`"${name}" is no day`);
  return name;
}
