import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { dayOf, timeOf } from '../../src/contexts/tracking/rules';
import type { TrackedEvent } from '../../src/contexts/tracking/schemas';
import { insertEvents } from '../../src/contexts/tracking/store/events';
import { copyIn, toText } from './copy';

/** A way to bring groups of events to the disk, open. */
export interface Writer {
  /** Resolves when the sender may be answered, to the ids that were there before where that is known by then. */
  write(lane: number, events: readonly TrackedEvent[]): Promise<ReadonlySet<string> | undefined>;
  /** Resolves when everything is in the table. */
  settled?(): Promise<void>;
  /** Processor seconds of servers beside PostgreSQL. */
  cpu?(): number;
  close(): Promise<void>;
}

export interface Way {
  readonly name: string;
  /** What an answer means. */
  readonly promise: string;
  open(url: string, connections: number): Promise<Writer>;
}

const COLUMNS =
  'id, type, occurred_at, visitor_id, product_id, order_id, query, results, position, quantity, slot, experiment, variant';

function rowOf(event: TrackedEvent): (string | number | undefined)[] {
  const fields: Readonly<Record<string, string | number | boolean | undefined>> = event;
  const text = (name: string): string | undefined => fields[name] as string | undefined;
  const id = event.id.slice(4);
  return [
    ...[id, event.type, new Date(timeOf(id)).toISOString(), event.visitorId.slice(4)],
    ...[text('productId')?.slice(4), text('orderId')?.slice(4), text('query')],
    ...(['results', 'position', 'quantity'].map((name) => fields[name]) as (number | undefined)[]),
    ...['slot', 'experiment', 'variant'].map(text),
  ];
}

async function connect(url: string, connections: number): Promise<pg.Client[]> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

type Write = (client: pg.Client, events: readonly TrackedEvent[]) => Promise<ReadonlySet<string>>;

function way(name: string, start: () => Write, prepare?: () => string): Way {
  return {
    name,
    promise: 'committed in PostgreSQL',
    async open(url, connections) {
      const clients = await connect(url, connections);
      if (prepare) for (const client of clients) await client.query(prepare());
      const write = start();
      return {
        write: (lane, events) => write(clients[lane] as pg.Client, events),
        close: async () => void (await Promise.all(clients.map((client) => client.end()))),
      };
    },
  };
}

/** Numbers of writes, taken from the sequence a thousand at a time: so COPY needs no round trip to learn one. */
function numbers(): (client: pg.Client) => Promise<string> {
  let left: string[] = [];
  let asked: Promise<void> | undefined;
  const ask = async (client: pg.Client): Promise<void> => {
    const text = `select nextval('tracking_batches_id_seq') as id from generate_series(1, 1000)`;
    left = (await client.query<{ id: string }>(text)).rows.map(({ id }) => id);
    asked = undefined;
  };
  return async (client) => {
    while (left.length === 0) await (asked ??= ask(client));
    return left.pop() as string;
  };
}

/** One round trip: the rows that say there is something to digest and to archive, and the events. */
function copyInto(target: (events: readonly TrackedEvent[]) => string): Write {
  const next = numbers();
  return async (client, events) => {
    const batch = await next(client);
    const marks = `insert into tracking_batches (id) values (${batch}); insert into tracking_exports (batch) values (${batch})`;
    const copy = `copy ${target(events)} (batch, ${COLUMNS}) from stdin`;
    await copyIn(client, `${marks}; ${copy}`, toText(events.map((event) => [batch, ...rowOf(event)])));
    return new Set();
  };
}

const partitionOf = ([first]: readonly TrackedEvent[]): string =>
  `tracking_events_${dayOf(timeOf((first as TrackedEvent).id.slice(4))).name}`;

const isRepetition = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '23505';

/** COPY, and where an event was there before all of the group again by our statement. */
function copyOrInsert(): Write {
  const copy = copyInto(partitionOf);
  return (client, events) =>
    copy(client, events).catch((error: unknown) => {
      if (!isRepetition(error)) throw error;
      return insertEvents(client, events);
    });
}

/** COPY into a table of its own, from there into the events: one round trip and one transaction. */
function throughStaging(clear: string): Write {
  const statements = `copy staged (${COLUMNS}) from stdin;
    with batch as (insert into tracking_batches default values returning id),
      waiting as (insert into tracking_exports (batch) select id from batch),
      added as (insert into tracking_events (batch, ${COLUMNS}) select batch.id, ${COLUMNS.replace('id,', 'staged.id,')}
        from staged, batch on conflict (id) do nothing returning id)
    select staged.id from staged left join added using (id) where added.id is null${clear}`;
  return async (client, events) => new Set(await copyIn(client, statements, toText(events.map(rowOf))));
}

const STAGED = `staged (like tracking_events including defaults); alter table staged alter batch drop not null`;

/** A table of the connection's own: to empty one that others write to would wait for them. */
function ownUnlogged(): string {
  const schema = `bench_${randomUUID().slice(0, 8)}`;
  return `create schema ${schema}; set search_path = ${schema}, public; create unlogged table ${STAGED}`;
}

export const WAYS: readonly Way[] = [
  way('unnest, on conflict (ours)', () => insertEvents),
  way('COPY into the partition', () => copyInto(partitionOf)),
  way('COPY into the table', () => copyInto(() => 'tracking_events')),
  way('COPY into the partition, else unnest', copyOrInsert),
  way(
    'COPY into a temporary table, on conflict',
    () => throughStaging(''),
    () => `create temporary table ${STAGED.replace(';', ' on commit delete rows;')}`,
  ),
  way('COPY into an unlogged table, on conflict', () => throughStaging('; truncate staged'), ownUnlogged),
];
