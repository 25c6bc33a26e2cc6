import type pg from 'pg';
import type { Clock } from '../../kernel/clock';
import type { Log } from '../log';
import { runLoop, type LoopStatus } from '../loop';
import type { Outbox } from '../outbox';
import { boundIdleTime, type OutboxDatabase } from '../outbox/database';
import { EVENT_COLUMNS, toEvent, type EventRow } from '../outbox/reader';
import type { EventPublisher, Publication } from './port';

const IDLE_MS = 500;
const BATCH = 500;

export interface ForwarderStatus extends LoopStatus {
  /** Events that this process has sent. */
  readonly published: number;
  /** How often a partition of the bus had lost events, which were then sent again. */
  readonly rewinds: number;
  /** Events with a position that are not on the bus yet, as of the last look. */
  readonly lag: number;
}

export interface Forwarder {
  status(): ForwarderStatus;
  close(): Promise<void>;
}

export interface ForwarderDependencies {
  readonly database: OutboxDatabase;
  readonly outbox: Pick<Outbox, 'onPublished'>;
  readonly publisher: EventPublisher;
  /** Events of a partition that an emptied bus gets again: what it would keep of them. */
  readonly keep: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** The cursor of a bus in the log. No consumer of the outbox may use such a name: a colon is in it. */
export const cursorOf = (publisher: Pick<EventPublisher, 'name'>): string => `bus:${publisher.name}`;

/**
 * Sends the outbox to a bus, until closed. Any number of processes may do so: the row lock on the cursor lets one at a
 * time into a partition. Writers of events never wait for it; while the bus is away the events stay where they are, in
 * the outbox, which keeps what this cursor has yet to read.
 */
export async function startForwarder(dependencies: ForwarderDependencies): Promise<Forwarder> {
  const { database, outbox, publisher, clock, log } = dependencies;
  const group = cursorOf(publisher);
  await database.pool.query(
    `insert into outbox_cursors (consumer_group, partition, position) select $1, partition, 0 from outbox_partitions
     on conflict do nothing`,
    [group],
  );
  let [published, rewinds, lag] = [0, 0, 0];

  /** How far the bus and the log are in each partition. */
  const readPlaces = async (): Promise<{ partition: number; position: number; head: number }[]> => {
    const { rows } = await database.pool.query<{ partition: number; position: string; head: string }>(
      `select partition, cursor.position, head.position as head
       from outbox_cursors as cursor join outbox_partitions as head using (partition) where consumer_group = $1`,
      [group],
    );
    const read = rows.map(({ partition, position, head }) => ({
      partition,
      position: Number(position),
      head: Number(head),
    }));
    lag = read.reduce((sum, { position, head }) => sum + head - position, 0);
    return read;
  };

  const step = async (): Promise<boolean> => {
    let ends: ReadonlyMap<number, number>;
    try {
      // First the bus: while it is away, the database is asked how far behind it is, and for nothing else.
      ends = await publisher.positions();
    } catch (error) {
      await readPlaces();
      throw error;
    }
    const places = await readPlaces();
    let more = false;
    for (const { partition, position, head } of places) {
      // An end that differs is the sweep: what a flushed or restored bus has lost is noticed without a new event.
      if (head === position && ends.get(partition) === position) continue;
      const pass = await database.transaction((client) => new Pass(dependencies, client, partition).run());
      published += pass.published;
      if (pass.rewound) rewinds++;
      lag -= pass.published;
      more ||= pass.more;
    }
    return more;
  };

  const loop = runLoop({ name: group, step, idleMs: IDLE_MS, clock, log });
  const unhook = outbox.onPublished(loop.wake);
  return {
    status: () => ({ ...loop.status(), published, rewinds, lag: Math.max(0, lag) }),
    close: async () => {
      unhook();
      await loop.close();
    },
  };
}

interface Passed {
  readonly published: number;
  readonly rewound: boolean;
  readonly more: boolean;
}

const NOTHING: Passed = { published: 0, rewound: false, more: false };

/** One batch of one partition, in one transaction. */
class Pass {
  private readonly group: string;

  constructor(
    private readonly dependencies: ForwarderDependencies,
    private readonly client: pg.PoolClient,
    private readonly partition: number,
  ) {
    this.group = cursorOf(dependencies.publisher);
  }

  async run(): Promise<Passed> {
    const { publisher } = this.dependencies;
    await boundIdleTime(this.client, 15_000);
    const leased = await this.client.query<{ position: string }>(
      'select position from outbox_cursors where consumer_group = $1 and partition = $2 for update skip locked',
      [this.group, this.partition],
    );
    if (!leased.rows[0]) return NOTHING; // another process is at it
    const position = Number(leased.rows[0].position);
    const events = await this.client.query<EventRow>(
      `select ${EVENT_COLUMNS} from outbox_events as event
       where partition = $1 and position > $2 order by position limit $3`,
      [this.partition, position, BATCH],
    );
    const batch = events.rows.map(toEvent);
    const outcome = await publisher.publish(this.partition, position, batch);
    if (outcome.state === 'elsewhere') {
      const to = await this.resume(outcome);
      await this.moveTo(to);
      return { published: 0, rewound: to < position || outcome.position === 0, more: true };
    }
    const last = batch.at(-1);
    if (last) await this.moveTo(last.position);
    return { published: batch.length, rewound: false, more: batch.length === BATCH };
  }

  /** From where to go on with a bus that does not end at the cursor. */
  private async resume({ position, id }: Extract<Publication, { state: 'elsewhere' }>): Promise<number> {
    const { publisher, keep, log } = this.dependencies;
    const { rows } = await this.client.query<{ head: string; oldest: string | null; id: string | null }>(
      `select head.position as head,
         (select min(position) from outbox_events where partition = $1) as oldest,
         (select aggregate || ':' || version from outbox_events where partition = $1 and position = $2) as id
       from outbox_partitions as head where partition = $1`,
      [this.partition, position],
    );
    const row = rows[0];
    if (!row) throw new Error(`partition ${this.partition} of the outbox is gone`);
    const head = Number(row.head);
    const agrees = position <= head && (row.id === null || id === undefined || row.id === id);
    const about = { publisher: publisher.name, partition: this.partition, position, head };
    if (position > 0 && agrees) {
      // It lost its latest events, or has some whose publication was not noted.
      log.warn(about, 'The bus does not end where it was left; going on from where it ends');
      return position;
    }
    const from = Math.max(0, head - keep, row.oldest === null ? head : Number(row.oldest) - 1);
    if (position > 0)
      log.error(about, 'The bus holds another history than the database: it is emptied and filled anew');
    else log.warn({ ...about, from }, 'The bus is empty; filling it anew from the outbox');
    if (position !== from) await publisher.restart(this.partition, position, from);
    return from;
  }

  private async moveTo(position: number): Promise<void> {
    await this.client.query('update outbox_cursors set position = $3 where consumer_group = $1 and partition = $2', [
      this.group,
      this.partition,
      position,
    ]);
  }
}
