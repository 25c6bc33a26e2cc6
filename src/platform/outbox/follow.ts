import type { Clock } from '../../kernel/clock';
import type { Log } from '../log';
import type { Bell } from './bell';
import type { OutboxDatabase } from './database';
import type { PublishedEvent } from './events';
import { runLoop, type LoopStatus } from '../loop';
import { EVENT_COLUMNS, kindOf, toEvent, type EventRow, type Positions } from './reader';

/**
 * A follower cannot go on from where it is: retention has removed what it had to read next, the database was restored,
 * or an event cannot be applied.
 */
export class BehindError extends Error {
  override readonly name = 'BehindError';
}

export interface FollowOptions {
  readonly name: string;
  /** Taken with `positions()` before loading the state that the events are applied to. */
  readonly from: Positions;
  /** Only events of this kind of aggregate: "product". */
  readonly kind?: string;
  /**
   * Applies events, in order. When it throws, the same events come again, after a pause; when it throws BehindError, the
   * state is loaded anew instead.
   */
  readonly onEvents: (events: readonly PublishedEvent[]) => void | Promise<void>;
  /** Loads the state anew, because events are missing, and returns positions taken before that. */
  readonly onBehind: (error: BehindError) => Promise<Positions>;
}

export interface FollowerStatus extends LoopStatus {
  /** Events published and not yet applied here, as of the last look. */
  readonly lag: number;
  readonly applied: number;
  /** How often the state had to be loaded anew. */
  readonly reloads: number;
}

export interface Follower {
  status(): FollowerStatus;
  /** Whether everything published at the time of the last successful look has been applied. */
  caughtUp(): boolean;
  close(): Promise<void>;
}

/** A partition, of eight: enough to be fast, few enough to be parsed between two requests without being noticed. */
const BATCH = 100;
/** How long a follower that hears no bell takes to notice. */
export const FOLLOWER_IDLE_MS = 500;

interface Place {
  partition: number;
  head: number;
  events: PublishedEvent[];
}

/**
 * What lies beyond `positions`, at most `limit` events a partition. Safe, unlike `id > last`: positions are given by one
 * relay at a time per partition, so a smaller one never appears after a larger. Throws BehindError when some are gone.
 */
async function readBeyond(database: OutboxDatabase, positions: Positions, limit: number): Promise<Place[]> {
  // Heads and events in one statement, hence of one moment: only then does a hole mean that events are gone.
  const result = await database.pool.query<
    { place: number; head: string } & { [K in keyof EventRow]: EventRow[K] | null }
  >({
    name: 'outbox-follow',
    text: `select head.partition as place, head.position as head, ${EVENT_COLUMNS}
     from unnest($1::smallint[], $2::bigint[]) as seen(partition, position)
     join outbox_partitions as head on head.partition = seen.partition
     left join lateral (
       select * from outbox_events as e where e.partition = seen.partition and e.position > seen.position
       order by e.position limit $3
     ) as event on true
     order by head.partition, event.position`,
    values: [[...positions.keys()], [...positions.values()], limit],
  });
  const places = new Map<number, Place>();
  for (const row of result.rows) {
    let place = places.get(row.place);
    if (!place) places.set(row.place, (place = { partition: row.place, head: Number(row.head), events: [] }));
    if (row.position !== null) place.events.push(toEvent(row as EventRow));
  }
  for (const { partition, head, events } of places.values())
    assertWhole(partition, head, positions.get(partition) ?? 0, events);
  return [...places.values()];
}

function assertWhole(partition: number, head: number, seen: number, events: readonly PublishedEvent[]): void {
  let expected = seen;
  for (const { position } of events) {
    if (position !== ++expected)
      throw new BehindError(
        `partition ${partition}: position ${expected} is gone; the next that is there is ${position}`,
      );
  }
  if (events.length === 0 && head > seen)
    throw new BehindError(`partition ${partition}: positions ${seen + 1} to ${head} are gone`);
  if (head < seen) throw new BehindError(`partition ${partition}: the log ends at ${head}, before ${seen}`);
}

/** Reads the log along in this process, from given positions and until closed: for read models held in memory. */
export function startFollower(
  { database, bell, clock, log }: { database: OutboxDatabase; bell: Bell; clock: Clock; log: Log },
  { name, from, kind, onEvents, onBehind }: FollowOptions,
): Follower {
  let positions = new Map(from);
  let caughtUp = false;
  let [lag, applied, reloads] = [0, 0, 0];

  const step = async (): Promise<boolean> => {
    try {
      return await readOn();
    } catch (error) {
      if (!(error instanceof BehindError)) throw error;
      log.warn({ follower: name, reason: error.message }, 'A follower of the outbox loads its state anew');
      caughtUp = false;
      positions = new Map(await onBehind(error));
      reloads++;
      return true;
    }
  };

  const readOn = async (): Promise<boolean> => {
    const places = await readBeyond(database, positions, BATCH);
    const events = places.flatMap((place) => place.events);
    const wanted = kind === undefined ? events : events.filter(({ aggregate }) => kindOf(aggregate) === kind);
    lag = places.reduce((sum, { partition, head }) => sum + head - (positions.get(partition) ?? 0), 0);
    if (wanted.length > 0) await onEvents(wanted);
    for (const { partition, position } of events) positions.set(partition, position);
    applied += wanted.length;
    lag -= events.length;
    caughtUp = lag === 0;
    return !caughtUp;
  };

  const loop = runLoop({ name, step, idleMs: FOLLOWER_IDLE_MS, clock, log });
  const unhook = bell.onRing(loop.wake);
  return {
    status: () => ({ ...loop.status(), lag, applied, reloads }),
    caughtUp: () => caughtUp,
    close: async () => {
      unhook();
      await loop.close();
    },
  };
}
