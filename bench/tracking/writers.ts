import pg from 'pg';
import { dayOf, timeOf } from '../../src/contexts/tracking/rules';
import type { TrackedEvent } from '../../src/contexts/tracking/schemas';
import { insertEvents, type EventFields } from '../../src/contexts/tracking/store/events';
import { copyIn } from './copy';

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
  /** A group with an event that was there before. */
  readonly refuses?: boolean;
  open(url: string, connections: number): Promise<Writer>;
}

const COLUMNS =
  'id, type, occurred_at, visitor_id, product_id, order_id, query, results, position, quantity, slot, experiment, variant';

const uuid = (id: string | undefined): string => (id === undefined ? '\\N' : id.slice(4));
const plain = (value: number | string | undefined): number | string => value ?? '\\N';
/** The one field that visitors write. */
const typed = (text: string | undefined): string =>
  text === undefined ? '\\N' : text.replace(/[\\\t\n\r]/g, (one) => `\\${one}`);

/** Events as COPY's text format has them; `first` is what each row begins with. */
function toText(events: readonly EventFields[], first = ''): string {
  let text = '';
  for (const one of events) {
    const id = one.id.slice(4);
    const at = new Date(timeOf(id)).toISOString();
    text += `${first}${id}\t${one.type}\t${at}\t${uuid(one.visitorId)}\t${uuid(one.productId)}\t${uuid(one.orderId)}\t${typed(one.query)}\t${plain(one.results)}\t${plain(one.position)}\t${plain(one.quantity)}\t${plain(one.slot)}\t${plain(one.experiment)}\t${plain(one.variant)}\n`;
  }
  return text;
}

async function connect(url: string, connections: number): Promise<pg.Client[]> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }));
  await Promise.all(clients.map((client) => client.connect()));
  return clients;
}

type Write = (client: pg.Client, events: readonly TrackedEvent[]) => Promise<ReadonlySet<string>>;

function way(name: string, start: () => Write, prepare?: string): Way {
  return {
    name,
    promise: 'committed in PostgreSQL',
    async open(url, connections) {
      const clients = await connect(url, connections);
      if (prepare) for (const client of clients) await client.query(prepare);
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
function copyIntoPartition(): Write {
  const next = numbers();
  return async (client, events) => {
    const batch = await next(client);
    const marks = `insert into tracking_batches (id) values (${batch}); insert into tracking_exports (batch) values (${batch})`;
    const copy = `copy ${partitionOf(events)} (batch, ${COLUMNS}) from stdin`;
    await copyIn(client, `${marks}; ${copy}`, toText(events, `${batch}\t`));
    return new Set();
  };
}

const partitionOf = ([first]: readonly TrackedEvent[]): string =>
  `tracking_events_${dayOf(timeOf((first as TrackedEvent).id.slice(4))).name}`;

const isRepetition = (error: unknown): boolean => error instanceof pg.DatabaseError && error.code === '23505';

/** COPY, and where an event was there before all of the group again by our statement. */
function copyOrInsert(): Write {
  const copy = copyIntoPartition();
  return (client, events) =>
    copy(client, events).catch((error: unknown) => {
      if (!isRepetition(error)) throw error;
      return insertEvents(client, events);
    });
}

/** COPY into a table of its own, from there into the events: one round trip and one transaction. */
function throughStaging(): Write {
  const statements = `copy staged (${COLUMNS}) from stdin;
    with batch as (insert into tracking_batches default values returning id),
      waiting as (insert into tracking_exports (batch) select id from batch),
      added as (insert into tracking_events (batch, ${COLUMNS}) select batch.id, ${COLUMNS.replace('id,', 'staged.id,')}
        from staged, batch on conflict (id) do nothing returning id)
    select staged.id from staged left join added using (id) where added.id is null`;
  return async (client, events) => new Set(await copyIn(client, statements, toText(events)));
}

const STAGED =
  'create temporary table staged (like tracking_events including defaults) on commit delete rows; alter table staged alter batch drop not null';

export const WAYS: readonly Way[] = [
  way('unnest, on conflict (ours)', () => insertEvents),
  { ...way('COPY into the partition', copyIntoPartition), refuses: true },
  way('COPY into the partition, else unnest', copyOrInsert),
  way('COPY into a temporary table, on conflict', throughStaging, STAGED),
];
