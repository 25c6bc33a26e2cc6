import { systemClock, type Clock } from '../../kernel/clock';
import type { Database } from '../../platform/database';
import type { Log } from '../../platform/log';
import { runLoop, type Loop } from '../../platform/loop';
import { digestEvents, showDemand, type ChangePopularity } from './digest';
import { EventQueue, type WriteEvents } from './queue';
import { DAY_MS, daysToKeepReady, idsOf, lastDayToDrop } from './rules';
import { deleteSessionsBefore } from './store/digest';
import * as store from './store/events';
import { forgetExports, someWait } from './store/exports';
import { openEventStream, type EventStream, type StreamSettings } from './stream';
import type { TrackingCounts } from './tracking';
import { VisitorRate } from './visitor-rate';
import { EventWriter, type WriterCounts } from './writer';

const PARTITIONS_IDLE_MS = 10 * 60_000;
/** Often and little: a digest takes time of the database from the writes beside it. */
const DIGEST_IDLE_MS = 1_000;
const POPULARITY_IDLE_MS = 60_000;
/** Ten events a second for a whole minute are no person. */
const MOST_PER_MINUTE = 600;

export interface TrackingSettings {
  /** Events that may wait for the database. */
  readonly queueLength: number;
  readonly retentionDays: number;
  readonly halfLifeDays: number;
  /** Whether somebody brings events into an archive: then no day is dropped before it is there. */
  readonly archived: boolean;
  /** The stream that events go through where it keeps them; without it they go straight to PostgreSQL. */
  readonly stream?: StreamSettings | undefined;
}

export interface TrackingOptions extends TrackingSettings {
  readonly database: Database;
  readonly log: Log;
  readonly changePopularity: ChangePopularity;
  readonly clock?: Clock;
}

/** What tracking does in this process. */
export interface Tracking {
  readonly queue: EventQueue;
  readonly stream: EventStream | undefined;
  readonly rate: VisitorRate;
  readonly counts: TrackingCounts;
  readonly writes: WriterCounts;
  /** Makes the days ahead and drops the days that are over, every ten minutes. */
  readonly partitions: Loop;
  /** Adds new events to sessions and demand, every second. */
  readonly digest: Loop;
  /** Brings demand into the catalogue's popularity, every minute. */
  readonly popularity: Loop;
  close(): Promise<void>;
}

/** Starts tracking: when it resolves, today and the days ahead have a place to write to. Throws what the database throws. */
export async function startTracking(options: TrackingOptions): Promise<Tracking> {
  const { database, log, changePopularity, clock = systemClock } = options;
  const halfLifeSeconds = (options.halfLifeDays * DAY_MS) / 1_000;
  const prepare = (): Promise<void> => keepPartitions(database, clock.now(), options.retentionDays, options.archived);
  await prepare();
  const counts = { accepted: 0, duplicates: 0, withoutConsent: 0, bots: 0, refused: 0 };
  const writes = { copied: 0, inserted: 0, refused: 0 };
  const writer = new EventWriter(database, writes);
  const write: WriteEvents = (events) => writer.write(events);
  const stream = options.stream && (await openStream(options, options.stream, { straight: write, counts, writes }));
  const queue = new EventQueue({ write: stream?.write ?? write, capacity: options.queueLength });
  const common = { clock, log };
  const partitions = runLoop({
    ...common,
    name: 'tracking-partitions',
    idleMs: PARTITIONS_IDLE_MS,
    step: async () => {
      await prepare();
      return false;
    },
  });
  const digest = runLoop({
    ...common,
    name: 'tracking-digest',
    idleMs: DIGEST_IDLE_MS,
    step: () => digestEvents({ database, halfLifeSeconds }),
  });
  const popularity = runLoop({
    ...common,
    name: 'tracking-popularity',
    idleMs: POPULARITY_IDLE_MS,
    step: () => showDemand({ database, halfLifeSeconds, changePopularity }),
  });
  return {
    queue,
    stream,
    rate: new VisitorRate(MOST_PER_MINUTE),
    writes,
    counts,
    partitions,
    digest,
    popularity,
    close: async () => {
      const loops = [partitions.close(), digest.close(), popularity.close()];
      await queue.close();
      await Promise.all([stream?.close(), ...loops]);
      await writer.close();
    },
  };
}

/** Opens the stream. A writer writes one group at a time: what comes out of the stream has one of its own. */
async function openStream(
  { database, log, retentionDays, clock }: TrackingOptions,
  settings: StreamSettings,
  parts: { readonly straight: WriteEvents; readonly counts: TrackingCounts; readonly writes: WriterCounts },
): Promise<EventStream> {
  const { straight, counts, writes } = parts;
  const writer = new EventWriter(database, writes);
  const stream = await openEventStream(settings, {
    ...{ database, log, retentionDays, straight, write: (events) => writer.write(events) },
    ...(clock && { clock }),
    onDuplicates: (count) => void (counts.duplicates += count),
  });
  return {
    ...stream,
    close: async () => {
      await stream.close();
      await writer.close();
    },
  };
}

/**
 * Makes the days that are missing and drops those past the retention, sessions with them. A day with events that wait for the
 * archive stays until they are there; where there is no archive nothing waits. Exported for its test.
 */
export async function keepPartitions(
  database: Pick<Database, 'pool' | 'transaction'>,
  now: number,
  retentionDays: number,
  archived = false,
): Promise<void> {
  await database.transaction(async (client) => {
    await store.lockPartitions(client);
    const present = new Set(await store.listPartitions(client));
    for (const day of daysToKeepReady(now)) if (!present.has(day.name)) await store.createPartition(client, day);
  });
  const last = lastDayToDrop(now, retentionDays);
  const over = (await store.listPartitions(database.pool)).filter((name) => name <= last);
  if (!archived) await forgetExports(database.pool);
  const failures: unknown[] = [];
  for (const name of over) {
    // Each in a transaction of its own: one that somebody reads does not keep the others.
    try {
      await database.transaction(async (client) => {
        await store.lockPartitions(client);
        if (!(await store.listPartitions(client)).includes(name)) return;
        if (!archived || !(await someWait(client, ...idsOf(name)))) await store.dropPartition(client, name);
      });
    } catch (error) {
      failures.push(error);
    }
  }
  if (over.length > 0) await deleteSessionsBefore(database.pool, retentionDays);
  if (failures.length > 0) throw failures[0];
}
