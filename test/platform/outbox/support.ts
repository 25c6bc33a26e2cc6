import { pino } from 'pino';
import type { Clock } from '../../../src/kernel/clock';
import type { Database } from '../../../src/platform/database';
import {
  appendEvents,
  PARTITIONS,
  partitionOf,
  type OutboxEvent,
  type PublishedEvent,
} from '../../../src/platform/outbox';
import { publishPartition } from '../../../src/platform/outbox/relay';
import { EVENT_COLUMNS, toEvent, type EventRow } from '../../../src/platform/outbox/reader';

export const silent = pino({ level: 'silent' });

export function thing(name: string, version: number, data: unknown = {}): OutboxEvent {
  return {
    aggregate: `thing:${name}`,
    version,
    type: 'easy11.thing.changed.v1',
    source: '/easy11/test',
    subject: name,
    data,
  };
}

/** Appends events in a transaction of their own. */
export function append(database: Database, ...events: OutboxEvent[]): Promise<void> {
  return database.transaction((client) => appendEvents(client, events));
}

/** Publishes everything that is committed; returns how much that was. */
export async function publishAll(database: Database): Promise<number> {
  let published = 0;
  for (let partition = 0; partition < PARTITIONS; partition++)
    published += await database.transaction((client) => publishPartition(client, partition));
  return published;
}

/** The whole log, partition by partition, in order of position. */
export async function readLog(database: Database): Promise<PublishedEvent[]> {
  const result = await database.pool.query<EventRow>(
    `select ${EVENT_COLUMNS} from outbox_events as event where position is not null order by partition, position`,
  );
  return result.rows.map(toEvent);
}

/** Two names whose aggregates share a partition. */
export function neighbours(): [string, string] {
  const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
  const [first = ''] = names;
  const second = names.find((name, i) => i > 0 && partitionOf(`thing:${name}`) === partitionOf(`thing:${first}`));
  return [first, second!];
}

/** Waits until the condition holds; fails with what was awaited after a minute. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/**
 * Does what was asked when every connection was just cut: the pool may give out ones whose end it has not heard of yet, and whoever
 * got one tries again. `work` may have been done by an attempt whose answer was lost.
 */
export async function throughLostConnections(work: () => Promise<unknown>): Promise<void> {
  await until('a living connection was found', () =>
    work().then(
      () => true,
      (error: Error & { code?: string }) => {
        if (error.code?.startsWith('57P') || /terminated|ECONNRESET|EPIPE/.test(error.message)) return false;
        throw error;
      },
    ),
  );
}

/** A clock that stands still until moved. Its sleepers wake when their time has come. */
export class TestClock implements Clock {
  private time = Date.UTC(2026, 0, 1);
  private readonly sleepers = new Set<{ at: number; wake: () => void }>();
  readonly slept: number[] = [];

  now(): number {
    return this.time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.slept.push(ms);
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const sleeper = {
        at: this.time + ms,
        wake: () => {
          this.sleepers.delete(sleeper);
          resolve();
        },
      };
      this.sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  advance(ms: number): void {
    this.time += ms;
    for (const sleeper of [...this.sleepers]) if (sleeper.at <= this.time) sleeper.wake();
  }
}
