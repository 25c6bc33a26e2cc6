import { Redis } from 'ioredis';
import type { Log } from '../../log';

/** How long a command may take before it counts as failed. */
export const COMMAND_MS = 1_000;
/** How long a start waits for Redis before it goes on without. */
const FIRST_CONNECTION_MS = 1_000;

/**
 * A connection that fails fast: by default ioredis keeps commands for later and tries each one twenty times, which hung
 * callers for ten seconds when Redis was killed. Here a command fails at once while there is no connection, and after a
 * second when there is one that says nothing. Connecting is tried again for ever, at most two seconds apart.
 *
 * Resolves when connected, or after a second without: an absent Redis stops nobody from starting.
 */
export async function openRedis(url: string, { name, log }: { name: string; log: Log }): Promise<Redis> {
  const redis = new Redis(url, {
    connectionName: name,
    connectTimeout: COMMAND_MS,
    commandTimeout: COMMAND_MS,
    // A connection that says nothing for this long is given up: the other side may be gone without a farewell.
    socketTimeout: 5 * COMMAND_MS,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    keepAlive: 10_000,
    // How long a close waits for a connection that may be gone already.
    disconnectTimeout: 200,
    retryStrategy: (attempt) => Math.min(2_000, 50 * 2 ** Math.min(attempt, 10)),
  });
  // Whoever gives commands hears of the failure by them, counts and reports it; without a listener ioredis prints.
  redis.on('error', (error: unknown) => log.debug({ err: error }, 'The connection to Redis failed'));
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, FIRST_CONNECTION_MS);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  return redis;
}
