import pg from 'pg';
import { timeOf } from '../../src/contexts/tracking/rules';
import type { TrackedEvent } from '../../src/contexts/tracking/schemas';
import { EventCopy } from '../../src/contexts/tracking/store/copy';
import { insertEvents, type EventFields } from '../../src/contexts/tracking/store/events';
import { EventWriter } from '../../src/contexts/tracking/writer';
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

/** Events as COPY's text format has them. */
function toText(events: readonly EventFields[]): string {
  let text = '';
  for (const one of events) {
    const id = one.id.slice(4);
    const at = new Date(timeOf(id)).toISOString();
    text += `${id}\t${one.type}\t${at}\t${uuid(one.visitorId)}\t${uuid(one.productId)}\t${uuid(one.orderId)}\t${typed(one.query)}\t${plain(one.results)}\t${plain(one.position)}\t${plain(one.quantity)}\t${plain(one.slot)}\t${plain(one.experiment)}\t${plain(one.variant)}\n`;
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

/** What the shop does: see `EventWriter`. A lane is a process, and knows what it has stored itself. */
const ours: Way = {
  name: 'COPY of what is new, else unnest (ours)',
  promise: 'committed in PostgreSQL',
  async open(url, connections) {
    const lanes = Array.from({ length: connections }, () => {
      const pool = new pg.Pool({ connectionString: url, max: 1 });
      return { pool, writer: new EventWriter({ pool, url }) };
    });
    await Promise.all(lanes.map(({ pool }) => pool.query('select 1')));
    return {
      write: (lane, events) => (lanes[lane] as (typeof lanes)[number]).writer.write(events),
      close: async () => {
        for (const { writer, pool } of lanes) {
          await writer.close();
          await pool.end();
        }
      },
    };
  },
};

const copyAlone: Way = {
  name: 'COPY alone',
  promise: 'committed in PostgreSQL',
  refuses: true,
  open(url, connections) {
    const copies = Array.from({ length: connections }, () => new EventCopy(url));
    return Promise.resolve({
      write: async (lane, events) => {
        await (copies[lane] as EventCopy).copy(events);
        return new Set<string>();
      },
      close: async () => void (await Promise.all(copies.map((copy) => copy.close()))),
    });
  },
};

export const WAYS: readonly Way[] = [
  ours,
  way('unnest, on conflict', () => insertEvents),
  copyAlone,
  way('COPY into a temporary table, on conflict', throughStaging, STAGED),
];
