import { systemClock, type Clock } from '../../kernel/clock';
import type { Log } from '../log';
import { hangBell } from './bell';
import type { OutboxDatabase } from './database';
import {
  findDeadLetter,
  listAllLetters,
  listDeadLetters,
  replayDeadLetters,
  type DeadLetter,
  type LetterSelection,
  type Queryable,
} from './dead-letters';
import { startFollower, type Follower, type FollowerStatus, type FollowOptions } from './follow';
import type { LoopStatus } from '../loop';
import { readPositions, type Positions } from './reader';
import { startRelay } from './relay';
import { startSubscription, type SubscribeOptions, type Subscription, type SubscriptionStatus } from './subscribe';
import { startSweep } from './sweep';

/** One or two failures in a row are a restart of the database; more are worth a red light. */
const ERRORS_OF_TROUBLE = 3;

export interface OutboxStatus {
  /** Whether published events are heard of at once; readers poll when not. */
  readonly listening: boolean;
  readonly relay: LoopStatus & { readonly published: number };
  readonly sweep: LoopStatus & { readonly swept: number };
  readonly subscriptions: readonly SubscriptionStatus[];
  readonly followers: readonly FollowerStatus[];
}

/** The outbox of a running process. Writing needs none of it: see appendEvents. */
export interface Outbox {
  /** Starts a durable consumer, shared by all processes that use its group's name. */
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** Reads along in this process alone: for read models in memory. */
  follow(options: FollowOptions): Follower;
  /** Calls the listener whenever some process has published; returns how to stop that. A convenience: poll as well. */
  onPublished(listener: () => void): () => void;
  /** Where the log ends: take it before loading the state that a follower's events are to be applied to. */
  positions(): Promise<Positions>;
  deadLetters(selection: LetterSelection, limit?: number): Promise<DeadLetter[]>;
  /** Of one group, or of all: the oldest first. */
  allDeadLetters(group: string | undefined, limit: number): Promise<DeadLetter[]>;
  /** Read through `client` where one is given: in its transaction. */
  findDeadLetter(id: string, client?: Queryable): Promise<DeadLetter | undefined>;
  /**
   * Tries given-up events again, in order; returns how many aggregates that sets going. With `client`, in the caller's
   * transaction: `wake` after its commit spares them the wait.
   */
  replay(selection: LetterSelection, client?: Queryable): Promise<number>;
  /** Lets every consumer of this process look for work now. */
  wake(): void;
  status(): OutboxStatus;
  /** What is wrong, for /readyz: a loop that keeps failing. Undefined when all is well. */
  trouble(): string | undefined;
  /** Ends followers, subscriptions, relay and sweep, each after its running step. */
  close(): Promise<void>;
}

export interface OutboxDependencies {
  readonly database: OutboxDatabase;
  readonly log: Log;
  readonly clock?: Clock;
  /** How long published events are kept. Default: seven days. */
  readonly retentionMs?: number;
}

/** Starts relay, sweep and bell; consumers are added to it. Every process of the application may run one. */
export function startOutbox({ database, log, clock = systemClock, retentionMs }: OutboxDependencies): Outbox {
  const shared = { database, clock, log };
  const bell = hangBell({ url: database.url, clock, log });
  const relay = startRelay(shared);
  const sweep = startSweep(shared, retentionMs);
  const subscriptions = new Set<Subscription>();
  const followers = new Set<Follower>();

  const wake = (): void => {
    for (const subscription of subscriptions) subscription.wake();
  };

  /** Closing a reader also strikes it from the status. */
  const enrol = <R extends { close(): Promise<void> }>(readers: Set<R>, reader: R): R => {
    const enrolled = {
      ...reader,
      close: async () => {
        readers.delete(enrolled);
        await reader.close();
      },
    };
    readers.add(enrolled);
    return enrolled;
  };

  return {
    subscribe: async (options) => enrol(subscriptions, await startSubscription({ ...shared, bell }, options)),
    follow: (options) => enrol(followers, startFollower({ ...shared, bell }, options)),
    onPublished: bell.onRing,
    positions: () => readPositions(database.pool),
    deadLetters: (selection, limit) => listDeadLetters(database.pool, selection, limit),
    allDeadLetters: (group, limit) => listAllLetters(database.pool, group, limit),
    findDeadLetter: (id, client = database.pool) => findDeadLetter(client, id),
    replay: async (selection, client) => {
      const count = await replayDeadLetters(client ?? database.pool, selection, new Date(clock.now()));
      if (!client) wake();
      return count;
    },
    wake,
    status: () => ({
      listening: bell.listening(),
      relay: { ...relay.status(), published: relay.published() },
      sweep: { ...sweep.status(), swept: sweep.swept() },
      subscriptions: [...subscriptions].map((subscription) => subscription.status()),
      followers: [...followers].map((follower) => follower.status()),
    }),
    trouble: () => {
      const readers = [...subscriptions, ...followers].map((reader) => reader.status());
      const failing = [relay.status(), ...readers].find((loop) => loop.consecutiveErrors >= ERRORS_OF_TROUBLE);
      return failing && `${failing.name} has failed ${failing.consecutiveErrors} times in a row: ${failing.lastError}`;
    },
    close: async () => {
      await Promise.all([...followers, ...subscriptions].map((reader) => reader.close()));
      await Promise.all([relay.close(), sweep.close(), bell.close()]);
    },
  };
}
