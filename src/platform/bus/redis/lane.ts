import type { Redis } from 'ioredis';
import type { Clock } from '../../../kernel/clock';
import type { Log } from '../../log';
import { backoffMs } from '../../loop';
import { partitionOf, type CloudEvent } from '../../outbox';
import { kindOf } from '../../outbox/reader';
import { applyOnce, type Applied, type BusHandler } from '../inbox';
import type { OutboxDatabase } from '../../outbox/database';
import type { Keys } from './keys';
import { fieldOf, lettersOf, toEntry, type Entry, type RawEntry } from './entry';
import { BURY, CLAIM, END_REPLAY, READ } from './scripts';

/** What all partitions of a consumer have in common. */
export interface BusConsumer {
  readonly redis: Redis;
  readonly database: Pick<OutboxDatabase, 'transaction'>;
  readonly keys: Keys;
  readonly me: string;
  readonly group: string;
  readonly kind: string | undefined;
  readonly handler: BusHandler;
  readonly handlerMs: number;
  readonly retries: number;
  readonly backoff: { readonly firstMs: number; readonly factor: number; readonly mostMs: number };
  /** The stream of its dead letters. */
  readonly dead: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly counts: {
    applied: number;
    duplicates: number;
    failures: number;
    buried: number;
    claimed: number;
    missed: number;
  };
}

/** Another process holds the partition by now. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** An entry that is an event. */
type Read = Entry & { readonly event: CloudEvent };

interface Retry {
  /** The one that failed, and what came of the same aggregate since. */
  readonly entries: Read[];
  readonly dueAt: number;
}

const BATCH = 100;
/** Entries that wait for a retry; with more, nothing new is read. */
const WAITING_MOST = 1_000;

const positionOf = (id: string): number => Number(id.slice(0, id.indexOf('-')));

/**
 * One partition as the holder of its lease works through it: an event after the other, in order. One that fails holds up
 * its aggregate alone: it is tried again after a pause, then moved to the dead letters, and those behind it follow it there.
 */
export class Lane {
  private claimed = false;
  private readonly retrying = new Map<string, Retry>();
  private done: string[] = [];

  constructor(
    private readonly consumer: BusConsumer,
    readonly partition: number,
  ) {}

  /** Does what there is to do; returns whether there is more at once. Throws LeaseLostError when it was overtaken. */
  async step(): Promise<boolean> {
    try {
      if (!this.claimed) await this.claim();
      await this.replay();
      await this.retry();
      const waiting = [...this.retrying.values()].reduce((sum, { entries }) => sum + entries.length, 0);
      if (waiting >= WAITING_MOST) return false;
      const entries = await this.read();
      await this.deal(entries);
      return entries.length === BATCH;
    } catch (error) {
      // What was read and not finished is pending in Redis: it comes again, from there.
      this.retrying.clear();
      this.claimed = false;
      throw error;
    } finally {
      await this.acknowledge();
    }
  }

  /** What the last holder had read and not finished comes first. */
  private async claim(): Promise<void> {
    const { redis, keys, group, me, counts } = this.consumer;
    const answer = await redis.eval(
      CLAIM,
      2,
      keys.lease(group, this.partition),
      keys.stream(this.partition),
      me,
      group,
    );
    const [entries, gone] = this.fenced(answer) as [RawEntry[], number];
    counts.claimed += entries.length;
    this.miss(gone);
    const taken = entries.map(toEntry);
    await this.deal(taken);
    // The last holder may have failed at some of them.
    const done = new Set(this.done);
    const ended = taken.flatMap(({ id, event }) => (event && done.has(id) ? [event.id] : []));
    if (ended.length > 0) await redis.hdel(keys.attempts(group), ...ended);
    this.claimed = true;
  }

  private async read(): Promise<Entry[]> {
    const { redis, keys, group, me } = this.consumer;
    const names = [keys.lease(group, this.partition), keys.stream(this.partition)];
    const [last, raw] = this.fenced(await redis.eval(READ, 2, ...names, me, group, BATCH)) as [string, RawEntry[]];
    const entries = raw.map(toEntry);
    // Positions have no gaps. A group that begins takes the stream as it finds it.
    const first = entries[0];
    if (first && last !== '0-0') this.miss(positionOf(first.id) - positionOf(last) - 1);
    return entries;
  }

  private miss(count: number): void {
    const { counts, log, group } = this.consumer;
    if (count <= 0) return;
    counts.missed += count;
    log.error(
      { group, partition: this.partition, count },
      'A consumer was behind for so long that events were trimmed',
    );
  }

  /** Applies entries in order, or puts them behind the earlier ones of their aggregate. */
  private async deal(entries: readonly Entry[]): Promise<void> {
    const { kind, redis, keys, group } = this.consumer;
    const isWanted = (event: CloudEvent): boolean => kind === undefined || kindOf(event.partitionkey) === kind;
    const aggregates = [
      ...new Set(entries.flatMap(({ event }) => (event && isWanted(event) ? [event.partitionkey] : []))),
    ];
    const parked = new Set<string>();
    if (aggregates.length > 0) {
      const answers = await redis.smismember(keys.parked(group), ...aggregates);
      aggregates.forEach((aggregate, i) => answers[i] === 1 && parked.add(aggregate));
    }
    for (const { id, text, event } of entries) {
      if (!event) {
        await this.bury({ id, text, event }, 'dead', 1, `the entry ${id} of partition ${this.partition} is no event`);
        continue;
      }
      const entry = { id, text, event };
      const aggregate = event.partitionkey;
      const behind = this.retrying.get(aggregate);
      if (!isWanted(event)) this.done.push(id);
      else if (behind) behind.entries.push(entry);
      else if (parked.has(aggregate)) await this.bury(entry, 'waiting', 0, '');
      else if (!(await this.attempt(entry)) && !this.retrying.has(aggregate)) parked.add(aggregate);
    }
  }

  /** Tries the events whose pause is over, and those behind them. */
  private async retry(): Promise<void> {
    const now = this.consumer.clock.now();
    for (const [aggregate, { entries, dueAt }] of [...this.retrying]) {
      if (dueAt > now) continue;
      this.retrying.delete(aggregate);
      let tried = 0;
      for (; tried < entries.length; tried++) if (!(await this.attempt(entries[tried] as Read))) break;
      if (tried > 0) await this.forgetAttempts(entries[0] as Read);
      const behind = entries.slice(tried + 1);
      const again = this.retrying.get(aggregate);
      if (again) again.entries.push(...behind);
      else for (const entry of behind) await this.bury(entry, 'waiting', 0, '');
    }
  }

  private async forgetAttempts({ event }: Read): Promise<void> {
    await this.consumer.redis.hdel(this.consumer.keys.attempts(this.consumer.group), event.id);
  }

  /** Returns whether it is applied. If not, it is to be tried again or is a dead letter. */
  private async attempt(entry: Read): Promise<boolean> {
    const { redis, keys, group, retries, backoff, clock } = this.consumer;
    const outcome = await this.apply(entry.event);
    if (outcome.state !== 'failed') {
      this.done.push(entry.id);
      return true;
    }
    // In Redis, so that an event is given up however often its consumers are restarted.
    const attempts = await redis.hincrby(keys.attempts(group), entry.event.id, 1);
    if (attempts > retries) await this.bury(entry, 'dead', attempts, outcome.error);
    else {
      const dueAt = clock.now() + backoffMs(attempts, backoff);
      this.retrying.set(entry.event.partitionkey, { entries: [entry], dueAt });
    }
    return false;
  }

  private async apply(event: CloudEvent): Promise<Applied> {
    const { database, group, handler, handlerMs, counts } = this.consumer;
    const outcome = await applyOnce(database, group, event, handler, handlerMs);
    if (outcome.state === 'applied') counts.applied++;
    else if (outcome.state === 'duplicate') counts.duplicates++;
    else counts.failures++;
    return outcome;
  }

  private async bury(
    { id, text, event }: Entry,
    state: 'dead' | 'waiting',
    attempts: number,
    error: string,
  ): Promise<void> {
    const { redis, keys, group, me, dead, counts, log } = this.consumer;
    const names = [keys.lease(group, this.partition), keys.stream(this.partition), dead, keys.parked(group)];
    const values = [me, group, id, event?.id ?? '', event?.partitionkey ?? '', state, attempts, error, text];
    this.fenced(await redis.eval(BURY, 5, ...names, keys.attempts(group), ...values));
    if (state !== 'dead') return;
    counts.buried++;
    log.warn(
      { group, event: event?.id ?? id, attempts, reason: error.split('\n', 1)[0] },
      'An event of the bus is a dead letter',
    );
  }

  /** Tries the dead letters of the aggregates that somebody asked for, in order and as far as they succeed. */
  private async replay(): Promise<void> {
    const { redis, keys, group, me } = this.consumer;
    const asked = await redis.smembers(keys.replay(group));
    for (const aggregate of asked.filter((name) => partitionOf(name) === this.partition)) {
      const succeeded = await this.replayLetters(aggregate);
      const names = [keys.lease(group, this.partition), keys.replay(group), keys.parked(group)];
      this.fenced(await redis.eval(END_REPLAY, 3, ...names, me, aggregate, succeeded ? 1 : 0));
    }
  }

  private async replayLetters(aggregate: string): Promise<boolean> {
    const { redis, keys, group, dead, clock } = this.consumer;
    for await (const raw of lettersOf(redis, dead, group)) {
      const { id, event } = toEntry(raw);
      if (event?.partitionkey !== aggregate) continue;
      const outcome = await this.apply(event);
      if (outcome.state === 'failed') {
        const known = await redis.hget(keys.failures(group), id);
        const before = known === null ? Number(fieldOf(raw[1], 'attempts')) : (JSON.parse(known) as Failure).attempts;
        const failure: Failure = { attempts: before + 1, error: outcome.error, at: clock.now() };
        await redis.hset(keys.failures(group), id, JSON.stringify(failure));
        return false;
      }
      await redis.xdel(dead, id);
      await redis.hdel(keys.failures(group), id);
    }
    return true;
  }

  private async acknowledge(): Promise<void> {
    if (this.done.length === 0) return;
    const { redis, keys, group } = this.consumer;
    // Forgotten only afterwards: what Redis did not hear of would stay pending there.
    await redis.xack(keys.stream(this.partition), group, ...this.done);
    this.done = [];
  }

  private fenced(answer: unknown): unknown {
    if (answer === null) throw new LeaseLostError(`partition ${this.partition} has another reader`);
    return answer;
  }
}

/** What a replay of a dead letter came to. */
export interface Failure {
  readonly attempts: number;
  readonly error: string;
  readonly at: number;
}
