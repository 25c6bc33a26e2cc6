import { systemClock, type Clock } from '../../kernel/clock';
import type { Log } from '../log';
import type { Bell } from './bell';
import type { OutboxDatabase } from './database';
import { HandlerTimeout } from './bounded';
import { deliverPartitions, type BatchHandler, type Consumer, type Delivered, type EventHandler } from './deliver';
import { runLoop, type LoopStatus } from '../loop';

export interface SubscribeOptions {
  /** The consumer's name: processes that subscribe with the same one share the work. Stable: its progress hangs on it. */
  readonly group: string;
  /** Only events of this kind of aggregate: "product". All when absent. */
  readonly kind?: string;
  readonly handler: EventHandler;
  /** For events that come in numbers: the same effect for many of them at once. */
  readonly batchHandler?: BatchHandler;
  /**
   * Called after the commit of what the handler did, once for many events: to wake somebody in this process who looks at it. A
   * process that dies in between calls nobody.
   */
  readonly onApplied?: () => void;
  /** Where a group that is new begins: with the oldest event there is (default), or after the newest. */
  readonly begin?: 'oldest' | 'now';
  /** Attempts after the first, before an event is given up. Default 3. */
  readonly retries?: number;
  /** Pauses before the retries: 1 s, 4 s, 16 s by default, shortened at random by up to a half. */
  readonly backoff?: { readonly firstMs: number; readonly factor: number; readonly mostMs: number };
  /** How long the handler may take before it counts as failed. Default 55 s. */
  readonly handlerMs?: number;
  readonly random?: () => number;
}

export interface SubscriptionStatus extends LoopStatus {
  readonly group: string;
  readonly applied: number;
  readonly duplicates: number;
  readonly failures: number;
}

export interface Subscription {
  status(): SubscriptionStatus;
  /** Looks for work now. */
  wake(): void;
  close(): Promise<void>;
}

const BACKOFF = { firstMs: 1_000, factor: 4, mostMs: 60_000 } as const;
const IDLE_MS = 500;
/** Less than the minute after which PostgreSQL takes the lease from a process that is silent. */
const HANDLER_MS = 55_000;

/** Starts a durable consumer: every event at least once, each applied once, in order per aggregate, surviving crashes. */
export async function startSubscription(
  { database, bell, clock = systemClock, log }: { database: OutboxDatabase; bell: Bell; clock?: Clock; log: Log },
  options: SubscribeOptions,
): Promise<Subscription> {
  const { group, kind, handler, batchHandler, onApplied, begin = 'oldest', retries = 3, backoff = BACKOFF } = options;
  const { handlerMs = HANDLER_MS, random = Math.random } = options;
  const overdue = { batch: false, events: new Map<string, string>() };
  const calls = { handler, batchHandler, handlerMs, overdue };
  const consumer: Consumer = { group, kind, ...calls, retries, backoff, clock, random };
  await database.pool.query(
    `insert into outbox_cursors (consumer_group, partition, position)
     select $1, partition, case when $2 then 0 else position end from outbox_partitions
     on conflict do nothing`,
    [group, begin === 'oldest'],
  );

  let [applied, duplicates, failures] = [0, 0, 0];
  /** Undefined where a handler took too long: the next pass notes it, and goes on without it. */
  const deliver = async (partitions: readonly number[]): Promise<Delivered | undefined> => {
    try {
      const pass = await database.transaction((client) => deliverPartitions(client, consumer, partitions));
      overdue.batch = false;
      overdue.events.clear();
      return pass;
    } catch (error) {
      if (!(error instanceof HandlerTimeout)) throw error;
      log.warn({ group, partitions, err: error }, 'A handler took too long');
      return undefined;
    }
  };
  const step = async (): Promise<boolean> => {
    const work = await database.pool.query<{ partition: number }>({
      name: 'outbox-work',
      text: `select cursor.partition from outbox_cursors as cursor
       join outbox_partitions as head on head.partition = cursor.partition
       where cursor.consumer_group = $1 and (cursor.position < head.position or exists (
         select from outbox_dead_letters as letter
         where letter.consumer_group = $1 and letter.partition = cursor.partition
           and letter.state = 'retrying' and letter.next_attempt_at <= $2))`,
      values: [group, new Date(clock.now())],
    });
    const partitions = work.rows.map(({ partition }) => partition);
    if (partitions.length === 0) return false;
    const pass = await deliver(partitions);
    if (!pass) return true;
    applied += pass.applied;
    if (pass.applied > 0) onApplied?.();
    duplicates += pass.duplicates;
    if (pass.failures > 0) log.warn({ group, partitions, failures: pass.failures }, 'Events could not be applied');
    failures += pass.failures;
    return pass.more;
  };

  const loop = runLoop({ name: `outbox-consumer-${group}`, step, idleMs: IDLE_MS, clock, log, random });
  const unhook = bell.onRing(loop.wake);
  return {
    status: () => ({ ...loop.status(), group, applied, duplicates, failures }),
    wake: loop.wake,
    close: async () => {
      unhook();
      await loop.close();
    },
  };
}
