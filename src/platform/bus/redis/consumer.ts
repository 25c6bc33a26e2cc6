import { randomBytes } from 'node:crypto';
import os from 'node:os';
import type { Redis } from 'ioredis';
import { systemClock, type Clock } from '../../../kernel/clock';
import type { Log } from '../../log';
import { runLoop, type LoopStatus } from '../../loop';
import { PARTITIONS } from '../../outbox';
import type { OutboxDatabase } from '../../outbox/database';
import type { BusHandler } from '../inbox';
import { keysOf } from './keys';
import { Lane, LeaseLostError, type BusConsumer } from './lane';
import { RELEASE_LEASES, TAKE_LEASES } from './scripts';

export interface BusSubscribeOptions {
  /** Attempts after the first, before an event is a dead letter. Default 3. */
  readonly retries?: number;
  /** Pauses before the retries: 1 s, 4 s, 16 s by default, shortened at random by up to a half. */
  readonly backoff?: { readonly firstMs: number; readonly factor: number; readonly mostMs: number };
  /** The stream of its dead letters. Default: one named after the group. */
  readonly deadLetter?: string;
  /** Only events of this kind of aggregate: "order". All when absent. */
  readonly kind?: string;
  /** How long the handler may take with one event before that counts as a failed attempt. Default 60 s. */
  readonly handlerMs?: number;
  /** How long a process may be silent before others take over what it had read. Default 30 s. */
  readonly leaseMs?: number;
}

export interface BusSubscriptionStatus extends LoopStatus {
  readonly group: string;
  /** The partitions that this process reads. */
  readonly partitions: readonly number[];
  readonly applied: number;
  readonly duplicates: number;
  /** Failed attempts. */
  readonly failures: number;
  /** Events that became dead letters. */
  readonly buried: number;
  /** Entries taken over from a process that had read and not finished them. */
  readonly claimed: number;
  /** Events that were trimmed from the streams before the group had read them. */
  readonly missed: number;
}

export interface BusSubscription {
  status(): BusSubscriptionStatus;
  /** Finishes the running events and gives its partitions back. */
  close(): Promise<void>;
}

export interface BusReaderDependencies {
  /** Of openRedis: a client with other timeouts can hang for long. */
  readonly redis: Redis;
  /** EASY11_REDIS_PREFIX of the shop. */
  readonly prefix: string;
  /** Where the inbox is and the handler's effects go. */
  readonly database: Pick<OutboxDatabase, 'transaction'>;
  readonly log: Log;
  readonly clock?: Clock;
}

const GROUP = /^[a-z0-9][a-z0-9-]{0,63}$/;
const IDLE_MS = 100;
const BACKOFF = { firstMs: 1_000, factor: 4, mostMs: 60_000 } as const;
const LEASE_MS = 30_000;
const HANDLER_MS = 60_000;

/**
 * Reads the bus from another process than the shop's: every event at least once, each applied once, in order per
 * aggregate. Processes that use the same group share the partitions; one that falls silent is replaced. A new group
 * begins with the oldest event that the streams keep. Redis may be away: reading goes on when it is back.
 */
export function subscribeToBus(
  { redis, prefix, database, log, clock = systemClock }: BusReaderDependencies,
  group: string,
  handler: BusHandler,
  options: BusSubscribeOptions = {},
): BusSubscription {
  if (!GROUP.test(group)) throw new RangeError(`a group is named with a-z, 0-9 and -, not "${group}"`);
  const { retries = 3, backoff = BACKOFF, deadLetter, kind, leaseMs = LEASE_MS, handlerMs = HANDLER_MS } = options;
  const keys = keysOf(prefix);
  const me = `${os.hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
  const dead = deadLetter ?? keys.dead(group);
  const counts = { applied: 0, duplicates: 0, failures: 0, buried: 0, claimed: 0, missed: 0 };
  const consumer: BusConsumer = {
    ...{ redis, database, keys, me, group, kind, handler, handlerMs, retries, backoff, dead, clock, log, counts },
  };
  const lanes = new Map<number, Lane>();
  const leases = Array.from({ length: PARTITIONS }, (_, partition) => keys.lease(group, partition));

  const hold = async (): Promise<boolean> => {
    const names = [keys.members(group), keys.groups, ...leases];
    const held = (await redis.eval(TAKE_LEASES, names.length, ...names, me, leaseMs, group, dead)) as [number, 0 | 1][];
    const partitions = new Set(held.map(([partition]) => partition));
    for (const partition of lanes.keys()) if (!partitions.has(partition)) lanes.delete(partition);
    // One that is newly taken begins with what its last holder left, even if that was this process a while ago.
    for (const [partition, fresh] of held)
      if (fresh === 1 || !lanes.has(partition)) lanes.set(partition, new Lane(consumer, partition));
    if (held.some(([, fresh]) => fresh === 1)) reading.wake();
    return false;
  };

  const read = async (): Promise<boolean> => {
    const passes = await Promise.allSettled([...lanes.values()].map((lane) => stepOf(lane)));
    const failed = passes.find((pass) => pass.status === 'rejected');
    if (failed) throw failed.reason;
    return passes.some((pass) => pass.status === 'fulfilled' && pass.value);
  };
  const stepOf = async (lane: Lane): Promise<boolean> => {
    try {
      return await lane.step();
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      log.info({ group, reason: error.message }, 'A partition of the bus has changed hands');
      if (lanes.get(lane.partition) === lane) lanes.delete(lane.partition);
      holding.wake();
      return false;
    }
  };

  const reading = runLoop({ name: `bus-consumer-${group}`, step: read, idleMs: IDLE_MS, clock, log });
  const holding = runLoop({ name: `bus-lease-${group}`, step: hold, idleMs: leaseMs / 3, clock, log });

  return {
    status: () => {
      const [loop, lease] = [reading.status(), holding.status()];
      // Without leases there is nothing to read and nothing to fail at: the worse of the two tells the truth.
      const worse = lease.consecutiveErrors > loop.consecutiveErrors ? lease : loop;
      return { ...worse, errors: loop.errors + lease.errors, group, partitions: [...lanes.keys()].sort(), ...counts };
    },
    close: async () => {
      await holding.close();
      await reading.close();
      const names = [keys.members(group), ...leases];
      await redis
        .eval(RELEASE_LEASES, names.length, ...names, me)
        .catch((error: unknown) => log.debug({ err: error, group }, 'The leases were not given back; they run out'));
    },
  };
}
