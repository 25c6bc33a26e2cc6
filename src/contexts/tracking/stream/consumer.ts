import { randomBytes } from 'node:crypto';
import os from 'node:os';
import type { Redis } from 'ioredis';
import type { Clock } from '../../../kernel/clock';
import type { Log } from '../../../platform/log';
import { runLoop, type LoopStatus } from '../../../platform/loop';
import type { WriteEvents } from '../queue';
import type { TrackedEvent } from '../schemas';
import { GROUP, toEntry, type Entry, type RawEntry, type StreamKeys } from './entry';
import { CLAIM, LEAVE, SETTLE, TAKE } from './scripts';
import { storeGroup } from './storing';

export interface ConsumerOptions {
  readonly redis: Redis;
  readonly keys: StreamKeys;
  readonly write: WriteEvents;
  /** Makes the days of events that have waited for long; resolves to those that are not past the retention. */
  readonly makeDays: (events: readonly TrackedEvent[]) => Promise<readonly TrackedEvent[]>;
  /** What a process has taken and not finished for so long is claimed by another. */
  readonly claimAfterMs: number;
  readonly onWaiting: (waiting: number) => void;
  /** Told how many events had been stored before. */
  readonly onDuplicates: (count: number) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Consumer {
  status(): LoopStatus & { readonly refused: number };
  wake(): void;
  /** Finishes the group that it is at, and leaves. */
  close(): Promise<void>;
}

/** Our own events ring; this is for those that a process left which is gone. */
const IDLE_MS = 500;
/** A write takes entries until they have so many events. */
const PER_WRITE = 2_000;
/** Entries of few events each are joined up to so many. */
const MOST_ENTRIES = 500;
/** A process that has been silent for so long and left nothing is gone. */
const GONE_MS = 3_600_000;
/** What is put aside is kept to be looked at, and does not fill Redis. */
const KEPT_ASIDE = 10_000;

/**
 * Brings what is in the stream to PostgreSQL, beside the other processes of the shop: each entry goes to one of them, at least once, and
 * is ended when its events are stored. Once they are by their ids.
 */
export function startConsumer(options: ConsumerOptions): Consumer {
  const { redis, keys, write, makeDays, claimAfterMs, onWaiting, onDuplicates, clock, log } = options;
  const me = `${os.hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const both = [keys.stream, keys.waiting] as const;
  let unfinished = true;
  let claimAt = 0;
  let refused = 0;

  const putAside = async (letters: readonly { reason: string; content: unknown }[]): Promise<void> => {
    const [first] = letters;
    if (!first) return;
    for (const { reason, content } of letters) {
      const text = JSON.stringify(content);
      await redis.xadd(keys.aside, 'MAXLEN', '~', KEPT_ASIDE, '*', 'reason', reason, 'content', text);
    }
    refused += letters.length;
    const found = { count: letters.length, reason: first.reason, key: keys.aside };
    log.error(found, 'What is in the stream and cannot be stored was put aside');
  };

  const take = async (from: '0' | '>'): Promise<Entry[]> => {
    const answer = await redis.eval(TAKE, 2, ...both, GROUP, me, from, PER_WRITE, MOST_ENTRIES);
    const [waiting, entries] = answer as [number, RawEntry[]];
    onWaiting(waiting);
    return entries.map(toEntry);
  };

  const finish = async (entries: readonly Entry[]): Promise<void> => {
    const unique = new Map<string, TrackedEvent>();
    for (const { events } of entries) for (const event of events ?? []) unique.set(event.id, event);
    // By rising id: two processes with the same events cannot wait for each other in a circle.
    const sorted = [...unique.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    const { duplicates, wrong, expired } = await storeGroup(sorted, { write, makeDays });
    const foreign = entries.filter(({ events }) => events === undefined);
    await putAside([
      ...foreign.map(({ fields }) => ({ reason: 'it is no batch of events', content: fields })),
      ...wrong.map(({ event, reason }) => ({ reason, content: event })),
    ]);
    if (expired > 0) log.error({ expired }, 'Events waited for longer than events are kept: they were dropped');
    refused += expired;
    onDuplicates(duplicates);
    const ended = entries.flatMap(({ id, counted }) => [id, counted]);
    onWaiting(Number(await redis.eval(SETTLE, 2, ...both, GROUP, ...ended)));
  };

  const step = async (): Promise<boolean> => {
    if (!unfinished && clock.now() >= claimAt) {
      const claimed = await redis.eval(CLAIM, 1, keys.stream, GROUP, me, claimAfterMs, MOST_ENTRIES, GONE_MS);
      claimAt = clock.now() + claimAfterMs / 3;
      unfinished = Number(claimed) > 0;
    }
    const first = unfinished;
    // Until it has ended well this may have left something: taken by a command whose answer was lost, or not stored.
    unfinished = true;
    const entries = await take(first ? '0' : '>');
    if (entries.length > 0) await finish(entries);
    unfinished = first && entries.length > 0;
    const events = entries.reduce((sum, { counted }) => sum + counted, 0);
    return first || events >= PER_WRITE || entries.length >= MOST_ENTRIES;
  };

  const loop = runLoop({ name: 'tracking-stream', step, idleMs: IDLE_MS, clock, log });
  return {
    status: () => ({ ...loop.status(), refused }),
    wake: loop.wake,
    close: async () => {
      await loop.close();
      await redis
        .eval(LEAVE, 1, keys.stream, GROUP, me)
        .catch((error: unknown) => log.debug({ err: error }, 'The group was not left: it forgets us by itself'));
    },
  };
}
