import type pg from 'pg';
import type { Clock } from '../../kernel/clock';
import { nothingAtCommit, together } from '../database';
import { bounded, HandlerTimeout } from './bounded';
import type { PublishedEvent } from './events';
import { Inbox, type Failure, type Letter } from './inbox';
import { backoffMs } from '../loop';
import type { Positions } from './reader';

/**
 * Applies one event through `client`, whose transaction also records that it was applied: both happen or neither.
 * Throwing undoes what it did and counts as a failed attempt, and so does taking longer than `handlerMs`. What it does outside of the
 * transaction may be done again.
 */
export type EventHandler = (event: PublishedEvent, client: pg.PoolClient) => Promise<void>;

/**
 * Applies several events at once, to the same effect as the handler would one after the other: in order for each aggregate. Used
 * where nothing is parked; when it throws, the handler gets them one by one.
 */
export type BatchHandler = (events: readonly PublishedEvent[], client: pg.PoolClient) => Promise<void>;

export interface Consumer {
  readonly group: string;
  /** Only events of this kind of aggregate; every other is passed over. */
  readonly kind: string | undefined;
  readonly handler: EventHandler;
  readonly batchHandler?: BatchHandler | undefined;
  /** Attempts after the first. */
  readonly retries: number;
  readonly backoff: { readonly firstMs: number; readonly factor: number; readonly mostMs: number };
  /** How long the handler may take, for an event or a batch. */
  readonly handlerMs: number;
  readonly overdue: Overdue;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Which calls took too long, until that is written down. The transaction in which it comes out is lost with its connection: the next
 * pass has to know.
 */
export interface Overdue {
  batch: boolean;
  /** By aggregate and version: what to note. */
  readonly events: Map<string, string>;
}

/** What one pass did. */
export interface Delivered {
  readonly more: boolean;
  readonly applied: number;
  readonly duplicates: number;
  readonly failures: number;
}

const BATCH = 200;

/**
 * One pass of a consumer over partitions, in one transaction: retries that are due, then the next events. The row lock
 * on each cursor is the lease: one process at a time, given back by the end of the transaction however it ends.
 *
 * An event that cannot be applied becomes a dead letter, and its aggregate is parked: later events of it wait behind in
 * order, while those of other aggregates go on. The letter that failed is `retrying` or `dead`, those behind it are
 * `waiting`; the aggregate is free again when no letter is left.
 */
export async function deliverPartitions(
  client: pg.PoolClient,
  consumer: Consumer,
  partitions: readonly number[],
): Promise<Delivered> {
  // A handler may be undone by a savepoint: then nothing of what it did may be left for the commit.
  nothingAtCommit(client);
  const pass = new Pass(consumer, new Inbox(client, consumer.group, partitions));
  const more = await pass.run();
  return { more, applied: pass.applied, duplicates: pass.duplicates, failures: pass.failures };
}

class Pass {
  applied = 0;
  duplicates = 0;
  failures = 0;

  constructor(
    private readonly consumer: Consumer,
    private readonly inbox: Inbox,
  ) {}

  /** Returns whether there is more to do at once. */
  async run(): Promise<boolean> {
    const positions = await this.inbox.lease();
    if (positions.size === 0) return false;
    const moreParked = await this.retryParked();
    const moreEvents = await this.readOn(positions);
    return moreParked || moreEvents;
  }

  /** Tries the letters of each parked aggregate whose time has come, in order and as far as they succeed. */
  private async retryParked(): Promise<boolean> {
    const due = await this.inbox.dueBy(this.now(), BATCH);
    let more = due.length === BATCH;
    for (const aggregate of due) {
      const parked = await this.inbox.lettersOf(aggregate, BATCH);
      let succeeded = true;
      for (const letter of parked) if (!(succeeded = await this.retry(letter))) break;
      // More than fits into one pass: the next in line goes first in the next one.
      if (succeeded && parked.length === BATCH) more = (await this.inbox.promoteFirst(aggregate, this.now())) || more;
    }
    return more;
  }

  /** Applies the next events after `positions` and moves the cursors past them. */
  private async readOn(positions: Positions): Promise<boolean> {
    // However many partitions: what is locked is locked for the whole batch.
    const limit = Math.ceil(BATCH / positions.size);
    const { whole, ends, events } = await this.inbox.eventsAfter(positions, this.consumer.kind, limit);
    if (ends.size === 0) return false;
    let more = !whole;
    if (events.length === 0) {
      await this.inbox.moveTo(ends);
      return more;
    }
    const aggregates = [...new Set(events.map(({ aggregate }) => aggregate))];
    const [versions, parked] = await together([this.inbox.versionsOf(aggregates), this.inbox.parkedOf(aggregates)]);
    let changed = await this.applyTogether(events, versions, parked);
    if (!changed) {
      changed = new Map();
      more = (await this.applyEach(events, versions, parked, changed)) || more;
    }
    await together([changed.size > 0 ? this.inbox.record(changed) : Promise.resolve(), this.inbox.moveTo(ends)]);
    return more;
  }

  /**
   * The usual case, at a third of the round trips: nothing is parked, missing or a duplicate, and nothing fails. Returns
   * the versions applied, or undefined, having undone everything, when the events have to be taken one by one.
   */
  private async applyTogether(
    events: readonly PublishedEvent[],
    versions: ReadonlyMap<string, number>,
    parked: ReadonlySet<string>,
  ): Promise<Map<string, number> | undefined> {
    const { overdue } = this.consumer;
    if (overdue.batch || overdue.events.size > 0) return undefined;
    const applied = new Map(versions);
    for (const { aggregate, version } of events) {
      const last = applied.get(aggregate);
      if (parked.has(aggregate) || (last !== undefined && version !== last + 1)) return undefined;
      applied.set(aggregate, version);
    }
    const error = await this.atomically(async () => {
      if (this.consumer.batchHandler) await this.handleAll(this.consumer.batchHandler, events);
      else for (const event of events) await this.handle(event);
    });
    // Whose fault an error was, and what to note of it, comes out when they are tried one by one.
    if (error !== undefined) return undefined;
    this.applied += events.length;
    return applied;
  }

  /** Takes the events one by one, so that one that fails undoes only itself. Returns whether letters are to be tried at once. */
  private async applyEach(
    events: readonly PublishedEvent[],
    versions: Map<string, number>,
    parked: Set<string>,
    changed: Map<string, number>,
  ): Promise<boolean> {
    let more = false;
    for (const event of events) {
      const version = versions.get(event.aggregate);
      if (version !== undefined && event.version <= version) {
        this.duplicates++;
      } else if (parked.has(event.aggregate)) {
        // What was missing when the first letter failed has come late: try them all, now in order.
        const missing = version !== undefined && event.version === version + 1;
        more ||= missing;
        const nextAttemptAt = missing ? this.now() : null;
        await this.inbox.park(event, {
          state: missing ? 'retrying' : 'waiting',
          attempts: 0,
          error: null,
          nextAttemptAt,
        });
      } else {
        const error = await this.attempt(event, version);
        if (error === undefined) {
          versions.set(event.aggregate, event.version);
          changed.set(event.aggregate, event.version);
        } else {
          parked.add(event.aggregate);
          await this.inbox.park(event, this.failure(1, error));
        }
      }
    }
    return more;
  }

  /** Tries a letter again; removes it, or notes the failure. */
  private async retry(letter: Letter): Promise<boolean> {
    const { event } = letter;
    const version = (await this.inbox.versionsOf([event.aggregate])).get(event.aggregate);
    if (version !== undefined && event.version <= version) {
      this.duplicates++;
      await this.inbox.discard(letter);
      return true;
    }
    const error = await this.attempt(event, version);
    if (error !== undefined) {
      await this.inbox.noteFailure(letter, this.failure(letter.attempts + 1, error));
      return false;
    }
    await this.inbox.record(new Map([[event.aggregate, event.version]]));
    await this.inbox.discard(letter);
    return true;
  }

  /** Runs the handler; returns what went wrong, having undone what it did. */
  private async attempt(event: PublishedEvent, version: number | undefined): Promise<string | undefined> {
    const error =
      version !== undefined && event.version > version + 1
        ? `version ${version + 1} of ${event.aggregate} is missing: ${event.version} came after ${version}`
        : (this.consumer.overdue.events.get(keyOf(event)) ?? (await this.atomically(() => this.handle(event))));
    if (error === undefined) this.applied++;
    else this.failures++;
    return error;
  }

  private async handle(event: PublishedEvent): Promise<void> {
    const { handler, handlerMs, overdue } = this.consumer;
    const { client } = this.inbox;
    try {
      await bounded(handler(event, client), client, handlerMs);
    } catch (error) {
      if (error instanceof HandlerTimeout) overdue.events.set(keyOf(event), describeError(error));
      throw error;
    }
  }

  private async handleAll(handler: BatchHandler, events: readonly PublishedEvent[]): Promise<void> {
    const { handlerMs, overdue } = this.consumer;
    const { client } = this.inbox;
    try {
      await bounded(handler(events, client), client, handlerMs);
    } catch (error) {
      if (error instanceof HandlerTimeout) overdue.batch = true;
      throw error;
    }
  }

  /** Does all of the work or none of it, and returns what went wrong. Throws only when the connection is gone. */
  private async atomically(work: () => Promise<void>): Promise<string | undefined> {
    const { client } = this.inbox;
    await client.query('savepoint delivery');
    try {
      await work();
      await client.query('release savepoint delivery');
      return undefined;
    } catch (error) {
      if (error instanceof HandlerTimeout) throw error;
      await client.query('rollback to savepoint delivery');
      return describeError(error);
    }
  }

  private failure(attempts: number, error: string): Failure {
    const { retries, backoff, random } = this.consumer;
    if (attempts > retries) return { state: 'dead', attempts, error, nextAttemptAt: null };
    const nextAttemptAt = new Date(this.consumer.clock.now() + backoffMs(attempts, backoff, random));
    return { state: 'retrying', attempts, error, nextAttemptAt };
  }

  private now(): Date {
    return new Date(this.consumer.clock.now());
  }
}

const keyOf = ({ aggregate, version }: PublishedEvent): string => `${aggregate}:${version}`;

/** What a person needs to find the fault, in a form that a text column takes: without NUL, not endless. */
function describeError(error: unknown): string {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return text.replaceAll('\0', '').slice(0, 4_000) || 'unknown error';
}
