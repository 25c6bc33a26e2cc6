import type pg from 'pg';
import { timeOf, type Day } from '../rules';
import type { TrackedEvent } from '../schemas';

export type Queryable = Pick<pg.ClientBase, 'query'>;

/** What an array of PostgreSQL holds at one place. Text is quoted, or the word "null" would be none. */
const plain = (value: number | undefined): string => (value === undefined ? 'NULL' : String(value));
const quoted = (text: string | undefined): string =>
  text === undefined ? 'NULL' : `"${text.replace(/[\\"]/g, '\\$&')}"`;
/** Without its prefix: the column is a uuid. */
const uuid = (id: string | undefined): string => (id === undefined ? 'NULL' : id.slice(4));

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

/** The columns, their types, and what an event has there. */
const COLUMNS: readonly (readonly [name: string, type: string, of: (event: EventFields) => string])[] = [
  ['id', 'uuid', ({ id }) => uuid(id)],
  ['type', 'text', ({ type }) => type],
  ['at', 'float8', ({ id }) => String(timeOf(id.slice(4)) / 1_000)],
  ['visitor_id', 'uuid', ({ visitorId }) => uuid(visitorId)],
  ['product_id', 'uuid', ({ productId }) => uuid(productId)],
  ['order_id', 'uuid', ({ orderId }) => uuid(orderId)],
  ['query', 'text', ({ query }) => quoted(query)],
  ['results', 'int', ({ results }) => plain(results)],
  ['position', 'int', ({ position }) => plain(position)],
  ['quantity', 'int', ({ quantity }) => plain(quantity)],
  ['slot', 'text', ({ slot }) => quoted(slot)],
  ['experiment', 'text', ({ experiment }) => quoted(experiment)],
  ['variant', 'text', ({ variant }) => quoted(variant)],
];
const GIVEN = COLUMNS.map(([name]) => name).join(', ');
const WRITTEN = COLUMNS.map(([name]) => (name === 'at' ? 'occurred_at' : name)).join(', ');
const VALUES = COLUMNS.map(([name]) => (name === 'at' ? 'to_timestamp(given.at)' : `given.${name}`)).join(', ');
const ARRAYS = COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');

/**
 * Stores events and says which ids were there before. One statement, so one commit: the events, and the rows that say that they
 * are yet to be added to sessions and demand, and yet to go into the archive. Each id must come once.
 */
export async function insertEvents(client: Queryable, events: readonly TrackedEvent[]): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ id: string }>({
    name: 'tracking-insert',
    text: `with batch as (insert into tracking_batches default values returning id),
             given as materialized (select * from unnest(${ARRAYS}) as row (${GIVEN})),
             waiting as (insert into tracking_exports (batch) select id from batch),
             added as (insert into tracking_events (batch, ${WRITTEN}) select batch.id, ${VALUES} from given, batch
               on conflict (id) do nothing returning id)
           select given.id from given left join added using (id) where added.id is null`,
    // By hand: the driver's own arrays look at each value several times.
    values: COLUMNS.map(([, , of]) => `{${events.map(of).join(',')}}`),
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
